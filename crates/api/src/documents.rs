//! The documents that `--output json` prints, key for key as the reference says: a file for each family.
//!
//! Numbers carry their unit in the name; availability is a fraction; money is a decimal string; times are RFC 3339 in
//! UTC; addresses are dotted paths.

mod changes;
mod comparison;
mod diagnostics;
mod doctor;
mod explanation;
mod export;
mod leaks;
mod measurement;
mod operation;
mod plan;
mod proof;
mod server;
mod status;
mod words;

use serde::{Deserialize, Serialize};

pub use changes::{Changes, Step};
pub use comparison::{ComparedTarget, Comparison};
pub use diagnostics::{Diagnostic, Diagnostics};
pub use doctor::{Backup, Doctor, LostOperation, Restore, Snapshot, StoreFault};
pub use explanation::{Alternative, Explanation, Reason, ReasonInput};
pub use export::Export;
pub use leaks::{Leak, Leaks};
pub use measurement::Measurement;
pub use operation::{OperationSummary, StreamEvent};
pub use plan::{Input, Node, Object, Outcome, Plan, Release};
pub use proof::{PlayedShare, PlayedTime, Proof};
pub use server::{Server, Version};
pub use status::{
    Application, Applications, FailedOperation, Instance, Rates, ResourceStatus, Status, WorkloadStatus,
};
pub use words::{Action, Condition, Origin, Place, PlayedState, ProcessState, State, StepAction, Verdict};

/// Why a command ended without doing what was asked.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Error {
    /// The exit code.
    pub code: u8,
    /// One sentence.
    pub message: String,
    /// Ways out.
    pub help: Vec<String>,
    /// What led to it, nearest first; a tool's own words as they were.
    pub causes: Vec<String>,
    /// What a person has to agree to first; only there with the code 6 of a verb that changes things.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub changes: Option<Changes>,
}
