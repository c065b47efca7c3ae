//! `resources`.

use std::collections::BTreeMap;

use appia_diag::{Diagnostic, Spanned, codes};
use appia_intent::{Resource, ResourceName, ResourceType, Template};

use super::Reader;
use crate::shape::formats;
use crate::value;
use crate::yaml::{Entry, Node};

const EXTERNAL: &str = "external";

impl Reader<'_> {
    pub(super) fn resources(&mut self, node: Option<&Node>) -> BTreeMap<ResourceName, Resource> {
        let entries = node.map(Node::entries).unwrap_or_default();
        entries.iter().filter_map(|entry| self.resource(entry)).map(|r| (r.name.value.clone(), r)).collect()
    }

    fn resource(&mut self, entry: &Entry) -> Option<Resource> {
        let node = &entry.value;
        let stated = value::text(node.get("type")).filter(|kind| formats::TYPE.check(&kind.value).is_ok());
        if let Some(kind) = &stated {
            self.external_rules(entry, kind);
        }
        // Without a usable type, which was reported, it is kept as one of any type: what refers to it is not wrong as well.
        let open_type = stated.is_none();
        let kind = stated.unwrap_or_else(|| Spanned::new(String::new(), entry.key.span.clone()));
        let params = node.get("params").map(Node::entries).unwrap_or_default().iter().filter_map(|entry| {
            let param = value::param(&entry.value, &mut |_, text| Template::parse(text).ok())?;
            Some((entry.key.value.clone(), param))
        });
        let outputs = node.get("outputs").map(Node::entries).unwrap_or_default().iter();
        Some(Resource {
            name: Spanned::new(ResourceName::new(&entry.key.value).ok()?, entry.key.span.clone()),
            kind: kind.map(|text| ResourceType::new(&text)),
            class: value::text(node.get("class")),
            id: value::text(node.get("id")),
            params: params.collect(),
            outputs: outputs
                .filter_map(|entry| Some((entry.key.value.clone(), value::template(&entry.value)?)))
                .collect(),
            open_type,
            annotations: value::texts(node.get("annotations")),
        })
    }

    /// `external` needs outputs and only `external` takes them.
    fn external_rules(&mut self, entry: &Entry, kind: &Spanned<String>) {
        let name = &entry.key.value;
        let outputs = entry.value.entry("outputs");
        match (kind.value == EXTERNAL, outputs) {
            (true, None) => self.sink.push(
                Diagnostic::new(
                    codes::EXTERNAL_UNBOUND,
                    format!("`{name}` is `external` and has no `outputs`"),
                )
                .at(&kind.span)
                .help("say what workloads get, such as `outputs: { url: \"https://billing.example.com\" }`"),
            ),
            (false, Some(outputs)) => self.sink.push(
                Diagnostic::new(
                    codes::EXCLUSIVE_KEYS,
                    format!("`{name}` is `{}` and has `outputs`", kind.value),
                )
                .at(&outputs.key.span)
                .related(&kind.span, "the type makes its own outputs")
                .help("take `outputs` away, or say `type: external` for something that exists already"),
            ),
            (true, Some(_)) | (false, None) => {}
        }
    }
}
