//! One line of the append-only log that audit, metrics, timelines and live views all read.

use appia_intent::{AppName, EnvironmentName};
use serde::{Deserialize, Serialize};

use crate::{Digest, ObjectId, OperationId};

/// The version of the event's own shape.
pub(crate) const EVENT_SCHEMA: u32 = 1;

/// What an event is about. Hash chains run per scope.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Scope {
    /// The organisation.
    pub organisation: String,
    /// The application; `None` for what concerns the organisation.
    pub app: Option<AppName>,
    /// The environment; `None` for what concerns the application.
    pub environment: Option<EnvironmentName>,
}

/// Who did it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Actor {
    /// What kind of actor.
    pub kind: ActorKind,
    /// Its name: a login name, a token's name, a task's name.
    pub name: String,
}

/// What kind of actor.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ActorKind {
    /// A person at a terminal or in the portal.
    Person,
    /// A token: a pipeline, an agent.
    Token,
    /// Appia itself, going on with something accepted before.
    System,
}

/// What happened.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum EventVerb {
    /// An operation was accepted.
    OperationBegan,
    /// An operation was taken over after a crash.
    OperationResumed,
    /// A step is about to be taken.
    StepBegan,
    /// A step's effect is there.
    StepDone,
    /// A step failed.
    StepFailed,
    /// A step is about to be taken back.
    UndoBegan,
    /// A step was taken back.
    UndoDone,
    /// An operation ended as planned.
    OperationDone,
    /// An operation failed and was taken back.
    OperationUndone,
    /// An operation failed and something is left.
    OperationStuck,
    /// Something that was made is gone.
    Tombstone,
    /// A secret was made; its content is never told.
    SecretMade,
    /// A secret was forgotten.
    SecretForgotten,
}

/// One line of the log.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Event {
    /// Version of this shape.
    pub schema: u32,
    /// What it is about.
    pub scope: Scope,
    /// 1, 2, 3 ... within the scope.
    pub seq: u64,
    /// When, in milliseconds since 1970-01-01 UTC.
    pub at_ms: i64,
    /// Who.
    pub actor: Actor,
    /// As part of which operation.
    pub operation: Option<OperationId>,
    /// What happened.
    pub verb: EventVerb,
    /// To which object.
    pub object: Option<ObjectId>,
    /// A sentence for people; never a secret.
    pub message: String,
    /// Digest of what was there after it (a plan, an object).
    pub digest: Option<Digest>,
    /// Digest of the event before it in the scope; of the empty text for the first.
    pub prev_hash: Digest,
}

impl Event {
    /// The current version of the shape.
    pub const SCHEMA: u32 = EVENT_SCHEMA;

    /// The digest that the next event of the scope carries as `prev_hash`: over every field, canonical JSON.
    pub fn hash(&self) -> Digest {
        Digest::of_value(&serde_json::to_value(self).unwrap_or(serde_json::Value::Null))
    }
}
