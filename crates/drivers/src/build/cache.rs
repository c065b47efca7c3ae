//! Where artifacts are kept, each under the hash of its content, and how a build gets there whole or not at all.
//!
//! `<hash>/` holds the artifact, `<hash>.json` says what it is and is written last: without it there is no artifact, only what a
//! killed build left, which the next build removes. The folder is not renamed at the end, because a virtual environment and many
//! a bundler write absolute paths into what they make. `<hash>.lock` is held by whoever builds; the kernel
//! lets go of it when the builder dies. Start reading at [`BuildCache::build`].

mod collect;

use std::collections::BTreeMap;
use std::fs::{self, File, TryLockError};
use std::io::Write;
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};
use std::time::Duration;

use sha2::{Digest, Sha256};

use super::fingerprint::{context, fingerprint};
use super::{
    Artifact, BuildError, BuildEvent, BuildRequest, Builder, ContentHash, Progress, Start, cargo, command,
    go, maven, node, python, site, tree,
};
use crate::tool::{Line, Tool};

/// How often a build begins again because its source changed while it ran.
const ATTEMPTS: usize = 3;

/// How often somebody who waits for another builder looks again.
const LOOK_AGAIN: Duration = Duration::from_millis(50);

/// Up to so many files are flushed one by one; beyond, the file system as a whole is cheaper.
const FLUSH_SINGLY: usize = 64;

/// A folder of artifacts.
#[derive(Debug, Clone)]
pub struct BuildCache {
    dir: PathBuf,
    reaper: Option<PathBuf>,
}

impl BuildCache {
    /// Artifacts in this folder, which is made when it is needed.
    pub fn new(dir: impl Into<PathBuf>) -> BuildCache {
        BuildCache { dir: dir.into(), reaper: None }
    }

    /// Runs build tools under the reaper at this path (the `appia` binary), so that none outlives us even when we are killed.
    pub fn reaped_by(mut self, reaper: impl Into<PathBuf>) -> BuildCache {
        self.reaper = Some(reaper.into());
        self
    }

    /// The artifact of this request: built now, or kept from before. Dropping the future ends the build and its tools.
    ///
    /// When the source changes meanwhile (a person saves a file, Cargo writes its lock), what was built has no true
    /// name, so it is built again from what is there now.
    pub async fn build(&self, request: &BuildRequest, progress: &Progress) -> Result<Artifact, BuildError> {
        let mut hash = fingerprint(request).await?;
        for _ in 0..ATTEMPTS {
            if let Some(artifact) = self.find(&hash) {
                return Ok(artifact);
            }
            let here = self.in_place()?;
            let _lock = here.lock(&hash, progress).await?;
            if let Some(artifact) = here.find(&hash) {
                return Ok(artifact);
            }
            here.sweep()?;
            let artifact = here.make(request, &hash, progress).await?;
            let now = fingerprint(request).await?;
            if now == hash {
                return here.keep(artifact).await;
            }
            remove(&here.manifest(&hash), &artifact.dir)?;
            hash = now;
        }
        Err(BuildError::Restless { path: request.context.clone() })
    }

    /// The artifact with this hash, if it was built here and is whole. Needs no source.
    pub fn find(&self, hash: &ContentHash) -> Option<Artifact> {
        let text = fs::read(self.manifest(hash)).ok()?;
        let artifact: Artifact = serde_json::from_slice(&text).ok()?;
        let in_place = artifact.hash == *hash && artifact.dir.is_dir() && artifact.work_dir.is_dir();
        (in_place && can_start(&artifact)).then_some(artifact)
    }

    /// The same cache under its real path: artifacts hold absolute paths.
    fn in_place(&self) -> Result<BuildCache, BuildError> {
        fs::create_dir_all(&self.dir).map_err(BuildError::cache("create", &self.dir))?;
        let dir = self.dir.canonicalize().map_err(BuildError::cache("read", &self.dir))?;
        Ok(BuildCache { dir, reaper: self.reaper.clone() })
    }

    async fn make(
        &self,
        request: &BuildRequest,
        hash: &ContentHash,
        progress: &Progress,
    ) -> Result<Artifact, BuildError> {
        let dir = self.dir.join(hash.as_str());
        // What is there has no manifest, or one that is no longer true, and we hold the lock.
        remove(&self.manifest(hash), &dir)?;
        fs::create_dir_all(&dir).map_err(BuildError::cache("create", &dir))?;
        let job = Job {
            request,
            context: context(request)?,
            dir: dir.clone(),
            cargo_target: self.dir.join("cargo"),
            reaper: self.reaper.as_deref(),
            progress,
        };
        let made = match request.builder {
            Builder::Cargo => cargo::build(&job).await,
            Builder::Node => node::build(&job).await,
            Builder::Python => python::build(&job).await,
            Builder::Go => go::build(&job).await,
            Builder::Maven => maven::build(&job).await,
            Builder::Static => site::build(&job).await,
            Builder::Command => command::build(&job).await,
        };
        match made {
            Ok(made) => Ok(made.into_artifact(hash.clone(), dir)),
            Err(error) => {
                // The error that counts is the build's; what stays is swept by the next one.
                let _ = fs::remove_dir_all(&dir);
                Err(error)
            }
        }
    }

    /// Makes the artifact true: its bytes reach the disk first, then the manifest appears at once.
    async fn keep(&self, artifact: Artifact) -> Result<Artifact, BuildError> {
        let dir = artifact.dir.clone();
        let flushed =
            tokio::task::spawn_blocking(move || flush(&dir).map_err(BuildError::cache("flush", &dir))).await;
        flushed.map_err(|error| BuildError::Cache {
            doing: "flush",
            path: artifact.dir.clone(),
            source: error.into(),
        })??;
        let manifest = self.manifest(&artifact.hash);
        let draft = manifest.with_extension("json.new");
        let text = serde_json::to_vec_pretty(&artifact).unwrap_or_default();
        let write = || {
            let mut file = File::create(&draft)?;
            file.write_all(&text)?;
            file.sync_all()?;
            fs::rename(&draft, &manifest)?;
            File::open(&self.dir)?.sync_all()
        };
        write().map_err(BuildError::cache("write", &manifest))?;
        Ok(artifact)
    }

    /// Waits until nobody else builds this hash.
    async fn lock(&self, hash: &ContentHash, progress: &Progress) -> Result<File, BuildError> {
        let mut told = false;
        loop {
            match self.try_lock(hash.as_str())? {
                Some(lock) => return Ok(lock),
                None if told => {}
                None => progress.stage("waiting for another build of the same"),
            }
            told = true;
            tokio::time::sleep(LOOK_AGAIN).await;
        }
    }

    fn try_lock(&self, hash: &str) -> Result<Option<File>, BuildError> {
        let path = self.dir.join(format!("{hash}.lock"));
        let open = File::options().create(true).append(true).open(&path);
        let file = open.map_err(BuildError::cache("open", &path))?;
        match file.try_lock() {
            Ok(()) => Ok(Some(file)),
            Err(TryLockError::WouldBlock) => Ok(None),
            Err(TryLockError::Error(source)) => Err(BuildError::Cache { doing: "lock", path, source }),
        }
    }

    /// Removes what killed builds left: folders without a manifest that nobody is building.
    fn sweep(&self) -> Result<(), BuildError> {
        let entries = fs::read_dir(&self.dir).map_err(BuildError::cache("read", &self.dir))?;
        for entry in entries.flatten() {
            let name = entry.file_name();
            let Some(hash) = name.to_str().and_then(|name| name.parse::<ContentHash>().ok()) else {
                continue;
            };
            if self.manifest(&hash).exists() {
                continue;
            }
            if let Some(_lock) = self.try_lock(hash.as_str())? {
                remove(&self.manifest(&hash), &entry.path())?;
            }
        }
        Ok(())
    }

    fn manifest(&self, hash: &ContentHash) -> PathBuf {
        self.dir.join(format!("{hash}.json"))
    }
}

/// One build, as its builder sees it.
pub(super) struct Job<'a> {
    pub(super) request: &'a BuildRequest,
    /// The folder of the source; real and absolute. Only read.
    pub(super) context: PathBuf,
    /// The artifact's own folder; empty.
    pub(super) dir: PathBuf,
    cargo_target: PathBuf,
    reaper: Option<&'a Path>,
    pub(super) progress: &'a Progress,
}

/// What a builder has made of a job.
pub(super) struct Made {
    pub(super) work_dir: PathBuf,
    pub(super) start: Option<Start>,
    pub(super) env: BTreeMap<String, String>,
    pub(super) path: Vec<PathBuf>,
}

impl Made {
    pub(super) fn new(work_dir: impl Into<PathBuf>, start: Option<Start>) -> Made {
        Made { work_dir: work_dir.into(), start, env: BTreeMap::new(), path: Vec::new() }
    }

    fn into_artifact(self, hash: ContentHash, dir: PathBuf) -> Artifact {
        Artifact { hash, dir, work_dir: self.work_dir, start: self.start, env: self.env, path: self.path }
    }
}

impl Job<'_> {
    /// A tool that runs in this folder, reaped, with the request's variables.
    pub(super) fn tool(&self, program: impl AsRef<std::ffi::OsStr>, folder: &Path) -> Tool {
        let tool = Tool::new(program).current_dir(folder).reaped_by(self.reaper);
        self.request.options.env.iter().fold(tool, |tool, (name, value)| tool.env(name, value))
    }

    /// Runs a tool and shows its lines.
    pub(super) async fn run(&self, tool: Tool) -> Result<(), BuildError> {
        let show = |line: Line<'_>| {
            let (Line::Out(text) | Line::Err(text)) = line;
            self.progress.tell(BuildEvent::Line(text.to_owned()));
        };
        Ok(tool.run(show).await?)
    }

    /// Copies the source into the artifact, and says where to.
    pub(super) async fn copy_source(&self) -> Result<PathBuf, BuildError> {
        let (from, to) = (self.context.clone(), self.dir.join("app"));
        let copied = tokio::task::spawn_blocking(move || tree::copy(&from, &to).map(|()| to)).await;
        copied.map_err(|error| BuildError::Cache {
            doing: "write",
            path: self.dir.clone(),
            source: error.into(),
        })?
    }

    /// Where Cargo keeps its state between builds of this workspace.
    pub(super) fn cargo_target(&self, workspace: &Path) -> PathBuf {
        let digest = Sha256::digest(workspace.as_os_str().as_bytes());
        let name: String = digest.iter().take(8).map(|byte| format!("{byte:02x}")).collect();
        self.cargo_target.join(name)
    }
}

/// A program under an absolute path may be gone since: a virtual environment whose Python was removed, say.
fn can_start(artifact: &Artifact) -> bool {
    match &artifact.start {
        Some(Start::Command(words)) => {
            words.first().is_none_or(|program| !program.starts_with('/') || Path::new(program).is_file())
        }
        Some(Start::StaticSite { root }) => root.is_dir(),
        None => true,
    }
}

/// Removes an artifact, its manifest first: half an artifact with a manifest must never be.
fn remove(manifest: &Path, dir: &Path) -> Result<(), BuildError> {
    let gone = |result: std::io::Result<()>| match result {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => Err(error),
        Ok(()) | Err(_) => Ok(()),
    };
    gone(fs::remove_file(manifest)).map_err(BuildError::cache("remove", manifest))?;
    gone(fs::remove_dir_all(dir)).map_err(BuildError::cache("remove", dir))
}

fn flush(dir: &Path) -> std::io::Result<()> {
    let mut folders = vec![dir.to_owned()];
    let mut files = Vec::new();
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(&folder)? {
            let entry = entry?;
            let kind = entry.file_type()?;
            if kind.is_dir() {
                folders.push(entry.path());
            } else if kind.is_file() {
                files.push(entry.path());
            }
        }
        if files.len() > FLUSH_SINGLY {
            return Ok(nix::unistd::syncfs(File::open(dir)?)?);
        }
        files.push(folder);
    }
    files.iter().try_for_each(|path| File::open(path)?.sync_all())
}
