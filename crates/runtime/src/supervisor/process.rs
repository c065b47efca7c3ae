//! One run of one program, held by its shim: starting it, finding it again, asking it to stop, hearing how it ended.

use std::fmt;
use std::fs;
use std::io;
use std::os::fd::OwnedFd;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::Duration;

use nix::sys::signal::{Signal, kill, killpg};
use nix::unistd::Pid;
use serde::{Deserialize, Serialize};
use tokio::io::unix::AsyncFd;
use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader, Interest};
use tokio::process::Command;

use crate::process_table::{boot_id, named_in_environment, session_members};
use crate::program::Program;
use crate::shim::spec::{EXIT_FILE, ExitRecord, Launch, RUN_FILE, RunRecord, StartReport};
use crate::{durable, shim};

/// How long a shim that was started just before the agent died may take to say who runs.
const SHIM_START: Duration = Duration::from_secs(5);

/// How a program ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Exit {
    Code(i32),
    Signal(i32),
    OutOfMemory,
    /// Its shim was killed or the machine went down: nobody knows.
    Lost,
}

impl From<ExitRecord> for Exit {
    fn from(record: ExitRecord) -> Exit {
        match record {
            ExitRecord { out_of_memory: true, .. } => Exit::OutOfMemory,
            ExitRecord { code: Some(code), .. } => Exit::Code(code),
            ExitRecord { signal: Some(signal), .. } => Exit::Signal(signal),
            ExitRecord { code: None, signal: None, .. } => Exit::Lost,
        }
    }
}

impl fmt::Display for Exit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Exit::Code(code) => write!(f, "ended with status {code}"),
            Exit::Signal(signal) => match Signal::try_from(*signal) {
                Ok(signal) => write!(f, "was killed by {signal}"),
                Err(_) => write!(f, "was killed by signal {signal}"),
            },
            Exit::OutOfMemory => f.write_str("took more memory than it may and was killed"),
            Exit::Lost => f.write_str("was killed together with its shim"),
        }
    }
}

/// Why a program did not start.
#[derive(Debug, thiserror::Error)]
pub(crate) enum ProcessError {
    #[error("{0}")]
    Refused(String),
    #[error("the shim of `{program}` cannot be started: {source}")]
    Shim {
        program: String,
        #[source]
        source: io::Error,
    },
}

/// A program that runs.
#[derive(Debug)]
pub(crate) struct Process {
    dir: PathBuf,
    pub(crate) record: RunRecord,
    shim: Shim,
}

/// What we hold of the shim: our child, or a handle on one that an earlier agent started.
#[derive(Debug)]
enum Shim {
    Child(tokio::process::Child),
    Found(AsyncFd<OwnedFd>),
    Gone,
}

/// What is found in the folder of a program.
#[derive(Debug)]
pub(crate) enum Found {
    Running(Box<Process>),
    Ended(Exit),
    Nothing,
}

impl Process {
    /// Starts a program; returns when it runs.
    pub(crate) async fn spawn(
        program: &Program,
        dir: &Path,
        launch: &Launch,
    ) -> Result<Process, ProcessError> {
        let failed = |source| ProcessError::Shim { program: program.path().display().to_string(), source };
        prepare(dir).map_err(failed)?;
        let mut child = Command::new(program.path())
            .args(program.arguments("shim", dir))
            .env_clear()
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .map_err(failed)?;
        let report = converse(&mut child, launch).await.map_err(failed)?;
        match report {
            StartReport::Started(record) => {
                Ok(Process { dir: dir.to_owned(), record, shim: Shim::Child(child) })
            }
            StartReport::Failed(message) => {
                let _ = child.wait().await;
                Err(ProcessError::Refused(message))
            }
        }
    }

    /// Looks for a program that an earlier agent started in this folder.
    pub(crate) async fn find(dir: &Path) -> io::Result<Found> {
        let Some(record) = find_record(dir).await? else { return Ok(Found::Nothing) };
        if record.boot_id == boot_id() && record.shim.is_alive() {
            let shim = Shim::find(&record)?;
            return Ok(Found::Running(Box::new(Process { dir: dir.to_owned(), record, shim })));
        }
        if let Some(exit) = durable::read_json::<ExitRecord>(&dir.join(EXIT_FILE))? {
            return Ok(Found::Ended(exit.into()));
        }
        if record.boot_id == boot_id() {
            kill_leftovers(&record, dir).await;
        }
        remove_cgroups(&record);
        Ok(Found::Ended(Exit::Lost))
    }

    /// Waits for the end. May be given up and called again.
    pub(crate) async fn ended(&mut self) -> Exit {
        match &mut self.shim {
            Shim::Child(child) => drop(child.wait().await),
            Shim::Found(handle) => drop(handle.readable().await),
            Shim::Gone => {}
        }
        match durable::read_json::<ExitRecord>(&self.dir.join(EXIT_FILE)) {
            Ok(Some(exit)) => exit.into(),
            Ok(None) | Err(_) => {
                kill_leftovers(&self.record, &self.dir).await;
                remove_cgroups(&self.record);
                Exit::Lost
            }
        }
    }

    /// Asks the program to stop; the shim sees to it that it does.
    pub(crate) fn ask_to_stop(&self) {
        if self.record.shim.is_alive() {
            let _ = kill(Pid::from_raw(self.record.shim.pid), Signal::SIGTERM);
        }
    }

    /// Ends it at once.
    pub(crate) fn kill(&self) {
        if self.record.program.is_alive() {
            let _ = killpg(Pid::from_raw(self.record.program.pid), Signal::SIGKILL);
        }
    }
}

impl Shim {
    fn find(record: &RunRecord) -> io::Result<Shim> {
        let Some(pid) = rustix::process::Pid::from_raw(record.shim.pid) else { return Ok(Shim::Gone) };
        match rustix::process::pidfd_open(pid, rustix::process::PidfdFlags::NONBLOCK) {
            Ok(handle) if record.shim.is_alive() => watch(handle).map(Shim::Found),
            Ok(_) | Err(_) => Ok(Shim::Gone),
        }
    }
}

/// Becomes readable when the process ends.
#[expect(
    deprecated,
    reason = "the successor is an unsafe function; an owned handle stays open as long as it is watched"
)]
fn watch(handle: OwnedFd) -> io::Result<AsyncFd<OwnedFd>> {
    AsyncFd::with_interest(handle, Interest::READABLE)
}

fn prepare(dir: &Path) -> io::Result<()> {
    fs::create_dir_all(dir.join("tmp"))?;
    fs::create_dir_all(dir.join("home"))?;
    durable::remove(&dir.join(RUN_FILE))?;
    durable::remove(&dir.join(EXIT_FILE))?;
    shim::create_lock(dir)
}

async fn converse(child: &mut tokio::process::Child, launch: &Launch) -> io::Result<StartReport> {
    let text = zeroize::Zeroizing::new(serde_json::to_vec(launch)?);
    if let Some(mut stdin) = child.stdin.take() {
        stdin.write_all(&text).await?;
        stdin.shutdown().await?;
    }
    let mut line = String::new();
    if let Some(stdout) = child.stdout.take() {
        BufReader::new(stdout).read_line(&mut line).await?;
    }
    if line.is_empty() {
        return Err(io::Error::other("it ended without a word"));
    }
    Ok(serde_json::from_str(&line)?)
}

/// Who runs in a folder. A shim that holds the lock and has not said yet is waited for.
async fn find_record(dir: &Path) -> io::Result<Option<RunRecord>> {
    let deadline = tokio::time::Instant::now() + SHIM_START;
    loop {
        if let Some(record) = durable::read_json_of_this_boot(&dir.join(RUN_FILE)) {
            return Ok(Some(record));
        }
        if shim::void(dir)? || tokio::time::Instant::now() > deadline {
            return Ok(durable::read_json_of_this_boot(&dir.join(RUN_FILE)));
        }
        tokio::time::sleep(Duration::from_millis(2)).await;
    }
}

/// Kills what a shim that was itself killed has left: everybody in its session and its cgroups, and everybody who has
/// the folder of the run in the environment.
async fn kill_leftovers(record: &RunRecord, dir: &Path) {
    let deadline = tokio::time::Instant::now() + Duration::from_secs(5);
    loop {
        let mut left = session_members(record.shim);
        left.extend(named_in_environment(&dir.join("home")));
        left.extend(record.cgroups.iter().flat_map(|folder| cgroup_members(folder)));
        if left.is_empty() || tokio::time::Instant::now() > deadline {
            return;
        }
        for pid in left {
            let _ = kill(Pid::from_raw(pid), Signal::SIGKILL);
        }
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
}

fn cgroup_members(folder: &Path) -> Vec<i32> {
    let text = fs::read_to_string(folder.join("cgroup.procs")).unwrap_or_default();
    text.lines().filter_map(|line| line.parse().ok()).collect()
}

fn remove_cgroups(record: &RunRecord) {
    for folder in &record.cgroups {
        let _ = fs::remove_dir(folder);
    }
}
