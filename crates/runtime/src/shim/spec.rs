//! What the agent and a shim say to each other, on stdin and in files.

use std::collections::BTreeMap;
use std::fmt;
use std::path::PathBuf;

use serde::{Deserialize, Serialize};

use super::mounts::Mount;
use crate::process_table::ProcessMark;

/// Locked by the shim while it is at work.
pub(crate) const LOCK_FILE: &str = "lock";
/// Holds a [`RunRecord`].
pub(crate) const RUN_FILE: &str = "run.json";
/// Holds an [`ExitRecord`].
pub(crate) const EXIT_FILE: &str = "exit.json";

/// What to run. Serialised only into the shim's stdin: the environment holds secrets.
#[derive(Clone, Serialize, Deserialize)]
pub(crate) struct Launch {
    pub(crate) command: Vec<String>,
    pub(crate) env: BTreeMap<String, String>,
    pub(crate) folder: PathBuf,
    /// What it sees at absolute paths of its own.
    pub(crate) mounts: Vec<Mount>,
    pub(crate) log: PathBuf,
    pub(crate) log_limit: LogLimit,
    pub(crate) limits: Limits,
    /// The name of its cgroup.
    pub(crate) cgroup: String,
    pub(crate) runs_as: RunsAs,
    /// The folder that has to belong to whom it runs as.
    pub(crate) owns: Option<PathBuf>,
    pub(crate) stop: Stop,
}

/// Shows everything but the environment.
impl fmt::Debug for Launch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Launch")
            .field("command", &self.command)
            .field("folder", &self.folder)
            .finish_non_exhaustive()
    }
}

/// How large a log file may become and how many are kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct LogLimit {
    pub(crate) bytes: u64,
    pub(crate) files: u32,
}

impl Default for LogLimit {
    fn default() -> Self {
        LogLimit { bytes: 10 << 20, files: 3 }
    }
}

/// What a program may take at most.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Limits {
    pub(crate) cpu_millis: Option<u64>,
    pub(crate) memory_bytes: Option<u64>,
}

/// As whom a program runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum RunsAs {
    /// As the user who runs Appia.
    Us,
    /// As a user who is not root, in a user namespace where that is allowed, for programs that refuse root.
    OtherUser,
}

/// How a program is asked to stop.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Stop {
    pub(crate) signal: StopSignal,
    pub(crate) grace_millis: u64,
}

/// The signal that asks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum StopSignal {
    /// SIGTERM to the group: what programs expect.
    Terminate,
    /// SIGINT to the program alone: PostgreSQL's fast shutdown.
    Interrupt,
}

/// The one line that the shim writes to stdout.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum StartReport {
    Started(RunRecord),
    Failed(String),
}

/// Who runs.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct RunRecord {
    pub(crate) shim: ProcessMark,
    /// The program; also its process group.
    pub(crate) program: ProcessMark,
    pub(crate) boot_id: String,
    pub(crate) started_micros: u64,
    pub(crate) cgroups: Vec<PathBuf>,
    /// What could not be done as asked: limits that this machine does not offer.
    pub(crate) notes: Vec<String>,
}

/// How a program ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct ExitRecord {
    pub(crate) code: Option<i32>,
    pub(crate) signal: Option<i32>,
    pub(crate) out_of_memory: bool,
    pub(crate) at_micros: u64,
}
