//! The chain of reasons behind one value of a plan.

use std::collections::BTreeSet;

use appia_diag::closest;
use appia_intent::Address;
use serde_json::Value;

use crate::{Alternative, Origin, Plan, Reason, ReasonId};

/// A value and why it is so: its own reason first, then the reasons of what it was computed from.
#[derive(Debug, Clone, PartialEq)]
pub struct Explanation {
    /// What was asked for.
    pub address: Address,
    /// Its value; a mapping when a whole node was asked for.
    pub value: Value,
    /// Reasons, nearest first.
    pub because: Vec<Reason>,
    /// What was considered and not taken.
    pub alternatives: Vec<Alternative>,
}

/// Why nothing can be explained.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ExplainError {
    /// No such address.
    #[error("nothing in the plan is called `{address}`")]
    Unknown {
        /// As asked.
        address: String,
        /// The nearest address there is.
        nearest: Option<String>,
        /// Addresses one level below the longest part that exists.
        known: Vec<String>,
    },
}

/// Explains a value (`workloads.api.replicas`) or a whole node (`workloads.api`).
///
/// # Errors
/// When the plan has nothing at that address.
pub fn explain(plan: &Plan, address: &Address) -> Result<Explanation, ExplainError> {
    if let Some(node) = plan.node(address) {
        let value = Value::Object(node.values.clone().into_iter().collect());
        return Ok(explanation(plan, address, value, node.why.values().copied().collect()));
    }
    let field = plan.nodes.iter().find_map(|node| {
        let name = address.as_str().strip_prefix(node.address.as_str())?.strip_prefix('.')?;
        Some((node.values.get(name)?.clone(), node.why.get(name).copied()))
    });
    match field {
        Some((value, why)) => Ok(explanation(plan, address, value, why.into_iter().collect())),
        None => Err(unknown(plan, address)),
    }
}

fn explanation(plan: &Plan, address: &Address, value: Value, mut open: Vec<ReasonId>) -> Explanation {
    let mut seen: BTreeSet<ReasonId> = open.iter().copied().collect();
    let mut because = Vec::new();
    let mut next = 0;
    while let Some(id) = open.get(next).copied() {
        next += 1;
        let Some(reason) = plan.reasons.of(id) else { continue };
        for input in &reason.inputs {
            if let Origin::Computed(deeper) = input.origin
                && seen.insert(deeper)
            {
                open.push(deeper);
            }
        }
        // What says the same of several values of a node is said once.
        if !because.contains(reason) {
            because.push(reason.clone());
        }
    }
    let alternatives = because.iter().flat_map(|reason| reason.rejected.clone()).collect();
    Explanation { address: address.clone(), value, because, alternatives }
}

fn unknown(plan: &Plan, address: &Address) -> ExplainError {
    let fields =
        plan.nodes.iter().flat_map(|node| node.values.keys().map(|key| node.address.field(key).to_string()));
    let all: Vec<String> = plan.nodes.iter().map(|node| node.address.to_string()).chain(fields).collect();
    let node = address.parent().filter(|parent| plan.node(parent).is_some());
    let known = all
        .iter()
        .filter(|known| match &node {
            Some(node) => known.strip_prefix(node.as_str()).is_some_and(|rest| rest.starts_with('.')),
            None => known.matches('.').count() == 1,
        })
        .cloned()
        .collect();
    let nearest = closest(address.as_str(), all.iter().map(String::as_str)).map(str::to_owned);
    ExplainError::Unknown { address: address.to_string(), nearest, known }
}
