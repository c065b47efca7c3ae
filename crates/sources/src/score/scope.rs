//! What a placeholder means in one Score file: its metadata at once, its resources by their names in the application.

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};

use appia_diag::{Diagnostic, Diagnostics, Span, codes};
use appia_intent::{Reference, ResourceName, Segment, Template, TemplateError};

use super::Document;
use super::identity::Shared;
use crate::yaml::{Node, Value};

/// The names that a file's placeholders can use.
pub(super) struct Scope<'a> {
    pub(super) path: &'a str,
    metadata: Option<&'a Node>,
    resources: BTreeMap<&'a str, &'a ResourceName>,
    /// Everything under `resources`, usable or not.
    declared: BTreeSet<&'a str>,
}

/// Whether `${resources.NAME}` without an output means something.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Bare {
    /// It names a volume.
    Allowed,
    /// It does not.
    Refused,
}

impl<'a> Scope<'a> {
    pub(super) fn new(document: &'a Document, shared: &'a [Shared]) -> Scope<'a> {
        let names = shared.iter().flat_map(|one| {
            one.used_by
                .iter()
                .filter(|(path, _)| *path == document.path)
                .map(|(_, local)| (local.as_str(), &one.name))
        });
        Scope {
            path: &document.path,
            metadata: document.root.get("metadata"),
            resources: names.collect(),
            declared: document.resources().iter().map(|entry| entry.key.value.as_str()).collect(),
        }
    }

    /// Expands what is known and keeps references to resources; `None` after a finding.
    pub(super) fn template(
        &self,
        text: &str,
        bare: Bare,
        place: (&Span, &mut Diagnostics),
    ) -> Option<Template> {
        let (span, sink) = place;
        let problem: RefCell<Option<Box<Diagnostic>>> = RefCell::new(None);
        // A `${` that nothing closes is plain text to Score: after the last `}` only `$$` means something.
        let (head, tail) = text.rfind('}').and_then(|at| text.split_at_checked(at + 1)).unwrap_or(("", text));
        let parsed = Template::parse_with(head, |path| {
            self.resolve(path, bare).map_err(|finding| {
                *problem.borrow_mut() = Some(Box::new((*finding).on(format!("${{{path}}}"))));
                TemplateError::Incomplete(path.to_owned())
            })
        });
        match (parsed, problem.into_inner()) {
            (Ok(template), _) => {
                let end = Segment::Text(tail.replace("$$", "$"));
                return Some(Template::of(template.segments().iter().cloned().chain([end])));
            }
            (Err(_), Some(finding)) => sink.push((*finding).at(span)),
            (Err(error), None) => {
                sink.push(Diagnostic::new(codes::BAD_PLACEHOLDER, error.to_string()).at(span))
            }
        }
        None
    }

    fn resolve(&self, path: &str, bare: Bare) -> Result<Segment, Box<Diagnostic>> {
        let parts = parts(path);
        match parts.iter().map(String::as_str).collect::<Vec<_>>().as_slice() {
            ["metadata", keys @ ..] if !keys.is_empty() => self.metadata(path, keys).map(Segment::Text),
            ["resources", name, output @ ..] if !name.is_empty() => {
                if self.declared.contains(name) && !self.resources.contains_key(name) {
                    // Declared and not usable: that is reported where it is declared.
                    return Ok(Segment::Text(String::new()));
                }
                self.resource(path, name, output, bare).map(Segment::Reference)
            }
            [root @ ("metadata" | "resources"), ..] => {
                let message = format!("`${{{path}}}` names nothing in `{root}`");
                Err(Diagnostic::new(codes::BAD_PLACEHOLDER, message)
                    .help("write `${metadata.name}` or `${resources.NAME.OUTPUT}`")
                    .into())
            }
            _ => {
                let message = format!("`${{{path}}}` begins with neither `metadata` nor `resources`");
                let finding = Diagnostic::new(codes::BAD_PLACEHOLDER, message)
                    .help(format!("write `$${{{path}}}` where the text itself is meant"));
                let root = parts.first().map_or("", String::as_str);
                Err(finding.did_you_mean(root, ["metadata", "resources"]).into())
            }
        }
    }

    fn metadata(&self, path: &str, keys: &[&str]) -> Result<String, Box<Diagnostic>> {
        let mut node = self.metadata;
        for key in keys {
            let known = node.map(Node::entries).unwrap_or_default();
            node = node.and_then(|node| node.get(key));
            if node.is_none() {
                return Err(Diagnostic::new(
                    codes::BAD_PLACEHOLDER,
                    format!("`${{{path}}}` names `{key}`, which the metadata does not have"),
                )
                .help("a dot inside of a key is written `\\.`")
                .did_you_mean(key, known.iter().map(|entry| entry.key.value.as_str()))
                .into());
            }
        }
        Ok(node.map(as_text).unwrap_or_default())
    }

    fn resource(
        &self,
        path: &str,
        name: &str,
        output: &[&str],
        bare: Bare,
    ) -> Result<Reference, Box<Diagnostic>> {
        let Some(global) = self.resources.get(name) else {
            return Err(Diagnostic::new(
                codes::UNKNOWN_RESOURCE,
                format!("`${{{path}}}` names the resource `{name}`, which this file does not have"),
            )
            .did_you_mean(name, self.resources.keys().copied())
            .help(format!("declare it under `resources`, such as `{name}: {{ type: postgres }}`"))
            .into());
        };
        let output = match output {
            [] if bare == Bare::Refused => {
                let message = format!("`${{{path}}}` names no output of the resource");
                return Err(Diagnostic::new(codes::BAD_PLACEHOLDER, message)
                    .help(format!(
                        "write `${{resources.{name}.OUTPUT}}`; only a volume's `source` takes it alone"
                    ))
                    .into());
            }
            [] => None,
            parts => Some(parts.iter().map(|part| part.replace('.', "\\.")).collect::<Vec<_>>().join(".")),
        };
        Ok(Reference::Resource { name: (*global).clone(), output })
    }
}

/// Splits at dots; `\.` is a dot inside of a part.
fn parts(path: &str) -> Vec<String> {
    let mut parts = vec![String::new()];
    let mut rest = path.chars().peekable();
    while let Some(c) = rest.next() {
        match (c, parts.last_mut()) {
            ('\\', Some(last)) if rest.peek() == Some(&'.') => last.extend(rest.next()),
            ('.', _) => parts.push(String::new()),
            (c, Some(last)) => last.push(c),
            (_, None) => {}
        }
    }
    parts
}

/// A text as it is, anything else as JSON.
fn as_text(node: &Node) -> String {
    match (&node.value, node.to_json()) {
        (Value::Scalar(_), serde_json::Value::String(text)) => text,
        (_, json) => json.to_string(),
    }
}
