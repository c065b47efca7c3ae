//! What the command line and the server say to each other beyond documents.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::documents::{Action, Changes, Error, OperationSummary, Release, StreamEvent};

/// Whose environment, and what it shall become.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ChangeRequest {
    /// The application.
    pub app: String,
    /// The environment.
    pub environment: String,
    /// What it shall become.
    pub goal: Goal,
}

/// What an environment shall become.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Goal {
    /// As this plan says, in the plan's own versioned format.
    Plan(Value),
    /// As it was before the last change, or at a stated generation.
    Rollback {
        /// The generation to go back to.
        generation: Option<u64>,
    },
    /// Empty.
    Down {
        /// Data goes too.
        data: bool,
    },
}

/// What a goal would change.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ChangeAnswer {
    /// What has to be done.
    pub changes: Changes,
    /// What is deployed now.
    pub current: Option<Release>,
    /// The digest of the plan that is deployed now.
    pub parent: Option<String>,
    /// What would be deployed.
    pub desired: Option<Release>,
    /// Data that is kept from before, by address.
    pub retained: Vec<String>,
}

/// Do it, if what has to be done is still what a person agreed to.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct OperationRequest {
    /// What was asked for: `up deploy rollback down`.
    pub action: Action,
    /// The goal.
    pub request: ChangeRequest,
    /// The digest of the changes that were shown.
    pub changes_digest: String,
    /// Who asks.
    pub actor: String,
}

/// One line of a stream of events; the last is `Result` or `Error`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "line", rename_all = "snake_case")]
pub enum Line {
    /// Something happened.
    Event(StreamEvent),
    /// It is done.
    Result(Box<OperationSummary>),
    /// It failed; what was done is undone or journaled, and the message says which.
    Error(Error),
}

/// Where a copy of the store goes.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct BackupRequest {
    /// An absolute path of a file that is not there yet.
    pub path: String,
}

/// Which lines of the logs.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct LogQuery {
    /// Only this workload.
    pub workload: Option<String>,
    /// Only the last so many lines.
    pub tail: Option<usize>,
    /// Go on as lines come.
    #[serde(default)]
    pub follow: bool,
}
