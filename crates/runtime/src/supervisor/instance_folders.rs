//! Where the instances of one application in one environment live on disk, and who each of them is.
//!
//! The agent lists what an earlier agent left by it; an [`Instance`](super::instance::Instance) is started in one of
//! these folders. Nothing here starts or stops anything.

use std::fs;
use std::path::PathBuf;

use serde::{Deserialize, Serialize};

use crate::durable;
use crate::program::Program;

/// The file in an instance's folder that says who it is.
pub(super) const IDENTITY_FILE: &str = "instance.json";

/// Who an instance is; on disk beside it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Identity {
    pub(crate) id: String,
    /// The workload's name, or the address of a resource.
    pub(crate) unit: String,
    /// Changes with everything that the workload shall be.
    pub(crate) generation: String,
    pub(crate) release: String,
    pub(crate) port: Option<u16>,
    pub(crate) created_micros: u64,
}

/// Where instances of one owner live.
#[derive(Debug, Clone)]
pub(crate) struct InstanceFolders {
    pub(crate) program: Program,
    /// Of the owner.
    pub(crate) folder: PathBuf,
    /// In front of the names of cgroups.
    pub(crate) cgroup: String,
}

impl InstanceFolders {
    pub(crate) fn instance_folder(&self, id: &str) -> PathBuf {
        self.folder.join("instances").join(id)
    }

    pub(crate) fn log_folder(&self, unit: &str) -> PathBuf {
        self.folder.join("logs").join(unit)
    }

    /// Every folder of an instance, also of one that has no identity yet.
    pub(crate) fn instance_ids(&self) -> Vec<String> {
        let Ok(entries) = fs::read_dir(self.folder.join("instances")) else { return Vec::new() };
        entries.flatten().filter_map(|entry| entry.file_name().into_string().ok()).collect()
    }

    /// Every instance that has an identity.
    pub(crate) fn identities(&self) -> Vec<Identity> {
        let Ok(entries) = fs::read_dir(self.folder.join("instances")) else { return Vec::new() };
        let read = |entry: fs::DirEntry| durable::read_json_of_this_boot(&entry.path().join(IDENTITY_FILE));
        entries.flatten().filter_map(read).collect()
    }
}

/// A name that no other instance has had.
pub(crate) fn new_id(unit: &str) -> String {
    const LETTERS: &[u8] = b"bcdfghjklmnpqrstvwxz23456789";
    let letter =
        || LETTERS.get(rand::random_range(0..LETTERS.len())).map_or('x', |letter| char::from(*letter));
    let suffix: String = std::iter::repeat_with(letter).take(6).collect();
    format!("{unit}-{suffix}")
}

/// The unit in a name that [`new_id`] made.
pub(crate) fn unit_of(id: &str) -> Option<&str> {
    id.rsplit_once('-').map(|(unit, _)| unit)
}
