//! What to run, complete: placeholders filled in, secrets revealed. Kept on disk sealed only.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::path::PathBuf;
use std::time::Duration;

use appia_intent::{Balance, ContainerName, PortName, ProbeCheck, Ready, WorkloadKind};
use appia_plan::local;
use serde::{Deserialize, Serialize};

use crate::shim::spec::{Limits, RunsAs, StopSignal};

/// Processes with their endpoint.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct WorkloadSpec {
    pub(crate) kind: WorkloadKind,
    pub(crate) replicas: u32,
    /// What is shown as its release.
    pub(crate) release: String,
    pub(crate) containers: BTreeMap<ContainerName, ContainerSpec>,
    pub(crate) ports: BTreeMap<PortName, local::Port>,
    pub(crate) schedule: Option<String>,
    pub(crate) grace_millis: u64,
    /// Two of it would fight over the same data.
    pub(crate) exclusive: bool,
    /// Which instance gets the next request; none: each in its turn.
    #[serde(default)]
    pub(crate) balance: Option<Balance>,
    /// How long it is watched beside the release before it.
    #[serde(default = "watch_millis")]
    pub(crate) watch_millis: u64,
}

/// Long enough to meet what breaks at the first requests, short enough to wait for.
const WATCH_MILLIS: u64 = 2_000;

/// When nothing is stated.
pub(crate) fn watch_millis() -> u64 {
    WATCH_MILLIS
}

impl WorkloadSpec {
    /// The port that programs get as `PORT`.
    pub(crate) fn main_port(&self) -> Option<(&PortName, &local::Port)> {
        appia_intent::main_port(&self.ports, |port| port.protocol)
    }

    /// Ports other than the main one are listened on as stated, so two instances cannot stand side by side.
    pub(crate) fn is_one_at_a_time(&self) -> bool {
        self.exclusive || self.ports.len() > 1
    }

    /// Whether an instance is meant to end.
    pub(crate) fn runs_to_completion(&self) -> bool {
        match self.kind {
            WorkloadKind::Job | WorkloadKind::Cron => true,
            WorkloadKind::Service | WorkloadKind::Worker | WorkloadKind::Function | WorkloadKind::Site => {
                false
            }
        }
    }
}

/// One program of an instance.
#[derive(Clone, Serialize, Deserialize)]
pub(crate) struct ContainerSpec {
    pub(crate) command: Vec<String>,
    /// The folder it expects to start in; never written to by us.
    pub(crate) folder: PathBuf,
    /// Folders in front of `PATH`.
    pub(crate) path: Vec<PathBuf>,
    pub(crate) env: BTreeMap<String, String>,
    pub(crate) files: BTreeMap<String, FileSpec>,
    pub(crate) volumes: BTreeMap<String, PathBuf>,
    /// The paths of those volumes that it may only read.
    #[serde(default)]
    pub(crate) read_only: BTreeSet<String>,
    pub(crate) readiness: Option<ProbeSpec>,
    pub(crate) liveness: Option<ProbeSpec>,
    pub(crate) limits: Limits,
    pub(crate) before: BTreeMap<ContainerName, Ready>,
    pub(crate) runs_as: RunsAs,
    pub(crate) stop_signal: StopSignal,
    /// A file in which the program notes its pid and which keeps it from starting when an earlier run was killed.
    pub(crate) pid_file: Option<PathBuf>,
}

impl ContainerSpec {
    /// Whether somebody waits for its end.
    pub(crate) fn must_complete(&self) -> bool {
        self.before.values().any(|ready| *ready == Ready::Complete)
    }
}

/// Shows everything but environment and files, which may hold secrets.
impl fmt::Debug for ContainerSpec {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ContainerSpec")
            .field("command", &self.command)
            .field("folder", &self.folder)
            .field("env", &self.env.keys().collect::<Vec<_>>())
            .field("files", &self.files.keys().collect::<Vec<_>>())
            .finish_non_exhaustive()
    }
}

/// A file to put in place.
#[derive(Clone, Serialize, Deserialize)]
pub(crate) struct FileSpec {
    pub(crate) mode: u32,
    pub(crate) content: Vec<u8>,
}

/// A check and its rhythm.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct ProbeSpec {
    pub(crate) check: ProbeKind,
    pub(crate) interval: Duration,
    pub(crate) timeout: Duration,
    pub(crate) start_within: Duration,
    pub(crate) failures: u32,
}

/// What a probe does.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum ProbeKind {
    /// What a file can ask for.
    Stated(ProbeCheck),
    /// A PostgreSQL server that takes connections.
    Postgres { port: u16 },
    /// A Redis server that has read its data; the password is in the environment.
    Redis { port: u16 },
    /// It has run for a moment without ending: for programs that neither listen nor say how they are.
    Alive,
}

impl ProbeSpec {
    /// A probe with the rhythm that a workload gets which states none.
    pub(crate) fn with_check(check: ProbeKind) -> ProbeSpec {
        ProbeSpec {
            check,
            interval: Duration::from_secs(5),
            timeout: Duration::from_secs(2),
            start_within: Duration::from_secs(60),
            failures: 3,
        }
    }
}

impl From<&local::Probe> for ProbeSpec {
    fn from(probe: &local::Probe) -> ProbeSpec {
        ProbeSpec {
            check: ProbeKind::Stated(probe.check.clone()),
            interval: probe.interval.to_std(),
            timeout: probe.timeout.to_std(),
            start_within: probe.start_within.to_std(),
            failures: probe.failures,
        }
    }
}
