//! One resource for each identity: `type.class#id`, class `default`, id `<workload>.<resource>` unless stated.
//!
//! A resource without an id of its own is named `<workload>-<resource>` in the application, one with an id by it.
//! Files that share an identity share the resource; what they state about it must agree.

use std::collections::{BTreeMap, BTreeSet};

use appia_diag::{Diagnostic, Diagnostics, Span, Spanned, codes};
use appia_intent::{Resource, ResourceName, ResourceType};

use super::Document;
use super::scope::{Bare, Scope};
use crate::value;
use crate::yaml::{Entry, Node};

/// A resource and who uses it.
pub(super) struct Shared {
    /// Its name in the application.
    pub(super) name: ResourceName,
    /// Index of the document that names it first.
    pub(super) document: usize,
    /// Index of the document whose params are taken, when one states them.
    pub(super) params_from: Option<usize>,
    /// Path and local name of every use.
    pub(super) used_by: Vec<(String, String)>,
    key: Span,
    kind: Spanned<String>,
    class: Option<Spanned<String>>,
    id: Option<Spanned<String>>,
    params: Option<Node>,
    metadata: Option<Node>,
}

impl Shared {
    /// The resource; `scope` is that of the document which states its params.
    pub(super) fn resource(&self, scope: &Scope<'_>, sink: &mut Diagnostics) -> Resource {
        let entries = self.params.as_ref().map(Node::entries).unwrap_or_default();
        let mut read =
            |node: &Node, text: &str| scope.template(text, Bare::Refused, (&node.span, &mut *sink));
        let params = entries
            .iter()
            .filter_map(|entry| Some((entry.key.value.clone(), value::param(&entry.value, &mut read)?)))
            .collect();
        Resource {
            name: Spanned::new(self.name.clone(), self.key.clone()),
            kind: self.kind.clone().map(|text| ResourceType::new(&text)),
            class: self.class.clone(),
            id: self.id.clone(),
            params,
            outputs: BTreeMap::new(),
            open_type: true,
            annotations: value::texts(self.metadata.as_ref().and_then(|node| node.get("annotations"))),
        }
    }

    /// Adds what another file says of the same resource. Nothing stated agrees with everything.
    fn join(&mut self, index: usize, other: &Entry, sink: &mut Diagnostics) {
        for (key, known) in [("params", &mut self.params), ("metadata", &mut self.metadata)] {
            let Some(stated) = other.value.entry(key) else { continue };
            match known {
                None => {
                    *known = Some(stated.value.clone());
                    if key == "params" {
                        self.params_from = Some(index);
                    }
                }
                Some(first) if first.to_json() == stated.value.to_json() => {}
                Some(first) => sink.push(
                    Diagnostic::new(
                        codes::IDENTITY_CONFLICT,
                        format!("`{}` is given two different `{key}`", other.key.value),
                    )
                    .at(&stated.key.span)
                    .related(&first.span, format!("the other `{key}` of the same resource"))
                    .help("make them equal, state them once, or give the resources different ids"),
                ),
            }
        }
    }
}

/// Type, class and id.
type Identity = (String, String, String);

/// Joins the resources of all documents by identity and names them.
pub(super) fn shared(documents: &[Document], sink: &mut Diagnostics) -> Vec<Shared> {
    let mut known: BTreeMap<Identity, Shared> = BTreeMap::new();
    for (index, document) in documents.iter().enumerate() {
        for entry in document.resources() {
            let Some((identity, first)) = read(index, document, entry) else { continue };
            match known.get_mut(&identity) {
                Some(one) => {
                    one.join(index, entry, sink);
                    one.used_by.extend(first.used_by);
                }
                None => drop(known.insert(identity, first)),
            }
        }
    }
    distinct(known)
}

fn read(index: usize, document: &Document, entry: &Entry) -> Option<(Identity, Shared)> {
    let local = entry.key.value.as_str();
    let kind = value::text(entry.value.get("type"))?;
    let class = value::text(entry.value.get("class"));
    let id = value::text(entry.value.get("id"));
    let own_id = format!("{}.{local}", document.name.value);
    let name = match &id {
        Some(id) => short(&id.value),
        None => short(&format!("{}-{local}", document.name.value)),
    };
    let identity = (
        kind.value.clone(),
        class.as_ref().map_or("default", |class| class.value.as_str()).to_owned(),
        id.as_ref().map_or(own_id, |id| id.value.clone()),
    );
    let params = entry.value.get("params").cloned();
    let shared = Shared {
        name: ResourceName::new(&name).ok()?,
        document: index,
        params_from: params.is_some().then_some(index),
        used_by: vec![(document.path.clone(), local.to_owned())],
        key: entry.key.span.clone(),
        kind,
        class,
        id,
        params,
        metadata: entry.value.get("metadata").cloned(),
    };
    Some((identity, shared))
}

/// Gives a longer name to a resource whose name another identity has already: with its type, then also its class.
fn distinct(known: BTreeMap<Identity, Shared>) -> Vec<Shared> {
    let mut taken: BTreeSet<ResourceName> = BTreeSet::new();
    let mut all: Vec<(Identity, Shared)> = known.into_iter().collect();
    // Resources without an id keep their plain names: they are the ones that people look for.
    all.sort_by_key(|(_, shared)| shared.id.is_some());
    let mut result = Vec::new();
    for ((kind, class, _), mut shared) in all {
        let base = shared.name.clone();
        let mut candidates =
            [base.to_string(), format!("{kind}-{base}"), format!("{kind}-{class}-{base}")].into_iter();
        let mut count = 1;
        while taken.contains(&shared.name) {
            count += 1;
            let candidate = candidates.next().unwrap_or_else(|| format!("{base}-{count}"));
            shared.name = ResourceName::new(&short(&candidate)).unwrap_or(shared.name);
        }
        taken.insert(shared.name.clone());
        result.push(shared);
    }
    result
}

/// A name of at most 63 characters: a longer one is cut and ends with a checksum of the whole.
fn short(text: &str) -> String {
    let name: String = text.to_ascii_lowercase().replace('.', "-");
    if name.len() <= 63 {
        return name;
    }
    // FNV-1a, 32 bits.
    let sum =
        name.bytes().fold(0x811c_9dc5_u32, |sum, byte| (sum ^ u32::from(byte)).wrapping_mul(0x0100_0193));
    let head: String = name.chars().take(54).collect();
    format!("{}-{sum:08x}", head.trim_end_matches('-'))
}
