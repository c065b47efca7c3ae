//! The program itself: which it is, and whether its processes run.

use serde::{Deserialize, Serialize};

use super::ProcessState;

/// Whether the server and the agent run.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Server {
    /// `running` or `stopped`.
    pub state: ProcessState,
    /// Its process.
    pub pid: Option<u32>,
    /// `running` or `stopped`.
    pub agent: ProcessState,
    /// The agent's process.
    pub agent_pid: Option<u32>,
    /// The folder that everything is kept in.
    pub home: String,
    /// The server's version.
    pub version: Option<String>,
    /// The address on loopback on which it answers too, to whoever shows the token.
    #[serde(default)]
    pub address: Option<String>,
}

/// Which Appia this is.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Version {
    /// The release.
    pub version: String,
    /// The commit it was built from, when known.
    pub commit: Option<String>,
    /// Where plans can go.
    pub targets: Vec<String>,
    /// What is read.
    pub sources: Vec<String>,
}
