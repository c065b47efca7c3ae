//! What a target makes of a plan: complete, typed by its target, not yet text.

use std::fmt;

use appia_intent::Address;
use serde::{Deserialize, Serialize};

use crate::{BodyText, Digest};

/// An object's identity in one application's environment: stable across plans, never made of content.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct ObjectId {
    /// The target's own word: `workload`, `Deployment`.
    pub kind: String,
    /// Unique among its kind.
    pub name: String,
}

impl ObjectId {
    /// An identity.
    pub fn new(kind: impl Into<String>, name: impl Into<String>) -> ObjectId {
        ObjectId { kind: kind.into(), name: name.into() }
    }
}

impl fmt::Display for ObjectId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.kind, self.name)
    }
}

/// One thing that a driver makes.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Object {
    /// Which one.
    pub id: ObjectId,
    /// The node of the plan that asked for it.
    pub address: Address,
    /// Objects that must be there first.
    pub needs: Vec<ObjectId>,
    /// What it shall be, in the words of its target. Secrets stand in it by reference only.
    pub body: BodyText,
    /// What a deletion does with what it holds.
    pub retention: Retention,
}

impl Object {
    /// Changes when, and only when, what it shall be changes.
    pub fn digest(&self) -> Digest {
        self.body.digest()
    }
}

/// What a deletion does with what an object holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Retention {
    /// It holds nothing of its own: deleting loses nothing.
    Nothing,
    /// It holds data, which stays until its deletion is asked for by name (`--data`).
    Data,
}
