//! Who is killed, and finding their processes.

use std::path::Path;
use std::process::Child;

use super::processes::{self, Role};

/// Who is killed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Victims {
    CommandLine,
    Server,
    Agent,
    ServerAndAgent,
    All,
}

pub(super) const VICTIMS: [Victims; 5] =
    [Victims::CommandLine, Victims::Server, Victims::Agent, Victims::ServerAndAgent, Victims::All];

impl Victims {
    pub(super) fn name(self) -> &'static str {
        match self {
            Victims::CommandLine => "command line",
            Victims::Server => "server",
            Victims::Agent => "agent",
            Victims::ServerAndAgent => "server+agent",
            Victims::All => "all three",
        }
    }
}

impl Victims {
    /// Their processes, as far as they are there.
    pub(super) fn pids(self, home: &Path, command_line: &Child) -> Vec<u32> {
        let (server, agent, us) = match self {
            Victims::CommandLine => (false, false, true),
            Victims::Server => (true, false, false),
            Victims::Agent => (false, true, false),
            Victims::ServerAndAgent => (true, true, false),
            Victims::All => (true, true, true),
        };
        let chosen = processes::of_home(home).into_iter().filter(|process| match process.role() {
            Role::Server => server,
            Role::Agent => agent,
            Role::Shim(_) | Role::Program => false,
        });
        chosen.map(|process| process.pid).chain(us.then(|| command_line.id())).collect()
    }
}
