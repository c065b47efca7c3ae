//! One small process per program: it owns the pipes and the wait, so that the agent may die and come back without
//! losing a log line or an exit status.
//!
//! Started as `appia internal shim DIR`. It reads its [`spec::Launch`] from stdin (the environment holds secrets, which
//! must be neither in arguments nor on disk), leads a session of its own, collects orphaned grandchildren, applies
//! limits, starts the program in a process group, copies its output to a log, and at the end writes `exit.json`.
//! SIGTERM asks the program to stop; after the grace period everything left is killed. It is single-threaded, knows
//! no agent and restarts nothing. Start reading at [`main`].

mod children;
mod limits;
mod log;
pub(crate) use self::log::{now_micros, rotated};
pub(crate) mod mounts;
mod namespace;
pub use self::namespace::run_inside;
mod output;
pub(crate) mod spec;

use std::fs::OpenOptions;
use std::io::{self, Read, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::{Child, Command, ExitCode, Stdio};

use nix::fcntl::{Flock, FlockArg};
use nix::unistd::{Pid, setsid};

use self::children::Watch;
use self::limits::Limited;
pub(crate) use self::limits::parents as cgroup_parents;
use self::mounts::{MountError, View};
use self::spec::{ExitRecord, Launch, RunRecord, RunsAs, StartReport};
use crate::durable;
use crate::process_table::{ProcessMark, boot_id};
use crate::program::Program;

/// Runs the shim of one program until the program has ended and its exit status is on disk.
pub fn main(dir: &Path) -> ExitCode {
    match run(dir) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            report(&StartReport::Failed(error.to_string()));
            ExitCode::FAILURE
        }
    }
}

/// Tries to give this process a file system view of its own, with a folder in memory in place of one that is there.
pub fn try_mounts(folder: &Path) -> ExitCode {
    match View::try_out(folder) {
        Ok(()) => ExitCode::SUCCESS,
        Err(_) => ExitCode::FAILURE,
    }
}

/// Whether this machine gives a program a file system view of its own: asks a process that tries.
pub fn mounts_are_allowed(program: &Program, folder: &Path) -> bool {
    let tried = Command::new(program.path())
        .args(program.arguments("try-mounts", folder))
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status();
    tried.is_ok_and(|status| status.success())
}

/// Why a program could not be started or watched.
#[derive(Debug, thiserror::Error)]
enum ShimError {
    #[error("the description of the program on stdin is not complete: {0}")]
    Launch(#[source] serde_json::Error),
    #[error("`{0}` was given up before its program started")]
    Void(String),
    #[error("`{program}` cannot be started: {source}")]
    Spawn {
        program: String,
        #[source]
        source: io::Error,
    },
    #[error(
        "it refuses to run as root, and this machine forbids both a user namespace and another account ({source}): run Appia as another user than root"
    )]
    OtherUser {
        #[source]
        source: io::Error,
    },
    #[error(transparent)]
    Mounts(#[from] MountError),
    #[error("cannot {what}: {source}")]
    System {
        what: &'static str,
        #[source]
        source: io::Error,
    },
}

impl ShimError {
    fn system(what: &'static str) -> impl Fn(io::Error) -> ShimError {
        move |source| ShimError::System { what, source }
    }
}

fn run(dir: &Path) -> Result<(), ShimError> {
    let launch = read_launch()?;
    let _claim = claim(dir)?;
    let system = ShimError::system;
    setsid().map_err(io::Error::from).map_err(system("open a session"))?;
    nix::sys::prctl::set_child_subreaper(true)
        .map_err(io::Error::from)
        .map_err(system("collect orphaned processes"))?;
    let mut watch = Watch::begin().map_err(system("listen for signals"))?;
    let mut limited = Limited::enter(&launch);
    let spawned = start(&launch, dir);
    limited.leave();
    let child = spawned.inspect_err(|_| limited.remove())?;
    let record = record(&child, &limited).map_err(system("name the processes"))?;
    durable::write_json_for_this_boot(&dir.join(spec::RUN_FILE), &record)
        .map_err(system("write who runs"))?;
    report(&StartReport::Started(record));
    let exit = watch.until_all_ended(child, &launch).map_err(system("wait for the program"))?;
    let exit = ExitRecord { out_of_memory: limited.ran_out_of_memory(), ..exit };
    limited.remove();
    durable::write_json(&dir.join(spec::EXIT_FILE), &exit).map_err(system("write how it ended"))
}

fn read_launch() -> Result<Launch, ShimError> {
    let mut text = Vec::new();
    io::stdin().lock().read_to_end(&mut text).map_err(ShimError::system("read stdin"))?;
    let launch = serde_json::from_slice(&text).map_err(ShimError::Launch);
    zeroize::Zeroize::zeroize(&mut text);
    launch
}

/// From here on the agent knows that somebody is at work in this folder, even before `run.json` is there.
fn claim(dir: &Path) -> Result<Flock<std::fs::File>, ShimError> {
    let file = OpenOptions::new()
        .read(true)
        .write(true)
        .open(dir.join(spec::LOCK_FILE))
        .map_err(|_| ShimError::Void(dir.display().to_string()))?;
    let claim = Flock::lock(file, FlockArg::LockExclusiveNonblock)
        .map_err(|_| ShimError::Void(dir.display().to_string()))?;
    if dir.join(spec::LOCK_FILE).exists() {
        Ok(claim)
    } else {
        Err(ShimError::Void(dir.display().to_string()))
    }
}

fn start(launch: &Launch, dir: &Path) -> Result<Child, ShimError> {
    if launch.runs_as == RunsAs::OtherUser {
        namespace::become_other_user(launch.owns.as_deref())
            .map_err(|source| ShimError::OtherUser { source })?;
    }
    View::enter(&launch.mounts, dir)?;
    spawn(launch)
}

fn spawn(launch: &Launch) -> Result<Child, ShimError> {
    let (program, arguments) =
        launch.command.split_first().map_or(("", [].as_slice()), |(first, rest)| (first.as_str(), rest));
    Command::new(program)
        .args(arguments)
        .env_clear()
        .envs(&launch.env)
        .current_dir(&launch.folder)
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .process_group(0)
        .spawn()
        .map_err(|source| ShimError::Spawn { program: program.to_owned(), source })
}

fn record(child: &Child, limited: &Limited) -> io::Result<RunRecord> {
    let pid = i32::try_from(child.id()).map_err(io::Error::other)?;
    let gone = || io::Error::from(io::ErrorKind::NotFound);
    Ok(RunRecord {
        shim: ProcessMark::of(Pid::this().as_raw()).ok_or_else(gone)?,
        program: ProcessMark::of(pid).ok_or_else(gone)?,
        boot_id: boot_id(),
        started_micros: log::now_micros(),
        cgroups: limited.folders(),
        notes: limited.notes(),
    })
}

/// Tells the agent once; whether it still listens does not matter.
fn report(report: &StartReport) {
    if let Ok(mut line) = serde_json::to_vec(report) {
        line.push(b'\n');
        let mut out = io::stdout().lock();
        let _ = out.write_all(&line).and_then(|()| out.flush());
    }
}

/// The lock that a shim holds on its folder, made by the agent before it starts one.
pub(crate) fn create_lock(dir: &Path) -> io::Result<()> {
    OpenOptions::new()
        .write(true)
        .create(true)
        .truncate(false)
        .mode(0o600)
        .open(dir.join(spec::LOCK_FILE))
        .map(drop)
}

/// Makes sure that no shim will start in this folder any more; false when one is at work in it.
pub(crate) fn void(dir: &Path) -> io::Result<bool> {
    let path = dir.join(spec::LOCK_FILE);
    let file = match OpenOptions::new().read(true).write(true).open(&path) {
        Ok(file) => file,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(true),
        Err(error) => return Err(error),
    };
    match Flock::lock(file, FlockArg::LockExclusiveNonblock) {
        Ok(_claim) => durable::remove(&path).map(|()| true),
        Err(_) => Ok(false),
    }
}
