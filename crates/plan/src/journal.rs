//! What is written before anything is done, so that after a crash nothing is lost and nothing is made twice.

use async_trait::async_trait;
use serde::{Deserialize, Serialize};

use crate::{Actor, Digest, Direction, Lease, OperationId, Owner, Release, Step, StepKey};

/// An accepted change of an environment, with all of its steps.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Operation {
    /// Its identity.
    pub id: OperationId,
    /// What a person asked for.
    pub kind: OperationKind,
    /// Whose environment.
    pub owner: Owner,
    /// Who asked.
    pub actor: Actor,
    /// The plan it brings about; `None` for `down`.
    pub plan: Option<Digest>,
    /// The release it deploys; `None` for `down`.
    pub release: Option<Release>,
    /// The generation it starts from.
    pub base_generation: u64,
    /// What it will do.
    pub steps: Vec<Step>,
}

/// What a person asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum OperationKind {
    /// `appia up`.
    Up,
    /// `appia deploy`.
    Deploy,
    /// `appia rollback`.
    Rollback,
    /// `appia down`.
    Down,
}

impl OperationKind {
    /// The word in JSON and on screen.
    pub fn as_str(self) -> &'static str {
        match self {
            OperationKind::Up => "up",
            OperationKind::Deploy => "deploy",
            OperationKind::Rollback => "rollback",
            OperationKind::Down => "down",
        }
    }
}

/// How an operation ended.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum OperationResult {
    /// The world is as planned.
    Done,
    /// It failed and what it did was taken back.
    Undone {
        /// Why it failed.
        reason: String,
    },
    /// It failed and something could not be taken back.
    Stuck {
        /// Why it failed, and what is left.
        reason: String,
    },
}

/// What the journal knows of one step.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct StepRecord {
    /// Which step.
    pub key: StepKey,
    /// Taken or taken back.
    pub direction: Direction,
    /// True once its effect is known to be there; false: it may or may not have happened.
    pub done: bool,
}

/// An operation that began and did not end.
#[derive(Debug, Clone, PartialEq)]
pub struct OpenOperation {
    /// As accepted.
    pub operation: Operation,
    /// What was written of its steps, in the order of writing.
    pub records: Vec<StepRecord>,
}

/// Why the journal could not be written or read. The engine then stops before the effect.
#[derive(Debug, thiserror::Error)]
#[error("the journal could not be {doing}: {why}")]
pub struct JournalError {
    /// `written`, `read`.
    pub doing: &'static str,
    /// What happened.
    pub why: String,
}

/// Where operations and steps are written. Each call returns only when what it wrote survives a power cut.
#[async_trait]
pub trait Journal: Send + Sync {
    /// Accepts an operation and takes the lease of its environment, fencing off whoever held it.
    async fn begin(&self, operation: &Operation) -> Result<Lease, JournalError>;

    /// Takes over an open operation after a crash, with a newer lease.
    async fn resume(&self, operation: &OperationId) -> Result<Lease, JournalError>;

    /// Writes that a step is about to be taken.
    async fn intend(&self, key: &StepKey, direction: Direction) -> Result<(), JournalError>;

    /// Writes that a step's effect is there.
    async fn done(&self, key: &StepKey, direction: Direction) -> Result<(), JournalError>;

    /// Ends an operation; on success the environment's generation grows by one, and deletions leave tombstones.
    async fn finish(&self, operation: &OperationId, result: &OperationResult) -> Result<(), JournalError>;

    /// Every operation that began and did not end, oldest first.
    async fn open(&self) -> Result<Vec<OpenOperation>, JournalError>;
}
