//! A container: what it runs, with which environment, files, volumes and limits.

use std::collections::BTreeMap;
use std::str::FromStr;

use appia_diag::{Diagnostic, Severity, Spanned, codes};
use appia_intent::{
    Build, Builder, Container, ContainerName, Limits, Probes, Ready, Template, VolumeMount, VolumeSource,
};

use super::{Reader, probe};
use crate::yaml::{Entry, Node, Value};
use crate::{files, value};

impl Reader<'_> {
    pub(super) fn container(&mut self, name: Spanned<ContainerName>, node: &Node) -> Container {
        let container = Container {
            name,
            image: value::text(node.get("image")),
            build: node.get("build").and_then(|node| self.build(node)),
            command: value::command(node.get("command")),
            args: value::arguments(node.get("args")),
            env: env(node.get("env")),
            files: self.file_mounts(node.get("files")),
            volumes: volumes(node.get("volumes")),
            probes: Probes {
                readiness: probe::probe(node.get("probes").and_then(|node| node.get("readiness"))),
                liveness: probe::probe(node.get("probes").and_then(|node| node.get("liveness"))),
            },
            cpu: self.limits(node.get("cpu")),
            memory: self.limits(node.get("memory")),
            threads: value::integer(node.get("threads")),
            demand: value::parsed(node.get("demand")),
            before: before(node.get("before")),
        };
        for (key, words) in [("command", &container.command), ("args", &container.args)] {
            self.warn_of_placeholders(key, words.as_deref().unwrap_or_default());
        }
        container
    }

    /// Score's rule, kept here: `command` and `args` are taken as written. A placeholder there is likely a slip.
    fn warn_of_placeholders(&mut self, key: &str, words: &[Spanned<String>]) {
        for word in words {
            if ["${resources.", "${workloads."].iter().any(|start| word.value.contains(start)) {
                let message = format!("placeholders are not filled in `{key}`: it is run as written");
                let mut finding = Diagnostic::new(codes::BAD_PLACEHOLDER, message)
                    .at(&word.span)
                    .help("put the placeholder in a variable under `env` and let the program read that");
                finding.severity = Severity::Warning;
                self.sink.push(finding);
            }
        }
    }

    fn build(&mut self, node: &Node) -> Option<Spanned<Build>> {
        let folder = if matches!(node.value, Value::Map(_)) { node.get("context")? } else { node };
        let build = Build {
            context: files::clean(folder.text()?),
            builder: value::word(node.get("builder"), Builder::ALL),
            command: value::text(node.get("command")),
            output: value::text(node.get("output")),
            binary: value::text(node.get("binary")),
            dockerfile: value::text(node.get("dockerfile")),
        };
        let needs_command = build.builder.as_ref().filter(|builder| builder.value == Builder::Command);
        if let (Some(builder), None) = (needs_command, &build.command) {
            self.sink.push(
                Diagnostic::new(codes::MISSING_KEY, "the builder `command` has no `command`")
                    .at(&builder.span)
                    .help("add `command: make release`"),
            );
        }
        Some(Spanned::new(build, folder.span.clone()))
    }

    /// One amount is request and limit; a mapping states either or both.
    fn limits<T: FromStr + Ord + Clone + std::fmt::Display>(&mut self, node: Option<&Node>) -> Limits<T> {
        let Some(node) = node else { return Limits::default() };
        if !matches!(node.value, Value::Map(_)) {
            let both: Option<Spanned<T>> = value::parsed(Some(node));
            return Limits { request: both.clone(), limit: both };
        }
        let limits: Limits<T> =
            Limits { request: value::parsed(node.get("request")), limit: value::parsed(node.get("limit")) };
        if let (Some(request), Some(limit)) = (&limits.request, &limits.limit)
            && request.value > limit.value
        {
            let message = format!("the limit {} is below the request {}", limit.value, request.value);
            self.sink.push(
                Diagnostic::new(codes::OUT_OF_RANGE, message)
                    .at(&limit.span)
                    .related(&request.span, "the request")
                    .help("raise the limit or lower the request"),
            );
        }
        limits
    }
}

fn env(node: Option<&Node>) -> BTreeMap<String, Spanned<Template>> {
    let read = |entry: &Entry| Some((entry.key.value.clone(), value::template(&entry.value)?));
    node.map(Node::entries).unwrap_or_default().iter().filter_map(read).collect()
}

fn volumes(node: Option<&Node>) -> BTreeMap<String, Spanned<VolumeMount>> {
    let read = |entry: &Entry| {
        let node = &entry.value;
        let source = node.get("source").unwrap_or(node).text()?;
        let mount = VolumeMount {
            source: VolumeSource::Resource(value::volume(source)?),
            path: value::text(node.get("path")).map(|path| path.value),
            read_only: value::flag(node.get("read_only")).unwrap_or(false),
        };
        Some((entry.key.value.clone(), Spanned::new(mount, node.span.clone())))
    };
    node.map(Node::entries).unwrap_or_default().iter().filter_map(read).collect()
}

fn before(node: Option<&Node>) -> BTreeMap<ContainerName, Spanned<Ready>> {
    let read = |entry: &Entry| {
        let name = ContainerName::new(&entry.key.value).ok()?;
        Some((name, value::word(Some(&entry.value), value::READY_WORDS)?))
    };
    node.map(Node::entries).unwrap_or_default().iter().filter_map(read).collect()
}
