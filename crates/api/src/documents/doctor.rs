//! Whether what is kept is as it was written, and copies of it.

use serde::{Deserialize, Serialize};

use super::{Condition, Place};

/// Whether everything that is kept is as it was written.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Doctor {
    /// `good` or `damaged`.
    pub state: Condition,
    /// The store's file.
    pub store: String,
    /// What is not as it was written.
    pub faults: Vec<StoreFault>,
    /// Copies that the server took of the store by itself, newest first.
    pub snapshots: Vec<Snapshot>,
    /// What was done about it; null without `--restore`, or when nothing was wrong.
    pub restored: Option<Restore>,
    /// Files of the agent that were put aside; `appia up` brings anew what they held.
    pub put_aside: Vec<String>,
}

impl Doctor {
    /// Whether anything of these files is not as it was written.
    pub fn is_damaged(&self, place: Place) -> bool {
        self.faults.iter().any(|fault| fault.place == place)
    }
}

/// Something that is not as it was written.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct StoreFault {
    /// `store` or `agent`.
    #[serde(rename = "where")]
    pub place: Place,
    /// What.
    pub what: String,
}

/// A copy that the server took of the store by itself.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Snapshot {
    /// Where it is.
    pub path: String,
    /// When it was taken.
    pub taken: String,
    /// How many events the log had.
    pub events: u64,
    /// `good` or `damaged`.
    pub state: Condition,
}

/// A copy of the store, and where it is.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Backup {
    /// The file; its checksum is in `PATH.sha256`.
    pub path: String,
    /// Its size.
    pub bytes: u64,
    /// What has to be kept with it: without this key it does not open.
    pub key: String,
}

/// A copy of the store in the place of the store.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Restore {
    /// The copy.
    pub from: String,
    /// Where what was there before is kept; null when nothing was there.
    pub kept: Option<String>,
    /// Operations that the copy does not know; null when what was there cannot be read.
    pub lost: Option<Vec<LostOperation>>,
}

/// An operation that a copy does not know. Whatever it made is still there, and the next plan tells it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct LostOperation {
    /// Its identity.
    pub operation: String,
    /// `up deploy rollback down`, as it stands in a file that may be damaged.
    pub action: String,
    /// The application.
    pub app: String,
    /// The environment.
    pub environment: String,
    /// When it began.
    pub began: String,
}
