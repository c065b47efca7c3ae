//! `containers`.

use std::collections::BTreeMap;
use std::str::FromStr;

use appia_diag::{Diagnostic, Span, Spanned, codes};
use appia_intent::{
    Build, Container, ContainerName, Limits, Probes, Ready, Reference, Segment, Template, VolumeMount,
    VolumeSource,
};

use super::scope::Bare;
use super::{Reader, probe};
use crate::value;
use crate::yaml::{Entry, Node, Value};

impl Reader<'_> {
    pub(super) fn containers(&mut self, node: Option<&Node>) -> BTreeMap<ContainerName, Box<Container>> {
        let mut containers = BTreeMap::new();
        for entry in node.map(Node::entries).unwrap_or_default() {
            if let Ok(name) = ContainerName::new(&entry.key.value) {
                let name = Spanned::new(name, entry.key.span.clone());
                containers.insert(name.value.clone(), Box::new(self.container(name, &entry.value)));
            }
        }
        if let (Some(node), true) = (node, containers.is_empty())
            && matches!(node.value, Value::Map(_))
            && node.entries().is_empty()
        {
            self.sink.push(
                Diagnostic::new(codes::SCORE_SCHEMA, "`containers` names no container")
                    .at(&node.span)
                    .help("add one, such as `main: { image: nginx }`"),
            );
        }
        containers
    }

    fn container(&mut self, name: Spanned<ContainerName>, node: &Node) -> Container {
        let image = value::text(node.get("image"));
        let build = image.as_ref().filter(|image| image.value == ".").map(|image| {
            let build = Build {
                context: ".".to_owned(),
                builder: None,
                command: None,
                output: None,
                binary: None,
                dockerfile: None,
            };
            Spanned::new(build, image.span.clone())
        });
        Container {
            name,
            image: image.filter(|_| build.is_none()),
            build,
            command: node.get("command").and_then(words),
            args: node.get("args").and_then(words),
            env: self.variables(node.get("variables")),
            files: self.file_mounts(node.get("files")),
            volumes: self.volumes(node.get("volumes")),
            probes: Probes {
                readiness: probe::probe(node.get("readinessProbe")),
                liveness: probe::probe(node.get("livenessProbe")),
            },
            cpu: limits(node, "cpu"),
            memory: limits(node, "memory"),
            threads: None,
            demand: None,
            before: before(node.get("before")),
        }
    }

    fn variables(&mut self, node: Option<&Node>) -> BTreeMap<String, Spanned<Template>> {
        let mut variables = BTreeMap::new();
        for entry in node.map(Node::entries).unwrap_or_default() {
            let Some(text) = entry.value.text() else { continue };
            let span = &entry.value.span;
            if let Some(template) = self.scope.template(text, Bare::Refused, (span, &mut *self.sink)) {
                variables.insert(entry.key.value.clone(), Spanned::new(template, span.clone()));
            }
        }
        variables
    }

    fn volumes(&mut self, node: Option<&Node>) -> BTreeMap<String, Spanned<VolumeMount>> {
        let mut volumes = BTreeMap::new();
        for (target, node) in self.by_target(node, "volumes") {
            let mut read_only = node.entry("readOnly");
            if let Some(old) = node.entry("read_only") {
                self.deprecated("`read_only` is the old spelling of `readOnly`", &old.key.span);
                read_only = Some(old);
            }
            let read_only = read_only.and_then(|entry| value::flag(Some(&entry.value))).unwrap_or(false);
            let path = value::text(node.get("path"));
            if let Some(path) = path.as_ref().filter(|path| leaves(&path.value)) {
                self.sink.push(leads_out(&path.value, &path.span));
            }
            let path = path.map(|path| path.value);
            if let Some(source) = self.volume_source(node.get("source")) {
                let mount = VolumeMount { source, path, read_only };
                volumes.insert(target, Spanned::new(mount, node.span.clone()));
            }
        }
        volumes
    }

    fn volume_source(&mut self, node: Option<&Node>) -> Option<VolumeSource> {
        let node = node?;
        let template = self.scope.template(node.text()?, Bare::Allowed, (&node.span, &mut *self.sink))?;
        if let Some(text) = template.as_literal() {
            return Some(VolumeSource::Named(text.to_owned()));
        }
        if let [Segment::Reference(Reference::Resource { name, .. })] = template.segments() {
            return Some(VolumeSource::Resource(name.clone()));
        }
        self.sink.push(
            Diagnostic::new(codes::BAD_PLACEHOLDER, "a volume's `source` is one resource or one name")
                .at(&node.span)
                .help("write `${resources.NAME}`"),
        );
        None
    }

    /// The entries of a mapping by path, or of the older list form by `target`.
    pub(super) fn by_target<'n>(&mut self, node: Option<&'n Node>, key: &str) -> Vec<(String, &'n Node)> {
        let Some(node) = node else { return Vec::new() };
        if !node.items().is_empty() {
            self.deprecated(&format!("`{key}` as a list is the old form: use a mapping by path"), &node.span);
        }
        let listed =
            node.items().iter().filter_map(|item| Some((item.get("target")?.text()?.to_owned(), item)));
        let mapped = node.entries().iter().map(|entry| (entry.key.value.clone(), &entry.value));
        let mut known: BTreeMap<String, &Node> = BTreeMap::new();
        let mut all = Vec::new();
        for (target, node) in listed.chain(mapped) {
            if leaves(&target) {
                self.sink.push(leads_out(&target, &node.span));
                continue;
            }
            match known.get(&target) {
                None => {
                    known.insert(target.clone(), node);
                    all.push((target, node));
                }
                Some(first) => self.sink.push(
                    Diagnostic::new(codes::DUPLICATE_KEY, format!("`{target}` is written twice in `{key}`"))
                        .at(&node.span)
                        .related(&first.span, "first written here")
                        .help("keep one of them"),
                ),
            }
        }
        all
    }

    pub(super) fn deprecated(&mut self, message: &str, span: &Span) {
        self.sink.push(
            Diagnostic::new(codes::SCORE_DEPRECATED, message).at(span).help("it is read as the current form"),
        );
    }
}

fn leaves(path: &str) -> bool {
    path.split('/').any(|part| part == "..")
}

fn leads_out(path: &str, span: &Span) -> Diagnostic {
    Diagnostic::new(codes::BAD_PATH, format!("`{path}` has a `..`, which may lead anywhere"))
        .at(span)
        .help("write the path without `..`")
}

/// A list of words, taken as written: Score expands nothing in `command` and `args`.
fn words(node: &Node) -> Option<Vec<Spanned<String>>> {
    Some(node.items().iter().filter_map(|item| value::text(Some(item))).collect())
}

fn limits<T: FromStr>(node: &Node, key: &str) -> Limits<T> {
    let amount = |side: &str| value::parsed(node.get("resources")?.get(side)?.get(key));
    Limits { request: amount("requests"), limit: amount("limits") }
}

fn before(node: Option<&Node>) -> BTreeMap<ContainerName, Spanned<Ready>> {
    let read = |entry: &Entry| {
        let name = ContainerName::new(&entry.key.value).ok()?;
        Some((name, value::word(entry.value.get("ready"), value::READY_WORDS)?))
    };
    node.map(Node::entries).unwrap_or_default().iter().filter_map(read).collect()
}
