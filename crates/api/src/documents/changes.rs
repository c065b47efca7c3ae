//! What a plan would change in the world as it is.

use serde::{Deserialize, Serialize};

use super::StepAction;

/// What has to be done.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Changes {
    /// What an approval binds.
    pub digest: String,
    /// The generation they start from.
    pub base_generation: u64,
    /// Empty when the world already is as planned.
    pub steps: Vec<Step>,
    /// Addresses that stay as they are.
    pub kept: Vec<String>,
}

/// One change.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Step {
    /// The node.
    pub address: String,
    /// `create change replace adopt pause resume delete`.
    pub action: StepAction,
    /// The object, `workload/api`.
    pub object: String,
    /// Which fields differ and how, for people.
    pub why: Vec<String>,
    /// For a deletion: its data stays.
    pub keeps_data: bool,
}
