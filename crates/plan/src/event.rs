//! One line of the append-only log that audit, metrics, timelines and live views all read.

use std::borrow::Cow;

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

/// What happened, to what, and what was there after it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "Fields", into = "Fields")]
pub enum EventFact {
    /// An operation was accepted, with this plan; a `down` has none.
    OperationBegan(Option<Digest>),
    /// An operation was taken over after a crash.
    OperationResumed,
    /// A step on this object is about to be taken.
    StepBegan(ObjectId),
    /// A step's effect is there: the object as it is now; `None`: it is not there any more.
    StepDone(ObjectId, Option<Digest>),
    /// A step on this object failed.
    StepFailed(ObjectId),
    /// A step on this object is about to be taken back.
    UndoBegan(ObjectId),
    /// A step was taken back: the object as it is now; `None`: it is not there any more.
    UndoDone(ObjectId, Option<Digest>),
    /// An operation ended as planned.
    OperationDone(Option<Digest>),
    /// An operation failed and was taken back.
    OperationUndone(Option<Digest>),
    /// An operation failed and something is left.
    OperationStuck(Option<Digest>),
    /// Something that was made is gone.
    Tombstone(ObjectId),
    /// A secret was made; its content is never told.
    SecretMade(ObjectId),
    /// A secret was forgotten.
    SecretForgotten(ObjectId),
}

/// A fact as the log has it.
#[derive(Clone, Serialize, Deserialize)]
struct Fields {
    verb: Cow<'static, str>,
    object: Option<ObjectId>,
    digest: Option<Digest>,
}

/// An event that tells of an object and does not name it, or the other way round.
#[derive(Debug, thiserror::Error)]
#[error("an event does not fit what it tells of")]
pub(crate) struct Misfit;

impl From<EventFact> for Fields {
    fn from(fact: EventFact) -> Fields {
        let (verb, object, digest) = match fact {
            EventFact::OperationBegan(plan) => ("operation_began", None, plan),
            EventFact::OperationResumed => ("operation_resumed", None, None),
            EventFact::StepBegan(object) => ("step_began", Some(object), None),
            EventFact::StepDone(object, digest) => ("step_done", Some(object), digest),
            EventFact::StepFailed(object) => ("step_failed", Some(object), None),
            EventFact::UndoBegan(object) => ("undo_began", Some(object), None),
            EventFact::UndoDone(object, digest) => ("undo_done", Some(object), digest),
            EventFact::OperationDone(plan) => ("operation_done", None, plan),
            EventFact::OperationUndone(plan) => ("operation_undone", None, plan),
            EventFact::OperationStuck(plan) => ("operation_stuck", None, plan),
            EventFact::Tombstone(object) => ("tombstone", Some(object), None),
            EventFact::SecretMade(object) => ("secret_made", Some(object), None),
            EventFact::SecretForgotten(object) => ("secret_forgotten", Some(object), None),
        };
        Fields { verb: verb.into(), object, digest }
    }
}

impl TryFrom<Fields> for EventFact {
    type Error = Misfit;

    fn try_from(Fields { verb, object, digest }: Fields) -> Result<EventFact, Misfit> {
        Ok(match (verb.as_ref(), object, digest) {
            ("operation_began", None, plan) => EventFact::OperationBegan(plan),
            ("operation_resumed", None, None) => EventFact::OperationResumed,
            ("step_began", Some(object), None) => EventFact::StepBegan(object),
            ("step_done", Some(object), digest) => EventFact::StepDone(object, digest),
            ("step_failed", Some(object), None) => EventFact::StepFailed(object),
            ("undo_began", Some(object), None) => EventFact::UndoBegan(object),
            ("undo_done", Some(object), digest) => EventFact::UndoDone(object, digest),
            ("operation_done", None, plan) => EventFact::OperationDone(plan),
            ("operation_undone", None, plan) => EventFact::OperationUndone(plan),
            ("operation_stuck", None, plan) => EventFact::OperationStuck(plan),
            ("tombstone", Some(object), None) => EventFact::Tombstone(object),
            ("secret_made", Some(object), None) => EventFact::SecretMade(object),
            ("secret_forgotten", Some(object), None) => EventFact::SecretForgotten(object),
            _ => return Err(Misfit),
        })
    }
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
    /// What happened: `verb`, `object`, `digest`.
    #[serde(flatten)]
    pub fact: EventFact,
    /// A sentence for people; never a secret.
    pub message: String,
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
