//! Naming what would be built by its content: the same source, options and tools give the same name on every machine.
//!
//! Covered: every file of the source (path, executable bit, bytes; see `tree.rs`) but the `appia.yaml` that asks for it, the builder, its options, and the
//! versions of the tools that build. For Cargo the source is the package with the packages it depends on by path, the manifest and lock
//! of its workspace, and Cargo's configuration (see `workspace.rs`). Not covered: what a build fetches from elsewhere
//! without a lock, and files that Rust code includes from outside of any of these packages.

use std::fmt;
use std::fs;
use std::io::Read;
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};
use std::str::FromStr;

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use super::error::MOST_BYTES;
use super::tree::{self, Entry, Kind};
use super::{BuildError, BuildRequest, Builder, workspace};
use crate::tool::Tool;

/// Changes when the same input has to be built anew because a builder does something else with it.
const VERSION: &str = "appia build 2";

/// The name of an artifact: SHA-256, 64 hexadecimal digits.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct ContentHash(String);

/// The text is no content hash.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is no content hash; it has 64 hexadecimal digits")]
pub struct NoHash(pub String);

impl ContentHash {
    /// All 64 digits.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The first 12 digits, for people.
    pub fn short(&self) -> &str {
        self.0.get(..12).unwrap_or(&self.0)
    }
}

impl fmt::Display for ContentHash {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0)
    }
}

impl FromStr for ContentHash {
    type Err = NoHash;

    fn from_str(text: &str) -> Result<ContentHash, NoHash> {
        let fits = text.len() == 64 && text.bytes().all(|digit| matches!(digit, b'0'..=b'9' | b'a'..=b'f'));
        if fits { Ok(ContentHash(text.to_owned())) } else { Err(NoHash(text.to_owned())) }
    }
}

impl TryFrom<String> for ContentHash {
    type Error = NoHash;

    fn try_from(text: String) -> Result<ContentHash, NoHash> {
        text.parse()
    }
}

impl From<ContentHash> for String {
    fn from(hash: ContentHash) -> String {
        hash.0
    }
}

/// Which files of a folder count.
type Lister = fn(&Path, &Path) -> Result<Vec<Entry>, BuildError>;

/// Part of the source, with the name under which it counts.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Root {
    /// Seen from the workspace, so that the place of the checkout does not matter.
    pub(super) label: PathBuf,
    pub(super) path: PathBuf,
}

/// Names what building this request would give. Reads every file of the source; builds nothing.
pub async fn fingerprint(request: &BuildRequest) -> Result<ContentHash, BuildError> {
    let context = context(request)?;
    if let Some(output) = &request.options.output {
        tree::inside(output)?;
    }
    let mut seal = Seal::new();
    seal.text(VERSION);
    seal.text(request.builder.name());
    seal.text(&request.workload);
    seal.text(&serde_json::to_string(&request.options).unwrap_or_default());
    for version in versions(request.builder, &context).await? {
        seal.text(&version);
    }
    let list = if request.builder == Builder::Cargo { tree::list } else { tree::source };
    let (roots, boundary) = match request.builder {
        Builder::Cargo => workspace::roots(&context, &request.options).await?,
        Builder::Node
        | Builder::Python
        | Builder::Go
        | Builder::Maven
        | Builder::Static
        | Builder::Command => (vec![Root { label: PathBuf::new(), path: context.clone() }], context),
    };
    tokio::task::spawn_blocking(move || seal.roots(&roots, &boundary, list).map(|()| seal.hash()))
        .await
        .map_err(|error| BuildError::Read { path: request.context.clone(), source: error.into() })?
}

/// The context as it really is, without links.
pub(super) fn context(request: &BuildRequest) -> Result<PathBuf, BuildError> {
    let found = request.context.canonicalize().ok().filter(|path| path.is_dir());
    found.ok_or_else(|| BuildError::NoFolder { path: request.context.clone() })
}

async fn versions(builder: Builder, context: &Path) -> Result<Vec<String>, BuildError> {
    let asked: &[(&str, &[&str])] = match builder {
        Builder::Cargo => &[("rustc", &["-vV"])],
        Builder::Node => &[("node", &["--version"])],
        Builder::Python => &[("python3", &["-c", "import sys; print(sys.version)"])],
        Builder::Go => &[("go", &["version"])],
        Builder::Maven => &[("java", &["--version"])],
        Builder::Static | Builder::Command => &[],
    };
    let mut answers = Vec::new();
    if builder != Builder::Static {
        answers.push(std::env::consts::ARCH.to_owned());
    }
    for (program, arguments) in asked {
        answers.push(Tool::new(program).args(*arguments).current_dir(context).read().await?);
    }
    if builder == Builder::Cargo {
        let flags = ["RUSTFLAGS", "CARGO_ENCODED_RUSTFLAGS", "CARGO_BUILD_TARGET"];
        answers.extend(flags.map(|name| std::env::var(name).unwrap_or_default()));
    }
    Ok(answers)
}

/// A hash over parts of known length, so that no two different inputs read the same.
struct Seal(Sha256);

impl Seal {
    fn new() -> Seal {
        Seal(Sha256::new())
    }

    fn text(&mut self, text: &str) {
        self.bytes(text.as_bytes());
    }

    fn bytes(&mut self, bytes: &[u8]) {
        self.0.update((bytes.len() as u64).to_le_bytes());
        self.0.update(bytes);
    }

    fn roots(&mut self, roots: &[Root], boundary: &Path, list: Lister) -> Result<(), BuildError> {
        for root in roots {
            self.bytes(root.label.as_os_str().as_bytes());
            if root.path.is_dir() {
                // A package outside of the workspace has a boundary of its own.
                let boundary = if root.path.starts_with(boundary) { boundary } else { &root.path };
                for entry in list(&root.path, boundary)? {
                    self.entry(&entry)?;
                }
            } else {
                self.file(&root.path)?;
            }
        }
        Ok(())
    }

    fn entry(&mut self, entry: &Entry) -> Result<(), BuildError> {
        self.bytes(entry.relative.as_os_str().as_bytes());
        match &entry.kind {
            Kind::File { executable } => {
                self.text(if *executable { "executable" } else { "file" });
                self.file(&entry.path)
            }
            Kind::Link { target } => {
                self.text("link");
                self.bytes(target.as_os_str().as_bytes());
                // What it points to may lie outside of the tree (a licence at the workspace's root) or be ignored.
                if entry.path.is_file() { self.file(&entry.path) } else { Ok(()) }
            }
        }
    }

    fn file(&mut self, path: &Path) -> Result<(), BuildError> {
        let mut file = fs::File::open(path).map_err(BuildError::read(path))?;
        if file.metadata().is_ok_and(|about| about.len() > MOST_BYTES) {
            return Err(BuildError::TooMuch { folder: path.to_owned() });
        }
        let mut inner = Sha256::new();
        let mut buffer = vec![0_u8; 64 << 10];
        loop {
            let count = file.read(&mut buffer).map_err(BuildError::read(path))?;
            if count == 0 {
                break;
            }
            inner.update(buffer.get(..count).unwrap_or_default());
        }
        self.0.update(inner.finalize());
        Ok(())
    }

    fn hash(self) -> ContentHash {
        ContentHash(self.0.finalize().iter().map(|byte| format!("{byte:02x}")).collect())
    }
}
