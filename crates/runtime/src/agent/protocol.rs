//! What is said over the agent's socket: one request a connection, as a line of JSON; then any number of lines of
//! progress and one that ends it.
//!
//! These are wire types: they may hold secrets on their way into an environment, over a socket that only this user can
//! open, and are never written anywhere.

use std::collections::BTreeMap;
use std::fmt;

use appia_intent::PortName;
use appia_plan::{DataFate, DriverError, Object, ObjectId, ObservedObject, Owner};
use serde::{Deserialize, Serialize};

use super::status::OwnerStatus;
use crate::supervisor::spec::WorkloadSpec;

/// Grows when an older agent would not understand.
pub(crate) const PROTOCOL: u32 = 2;

/// What the agent is asked for.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Request {
    /// Who are you?
    Hello,
    /// Take a step.
    Take(Box<Order>),
    /// What is really there?
    Observe(Owner),
    /// How is it?
    Status(Owner),
    /// Of whom is there anything?
    Owners,
    /// The text for `/metrics`.
    Metrics,
    /// Nobody waits for what is being started any more: end those steps soon, without having done them.
    GiveUp(Owner),
    /// End.
    Shutdown(Shutdown),
}

/// What becomes of what runs when the agent ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Shutdown {
    /// It goes on; the next agent takes it over.
    LeaveRunning,
    /// It is stopped, and the next agent starts it again.
    StopAll,
}

/// A step with the right to take it.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Order {
    pub(crate) owner: Owner,
    pub(crate) fencing_token: u64,
    pub(crate) object: ObjectId,
    pub(crate) action: Action,
}

/// What is done to an object.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Action {
    /// It shall be so.
    Put { desired: Object, content: Box<Content> },
    /// Its endpoint shall have ports, before it is there.
    Reserve { ports: Vec<PortName> },
    /// It shall stop and keep all it has.
    Pause,
    /// It shall go on.
    Resume,
    /// It shall not be.
    Delete(DataFate),
}

/// What an object is made of, complete.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Content {
    /// Nothing runs: it only has outputs.
    Plain(BTreeMap<String, String>),
    Volume,
    Postgres(PostgresContent),
    Redis(RedisContent),
    Workload(WorkloadSpec),
}

/// A PostgreSQL server with one database.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct PostgresContent {
    pub(crate) version: u32,
    pub(crate) database: String,
    pub(crate) username: String,
    pub(crate) password: Sensitive,
    pub(crate) max_connections: u32,
}

/// A Redis server.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct RedisContent {
    pub(crate) version: u32,
    pub(crate) password: Sensitive,
}

/// A secret on its way over the socket; never shown.
#[derive(Clone, Serialize, Deserialize)]
#[serde(transparent)]
pub(crate) struct Sensitive(pub(crate) String);

impl fmt::Debug for Sensitive {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("***")
    }
}

impl Drop for Sensitive {
    fn drop(&mut self) {
        zeroize::Zeroize::zeroize(&mut self.0);
    }
}

/// What the agent answers.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Reply {
    /// More follows.
    Progress(String),
    Hello(Hello),
    Taken(Option<ObservedObject>),
    Observed(Vec<(ObjectId, ObservedObject)>),
    Status(Box<OwnerStatus>),
    Owners(Vec<Owner>),
    Text(String),
    Done,
    Failed(Failure),
}

/// Which agent answers.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Hello {
    /// What it understands.
    pub protocol: u32,
    /// Of the binary that runs.
    pub version: String,
    /// Its process.
    pub pid: u32,
    /// The port on which all host names are answered.
    pub gateway_port: Option<u16>,
}

/// Why not.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Failure {
    Transient(String),
    Permanent { message: String, detail: Vec<String>, help: Vec<String> },
    Fenced { newer: u64 },
}

impl Failure {
    pub(crate) fn permanent(message: impl Into<String>) -> Failure {
        Failure::Permanent { message: message.into(), detail: Vec::new(), help: Vec::new() }
    }

    /// Something on disk or in the system did not work; another try may.
    pub(crate) fn system(what: &str) -> impl Fn(std::io::Error) -> Failure + use<> {
        let what = what.to_owned();
        move |error| Failure::Transient(format!("{what}: {error}"))
    }
}

impl From<Failure> for DriverError {
    fn from(failure: Failure) -> DriverError {
        match failure {
            Failure::Transient(message) => DriverError::Transient { message },
            Failure::Permanent { message, detail, help } => DriverError::Permanent { message, detail, help },
            Failure::Fenced { newer } => DriverError::Fenced { newer },
        }
    }
}
