//! What a command that changes things says while it works, and how it ended.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::{Action, Release};

/// One line of what happens, or of a log.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct StreamEvent {
    /// RFC 3339 in UTC.
    pub at: String,
    /// What happened: `step_began`, `step_done`, `log` ...
    pub verb: String,
    /// To what.
    pub address: Option<String>,
    /// For people.
    pub message: String,
    /// How long it took.
    pub duration_ms: Option<u64>,
}

/// How a command that changes things ended.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct OperationSummary {
    /// `up deploy rollback down`.
    pub action: Action,
    /// The application.
    pub app: String,
    /// The environment.
    pub environment: String,
    /// The operation; null when there was nothing to do.
    pub operation: Option<String>,
    /// The generation the environment is at.
    pub generation: u64,
    /// What is deployed.
    pub release: Option<Release>,
    /// How many steps were taken.
    pub steps: usize,
    /// Where to look: for each public workload a loopback address that any program can open.
    pub urls: BTreeMap<String, String>,
    /// The names of the same, for programs that resolve `*.localhost`.
    #[serde(default)]
    pub routes: BTreeMap<String, Vec<String>>,
    /// How to take it back, as something to type.
    pub undo: Option<String>,
    /// What a person should know all the same: another version than asked for, a program that is not well.
    #[serde(default)]
    pub warnings: Vec<String>,
}
