//! The door to the world: what a driver has to be able to do, and what it tells.

use std::collections::BTreeMap;

use appia_intent::{AppName, EnvironmentName};
use async_trait::async_trait;
use serde::{Deserialize, Serialize};

use crate::{Object, ObjectId, OperationId, Step};

/// Whose objects: everything made carries this label.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Owner {
    /// The organisation, `default` until there are more.
    pub organisation: String,
    /// The application.
    pub app: AppName,
    /// The environment.
    pub environment: EnvironmentName,
}

/// The right to act, with a number that only grows. Whoever acts refuses an older one.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Lease {
    /// What it is for.
    pub owner: Owner,
    /// The operation that holds it.
    pub operation: OperationId,
    /// Grows with every new holder.
    pub fencing_token: u64,
}

/// What is really there for one owner.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Observed {
    /// By identity.
    pub objects: BTreeMap<ObjectId, ObservedObject>,
}

/// One object as it really is.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ObservedObject {
    /// As it was last applied; `None` when it is there and nobody knows why.
    pub applied: Option<Object>,
    /// How it is now.
    pub state: ObjectState,
    /// What others may use of it: host, port. Never a secret.
    pub outputs: BTreeMap<String, String>,
}

/// How an object is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ObjectState {
    /// There and working.
    Ready,
    /// On its way.
    Starting,
    /// Stopped on purpose.
    Paused,
    /// Half made: a step on it began and did not end.
    Partial,
    /// There and not working, and this is why.
    Failed(String),
    /// Deleted, but what it holds is kept.
    Retained,
}

/// How different a desired object is from the one that is there. Only its driver knows defaults and server-side fields.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Similarity {
    /// Nothing to do.
    Same,
    /// It can become so where it is.
    Changed(Vec<String>),
    /// A new one is needed in its place, for these fields.
    NeedsReplacement(Vec<String>),
}

/// What taking a step came to.
#[derive(Debug, Clone, PartialEq)]
pub enum Taken {
    /// It is so; `None` after a deletion.
    Done(Option<ObservedObject>),
    /// It goes on elsewhere; ask again with the same step and this token.
    Pending(String),
}

/// Why a step could not be taken.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum DriverError {
    /// Trying again may help: something did not answer, or not yet.
    #[error("{message}")]
    Transient {
        /// What happened, for people.
        message: String,
    },
    /// Trying again will not help.
    #[error("{message}")]
    Permanent {
        /// What happened, for people.
        message: String,
        /// The last lines of a log, a tool's own words: shown below the message as they are.
        detail: Vec<String>,
        /// Ways out.
        help: Vec<String>,
    },
    /// Somebody newer holds the lease.
    #[error("a newer operation holds the lease (fencing token {newer})")]
    Fenced {
        /// The token seen.
        newer: u64,
    },
}

impl DriverError {
    /// A permanent error with nothing more to say.
    pub fn permanent(message: impl Into<String>) -> DriverError {
        DriverError::Permanent { message: message.into(), detail: Vec::new(), help: Vec::new() }
    }

    /// A transient error.
    pub fn transient(message: impl Into<String>) -> DriverError {
        DriverError::Transient { message: message.into() }
    }
}

/// Hears how a step comes along, in one line for people.
pub trait Progress: Send + Sync {
    /// The latest line.
    fn say(&self, line: &str);
}

/// Makes, changes and deletes the objects of one kind of place. Every call may be repeated: a step that was already
/// taken is `Done` again and nothing is made twice.
#[async_trait]
pub trait Driver: Send + Sync {
    /// Lists what is really there with this owner's label.
    async fn observe(&self, owner: &Owner) -> Result<Observed, DriverError>;

    /// Compares without touching anything.
    fn preview(&self, desired: &Object, observed: &ObservedObject) -> Similarity;

    /// Takes one step under a lease; an older fencing token than one seen before is refused.
    async fn take(&self, step: &Step, lease: &Lease, progress: &dyn Progress) -> Result<Taken, DriverError>;
}
