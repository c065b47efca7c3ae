//! Turning a folder of source code into something that can be started.
//!
//! [`detect`](detect::detect) says which builder fits a folder, [`fingerprint`](fingerprint::fingerprint) names what would be
//! built by its content, and [`BuildCache::build`] builds it unless that was done before. One file per builder;
//! each reads a copy of the source (Cargo excepted, which needs its target folder to stay) and writes into the artifact's
//! own folder. Nothing is written into the folder of the source but `Cargo.lock`, which Cargo keeps up to date. Start reading at [`BuildCache::build`] in `cache.rs`.

mod cache;
mod cargo;
mod command;
pub mod detect;
mod error;
pub mod fingerprint;
mod go;
mod maven;
mod node;
mod progress;
mod python;
mod shell;
mod site;
mod tree;
mod workspace;

use std::collections::BTreeMap;
use std::fmt;
use std::path::PathBuf;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

pub use cache::BuildCache;
pub use error::BuildError;
pub use fingerprint::ContentHash;
pub use progress::{BuildEvent, Progress};

/// What to build, and how.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BuildRequest {
    /// The workload's name: chooses among several binaries or Procfile entries.
    pub workload: String,
    /// The folder of its source code.
    pub context: PathBuf,
    /// Who builds it.
    pub builder: Builder,
    /// What the builder cannot see in the folder.
    pub options: Options,
}

/// Who knows how to build a folder.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Builder {
    /// A Rust package, built in release mode.
    Cargo,
    /// A Node package: dependencies by npm, then its `build` script.
    Node,
    /// A Python program with a virtual environment of its own.
    Python,
    /// A Go module, or the tools that it names.
    Go,
    /// A Maven project, or the jars that it depends on.
    Maven,
    /// Files that are served as they are.
    Static,
    /// Any shell command.
    Command,
}

impl Builder {
    /// Every builder, in the order in which [`detect::detect`] asks.
    pub const ALL: [Builder; 7] = [
        Builder::Cargo,
        Builder::Node,
        Builder::Python,
        Builder::Go,
        Builder::Maven,
        Builder::Static,
        Builder::Command,
    ];

    /// The word for it in `appia.yaml`.
    pub fn name(self) -> &'static str {
        match self {
            Builder::Cargo => "cargo",
            Builder::Node => "node",
            Builder::Python => "python",
            Builder::Go => "go",
            Builder::Maven => "maven",
            Builder::Static => "static",
            Builder::Command => "command",
        }
    }
}

impl fmt::Display for Builder {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.name())
    }
}

/// The word names no builder.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("there is no builder `{0}`; there are cargo, node, python, go, maven, static and command")]
pub struct UnknownBuilder(pub String);

impl FromStr for Builder {
    type Err = UnknownBuilder;

    fn from_str(word: &str) -> Result<Builder, UnknownBuilder> {
        Builder::ALL
            .into_iter()
            .find(|builder| builder.name() == word)
            .ok_or_else(|| UnknownBuilder(word.to_owned()))
    }
}

/// What a builder cannot see in the folder. All of it is part of the fingerprint.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Options {
    /// Cargo: which package of a workspace.
    pub package: Option<String>,
    /// Cargo and Go: which program, when there are several.
    pub binary: Option<String>,
    /// The shell command that builds; Node and Python: after their packages are installed.
    pub command: Option<String>,
    /// Where the result is, relative to the context. Command: what to keep. Node, Python and static: the folder of the site.
    pub output: Option<PathBuf>,
    /// Variables for the tools that build. Never for what is built, and nothing secret: they are part of the fingerprint.
    pub env: BTreeMap<String, String>,
}

/// Something that can be started. Its folder never changes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Artifact {
    /// Names the content: the same source, options and tools give the same hash.
    pub hash: ContentHash,
    /// Everything that was built, under an absolute path.
    pub dir: PathBuf,
    /// The folder in which the program expects to start; inside `dir`.
    pub work_dir: PathBuf,
    /// How to start it. `None`: the source does not say, so the workload has to, by its `command`.
    pub start: Option<Start>,
    /// Variables that the program needs, such as `NODE_ENV`.
    pub env: BTreeMap<String, String>,
    /// Folders to put in front of `PATH`.
    pub path: Vec<PathBuf>,
}

/// How to start an artifact.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Start {
    /// A program and its arguments.
    Command(Vec<String>),
    /// No program: files to serve.
    StaticSite {
        /// The folder of the files; absolute.
        root: PathBuf,
    },
}
