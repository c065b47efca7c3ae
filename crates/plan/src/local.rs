//! The objects of the local machine, in the words that its target and its runtime share.
//!
//! `targets/local` makes them, `runtime` runs them, and neither may import the other, so the shape stands here. A body
//! holds placeholders, never their values: hosts, ports and passwords are filled in on the machine.

use std::collections::BTreeMap;

use appia_intent::units::{Bytes, Cpu, Duration};
use appia_intent::{
    Balance, ContainerName, PortName, ProbeCheck, Protocol, Ready, ResourceName, SecretRef, Template,
    WorkloadKind, WorkloadName,
};
use serde::{Deserialize, Serialize};

use crate::ArtifactId;

/// The kinds of object on the local machine, as they stand in [`crate::ObjectId::kind`].
pub mod kind {
    /// A generated secret.
    pub const SECRET: &str = "secret";
    /// A folder that outlives its users.
    pub const VOLUME: &str = "volume";
    /// A PostgreSQL server with one database.
    pub const POSTGRES: &str = "postgres";
    /// A Redis server.
    pub const REDIS: &str = "redis";
    /// Processes with their endpoint.
    pub const WORKLOAD: &str = "workload";
    /// A name in the gateway.
    pub const ROUTE: &str = "route";
    /// Something that exists already.
    pub const EXTERNAL: &str = "external";
}

/// What a local object shall be.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "object", rename_all = "snake_case")]
pub enum Body {
    /// A generated secret.
    Secret(Secret),
    /// A folder that outlives its users.
    Volume(Volume),
    /// A PostgreSQL server with one database.
    Postgres(Postgres),
    /// A Redis server.
    Redis(Redis),
    /// Processes with their endpoint.
    Workload(Box<Workload>),
    /// A name in the gateway.
    Route(Route),
    /// Something that exists already.
    External(External),
}

/// A generated secret.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Secret {
    /// Which.
    pub secret: SecretRef,
    /// How many characters of `A-Z a-z 0-9`.
    pub length: u32,
}

/// A folder that outlives its users.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Volume {
    /// The resource it belongs to.
    pub resource: ResourceName,
    /// How much it should hold; not enforced on a laptop.
    pub size: Option<Bytes>,
}

/// A PostgreSQL server with one database. Outputs: `host port name database username password url socket`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Postgres {
    /// The resource it belongs to.
    pub resource: ResourceName,
    /// The major version asked for; the machine's nearest one is used, with a warning.
    pub version: u32,
    /// Database.
    pub database: String,
    /// Role.
    pub username: String,
    /// Its password.
    pub password: SecretRef,
    /// `max_connections`.
    pub max_connections: u32,
}

/// A Redis server that keeps its data. Outputs: `host port username password url`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Redis {
    /// The resource it belongs to.
    pub resource: ResourceName,
    /// The major version asked for; the machine's own is used, with a warning.
    pub version: u32,
    /// The password of its one user.
    pub password: SecretRef,
}

/// Something that exists already: its outputs as stated.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct External {
    /// The resource it belongs to.
    pub resource: ResourceName,
    /// Output by name.
    pub outputs: BTreeMap<String, Template>,
}

/// Processes with their endpoint.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Workload {
    /// The workload it belongs to.
    pub workload: WorkloadName,
    /// How it runs; `kind` tells bodies apart.
    #[serde(rename = "type")]
    pub kind: WorkloadKind,
    /// How many instances.
    pub replicas: u32,
    /// The programs of one instance.
    pub containers: BTreeMap<ContainerName, Container>,
    /// Where it listens; the first HTTP port (else the first) gets `PORT`.
    pub ports: BTreeMap<PortName, Port>,
    /// For a `cron`: when, in crontab form.
    pub schedule: Option<String>,
    /// Time to finish after being asked to stop.
    pub grace: Duration,
    /// Which instance gets the next request, when that is stated.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub balance: Option<Balance>,
    /// How long a new release is watched beside the one before it, when that is stated.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub watch: Option<Duration>,
}

/// One program of an instance.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Container {
    /// What a build made.
    pub artifact: Option<ArtifactId>,
    /// A container image, which needs a container engine.
    pub image: Option<String>,
    /// Replaces the artefact's own start command.
    pub command: Option<Vec<String>>,
    /// Added to the command.
    pub args: Vec<String>,
    /// Environment; beyond it only `PORT` and what a program needs to run at all (`PATH`, `HOME`, `LANG`, `TMPDIR`).
    pub env: BTreeMap<String, Template>,
    /// Files to put in place.
    pub files: BTreeMap<String, File>,
    /// Volumes to mount, by path.
    pub volumes: BTreeMap<String, VolumeMount>,
    /// Not passing: no requests.
    pub readiness: Option<Probe>,
    /// Not passing: restarted.
    pub liveness: Option<Probe>,
    /// Processor share it may take; none: no limit.
    pub cpu_limit: Option<Cpu>,
    /// Memory it may take.
    pub memory_limit: Option<Bytes>,
    /// Containers that start only after this one has come so far.
    pub before: BTreeMap<ContainerName, Ready>,
}

/// A file to put in place.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct File {
    /// Permission bits.
    pub mode: u32,
    /// What is in it.
    pub content: FileContent,
}

/// What is in a file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FileContent {
    /// Text with placeholders.
    Text(Template),
    /// Bytes, in base64 where they are written: a number for each would make a plan of megabytes.
    Binary(#[serde(with = "base64_text")] Vec<u8>),
}

mod base64_text {
    use base64::Engine as _;
    use base64::prelude::BASE64_STANDARD;
    use serde::{Deserialize as _, Deserializer, Serializer, de::Error as _};

    pub(super) fn serialize<S: Serializer>(bytes: &[u8], serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&BASE64_STANDARD.encode(bytes))
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<u8>, D::Error> {
        BASE64_STANDARD.decode(String::deserialize(deserializer)?).map_err(D::Error::custom)
    }
}

/// A volume at a path.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct VolumeMount {
    /// The volume's resource.
    pub resource: ResourceName,
    /// A folder inside of it.
    pub path: Option<String>,
    /// Not written to.
    pub read_only: bool,
}

/// A port of a workload.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Port {
    /// The port that callers use elsewhere; locally each instance gets a free one.
    pub port: u16,
    /// The port the program listens on when it cannot take `PORT`.
    pub target: u16,
    /// What is spoken.
    pub protocol: Protocol,
}

/// A check and its rhythm.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Probe {
    /// What to do.
    pub check: ProbeCheck,
    /// Time between two checks.
    pub interval: Duration,
    /// Time that one check may take.
    pub timeout: Duration,
    /// Time that the first pass may take.
    pub start_within: Duration,
    /// Failures in a row until it counts as failed.
    pub failures: u32,
}

/// A name in the gateway.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Route {
    /// The workload that answers.
    pub workload: WorkloadName,
    /// Host names; the first is the one to show.
    pub hosts: Vec<String>,
    /// Path prefix.
    pub path: String,
}

/// What a person is told when this machine has another major version of a server than the one asked for: the nearest is
/// used. Said while it is made and at the end, in the same words.
pub fn another_version(server: &str, asked: u32, runs: &str) -> String {
    format!("{server} {asked} is not on this machine, {runs} is used")
}
