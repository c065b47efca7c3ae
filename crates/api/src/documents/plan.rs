//! A compiled plan.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::{Changes, Diagnostic, Verdict};

/// A compiled plan, and what it would change.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Plan {
    /// Of the desired state and its inputs only.
    pub digest: String,
    /// The plan that is deployed now; null when none is, or with `--offline`.
    pub parent: Option<String>,
    /// The application.
    pub app: String,
    /// The environment.
    pub environment: String,
    /// The target.
    pub target: String,
    /// What is deployed.
    pub release: Release,
    /// What it was made from, by name.
    pub inputs: BTreeMap<String, Input>,
    /// Workloads, resources, routes and secrets.
    pub nodes: Vec<Node>,
    /// Each promise and what becomes of it.
    pub outcomes: Vec<Outcome>,
    /// A `Cost`; null: not priced.
    pub cost: Option<Value>,
    /// A `Carbon`; null: nobody knows what the place emits, or not priced.
    pub carbon: Option<Value>,
    /// What guardrails found.
    pub findings: Vec<Value>,
    /// `apply`, `approve` or `deny`.
    pub verdict: Verdict,
    /// What was found in the input files.
    pub diagnostics: Vec<Diagnostic>,
    /// An `Infeasible`: why the outcomes cannot be met; null when they can.
    pub infeasible: Option<Value>,
    /// A `Model`; null: nothing was sized by one.
    pub model: Option<Value>,
    /// What it would change now; null with `--offline`.
    pub changes: Option<Changes>,
}

/// A built version.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Release {
    /// The content's digest.
    pub id: String,
    /// The application's own version.
    pub version: Option<String>,
    /// The commit it was built from.
    pub commit: Option<String>,
}

/// A file or table that went into a plan.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Input {
    /// Of its bytes.
    pub digest: String,
    /// For a table: the day it was right.
    pub date: Option<String>,
}

/// One thing the plan is about.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Node {
    /// `workloads.api`.
    pub address: String,
    /// `service`, `postgres`, `route`, `secret`.
    #[serde(rename = "type")]
    pub kind: String,
    /// Addresses that come first.
    pub needs: Vec<String>,
    /// What provides it.
    pub offering: String,
    /// Its numbers and choices.
    pub values: BTreeMap<String, Value>,
    /// What the target makes of it.
    pub objects: Vec<Object>,
}

/// One thing the target makes.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Object {
    /// The target's word.
    pub kind: String,
    /// Unique among its kind.
    pub name: String,
    /// Changes when, and only when, what it shall be changes.
    pub digest: String,
}

/// A promise.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Outcome {
    /// `outcomes.latency_p95`.
    pub address: String,
    /// As stated.
    pub promised: String,
    /// As computed; null: not computed.
    pub computed: Option<String>,
    /// As a fraction of the promise.
    pub margin: Option<f64>,
    /// Whether it is kept; null: not known.
    pub met: Option<bool>,
}
