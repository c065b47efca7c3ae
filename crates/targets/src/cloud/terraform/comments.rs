//! The comments above blocks: what it belongs to, why such a thing is there, why its numbers are what they are.
//!
//! Called by `render` for each block in the order of its file, so that nothing is said twice.

use std::collections::BTreeSet;

use appia_intent::{Address, WorkloadKind};
use appia_plan::phase::SizedApp;
use serde_json::Value;

use super::Placed;
use crate::reasons::because;

/// Characters of a line, with its sign.
const LINE: usize = 118;

/// What was said so far in a file.
pub(super) struct Comments<'a> {
    app: &'a SizedApp,
    addresses: BTreeSet<Address>,
    kinds: BTreeSet<&'static str>,
}

impl<'a> Comments<'a> {
    pub(super) fn new(app: &'a SizedApp) -> Comments<'a> {
        Comments { app, addresses: BTreeSet::new(), kinds: BTreeSet::new() }
    }

    /// The lines above a block.
    pub(super) fn of(&mut self, placed: &Placed<'_>) -> Vec<String> {
        let address = &placed.object.address;
        let mut said = Vec::new();
        if self.addresses.insert(address.clone()) {
            said.extend(self.headline(address));
        }
        if self.kinds.insert(placed.kind.name) && !placed.kind.why.is_empty() {
            said.push(placed.kind.why.to_owned());
        }
        if placed.kind.numbers {
            said.extend(self.numbers(address));
        }
        said.iter().flat_map(|line| wrapped(line)).collect()
    }

    /// `api`, a service of `storefront`.
    fn headline(&self, address: &Address) -> Option<String> {
        let (part, name) = address.as_str().split_once('.')?;
        let kind = match part {
            "workloads" => self.app.workloads.get(name)?.resolved.stated.kind.value.as_str(),
            _ => self.app.resources.get(name)?.resolved.stated.kind.value.as_str(),
        };
        Some(format!("`{name}`, a {kind} of `{}`.", self.app.frame.app))
    }

    fn numbers(&self, address: &Address) -> Vec<String> {
        let (app, name) = (self.app, address.as_str().split_once('.').map_or("", |(_, name)| name));
        let mut said = Vec::new();
        if let Some(workload) = app.workloads.get(name).filter(|_| address.as_str().starts_with("workloads."))
        {
            // What is started by requests has no number of its own.
            if workload.resolved.stated.kind.value != WorkloadKind::Function {
                said.push(because(app, "replicas", &workload.replicas, &workload.replicas.get().to_string()));
            }
            said.extend(workload.size.iter().map(|size| because(app, "size", size, size.get())));
        } else if let Some(resource) = app.resources.get(name) {
            for (name, value) in &resource.values {
                let shown = value.get().as_str().map_or_else(|| value.get().to_string(), str::to_owned);
                said.push(because::<Value>(app, name, value, &shown));
            }
            let class = resource.size.iter().map(|size| &size.class);
            said.extend(class.map(|class| because(app, "class", class, class.get())));
        }
        said
    }
}

/// A reason may quote what a person wrote; a line of a comment is one line, and not too long.
fn wrapped(text: &str) -> Vec<String> {
    let mut lines = vec![String::new()];
    for word in text.split_whitespace() {
        let full = lines
            .last()
            .is_some_and(|line| !line.is_empty() && line.chars().count() + word.chars().count() + 3 > LINE);
        if full {
            lines.push(String::new());
        }
        if let Some(line) = lines.last_mut() {
            let gap = if line.is_empty() { "" } else { " " };
            line.push_str(gap);
            line.push_str(word);
        }
    }
    lines
}
