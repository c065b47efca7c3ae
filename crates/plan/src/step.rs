//! One change to the world, keyed so that it can be repeated, resumed and undone.

use std::fmt;

use appia_intent::Address;
use serde::{Deserialize, Serialize};

use crate::{Object, ObjectId};

/// Identifies one operation (an `up`, a `down`); made by whoever accepts it, sortable by time.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct OperationId(pub String);

impl fmt::Display for OperationId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0)
    }
}

/// What is done to an object. All are of equal rank.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Verb {
    /// It is not there and shall be.
    Create,
    /// It is there and shall be otherwise; it stays the same thing.
    Change,
    /// It shall be otherwise in a way that needs a new one in its place.
    Replace,
    /// It is there without an owner and shall be ours.
    Adopt,
    /// It shall stop and keep all it has.
    Pause,
    /// It shall go on after a pause.
    Resume,
    /// It is there and shall not be.
    Delete,
}

impl Verb {
    /// The word in JSON and on screen.
    pub fn as_str(self) -> &'static str {
        match self {
            Verb::Create => "create",
            Verb::Change => "change",
            Verb::Replace => "replace",
            Verb::Adopt => "adopt",
            Verb::Pause => "pause",
            Verb::Resume => "resume",
            Verb::Delete => "delete",
        }
    }
}

/// How a taken step is taken back when its operation fails.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Undo {
    /// Bring back `before`: delete what was created, change back what was changed.
    Reverse,
    /// Leave it: it harms nobody and will be used by the next try.
    Keep,
    /// It cannot be taken back, and this is why.
    Impossible(String),
}

/// What a deletion does with the data that an object holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DataFate {
    /// It stays, and the next `up` finds it.
    Kept,
    /// It goes too.
    Deleted,
}

/// One change to one object.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Step {
    /// The node of the plan that asked for it.
    pub address: Address,
    /// Which object.
    pub object: ObjectId,
    /// What is done.
    pub verb: Verb,
    /// What is there now, as it was last applied.
    pub before: Option<Object>,
    /// What shall be there; `None` for a deletion.
    pub desired: Option<Object>,
    /// How it is taken back.
    pub undo: Undo,
    /// For a deletion: what becomes of the data it holds.
    pub data: DataFate,
    /// Objects whose own steps come first.
    pub needs: Vec<ObjectId>,
}

impl Step {
    /// The key under which it is journaled: never made of content, so a repeated step is recognised.
    pub fn key(&self, operation: &OperationId) -> StepKey {
        StepKey { operation: operation.clone(), object: self.object.clone(), verb: self.verb }
    }

    /// The step that takes this one back, when it can be taken back.
    pub fn reversed(&self) -> Option<Step> {
        let verb = match (&self.undo, self.verb) {
            (Undo::Keep | Undo::Impossible(_), _) => return None,
            // What was there before us stays when the operation fails.
            (Undo::Reverse, Verb::Adopt) => return None,
            (Undo::Reverse, Verb::Create) => Verb::Delete,
            (Undo::Reverse, Verb::Change) => Verb::Change,
            (Undo::Reverse, Verb::Replace) => Verb::Replace,
            (Undo::Reverse, Verb::Pause) => Verb::Resume,
            (Undo::Reverse, Verb::Resume) => Verb::Pause,
            (Undo::Reverse, Verb::Delete) => Verb::Create,
        };
        Some(Step {
            address: self.address.clone(),
            object: self.object.clone(),
            verb,
            before: self.desired.clone(),
            desired: self.before.clone(),
            undo: Undo::Keep,
            data: DataFate::Kept,
            needs: Vec::new(),
        })
    }
}

/// What a journal row is found by.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct StepKey {
    /// The operation.
    pub operation: OperationId,
    /// The object.
    pub object: ObjectId,
    /// What is done to it.
    pub verb: Verb,
}

impl fmt::Display for StepKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}:{}", self.operation, self.object, self.verb.as_str())
    }
}

/// Whether a step is taken or taken back.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Direction {
    /// Towards the plan.
    Forward,
    /// Back to what was.
    Back,
}
