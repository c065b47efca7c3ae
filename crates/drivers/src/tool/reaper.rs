//! The reaper: a process between us and a tool that ends the tool when we are gone, however we went.
//!
//! Started by [`super::Tool`] as `appia internal run-tool -- PROGRAM ARGUMENT...`. Its standard input is a pipe that
//! only we hold open, and nobody writes to: when it closes, we are dead or want the tool dead. `PR_SET_PDEATHSIG` is not used: it
//! fires when the *thread* that spawned ends, and a thread of an async runtime may end at any time. The reaper never reads
//! or changes what the tool prints: the tool writes to our pipes directly.

use std::ffi::OsString;
use std::io::{Read, Write};
use std::os::unix::process::ExitStatusExt;
use std::process::{ExitStatus, Stdio};

use nix::sys::signal::{Signal, killpg};
use nix::unistd::Pid;
use tokio::process::{Child, Command};
use tokio::signal::unix::{SignalKind, signal};
use tokio::sync::oneshot;

/// What a shell gives for a command it cannot run.
const CANNOT_RUN: i32 = 126;

/// Runs the tool named by `argv` (program first; a leading `--` is skipped) and returns the exit code to end with:
/// the tool's own, or 128 and the number of the signal that ended it.
pub fn reaper_main(argv: Vec<OsString>) -> i32 {
    let runtime = match tokio::runtime::Builder::new_current_thread().enable_all().build() {
        Ok(runtime) => runtime,
        Err(error) => return complain("the reaper", &error),
    };
    let code = runtime.block_on(watch(argv));
    runtime.shutdown_background();
    code
}

async fn watch(argv: Vec<OsString>) -> i32 {
    let mut argv = argv.into_iter().skip_while(|argument| argument == "--");
    let Some(program) = argv.next() else {
        return complain("the reaper", &std::io::Error::other("no program is named"));
    };
    let mut command = Command::new(&program);
    command.args(argv).stdin(Stdio::null()).process_group(0);
    // Handlers stand before the tool does: a signal in between must not end the reaper alone.
    let signals = match Signals::new() {
        Ok(signals) => signals,
        Err(error) => return complain("the reaper", &error),
    };
    match command.spawn() {
        Ok(tool) => see_to_the_end(tool, signals).await,
        Err(error) => complain(&program.to_string_lossy(), &error),
    }
}

async fn see_to_the_end(mut tool: Child, mut signals: Signals) -> i32 {
    let group = tool.id().and_then(|id| i32::try_from(id).ok()).map(Pid::from_raw);
    let mut abandoned = lifeline();
    let status = loop {
        tokio::select! {
            status = tool.wait() => break status,
            _ = &mut abandoned => {
                send(group, Signal::SIGKILL);
                break tool.wait().await;
            }
            received = signals.next() => send(group, received),
        }
    };
    send(group, Signal::SIGKILL);
    match status {
        Ok(status) => code(status),
        Err(error) => complain("the reaper", &error),
    }
}

struct Signals {
    terminate: tokio::signal::unix::Signal,
    interrupt: tokio::signal::unix::Signal,
    hangup: tokio::signal::unix::Signal,
}

impl Signals {
    fn new() -> std::io::Result<Signals> {
        Ok(Signals {
            terminate: signal(SignalKind::terminate())?,
            interrupt: signal(SignalKind::interrupt())?,
            hangup: signal(SignalKind::hangup())?,
        })
    }

    async fn next(&mut self) -> Signal {
        tokio::select! {
            _ = self.terminate.recv() => Signal::SIGTERM,
            _ = self.interrupt.recv() => Signal::SIGINT,
            _ = self.hangup.recv() => Signal::SIGHUP,
        }
    }
}

/// Resolves when standard input closes. A thread of its own waits: it may wait for ever, and must not hold up our end.
fn lifeline() -> oneshot::Receiver<()> {
    let (closed, wait) = oneshot::channel();
    std::thread::spawn(move || {
        let mut byte = [0];
        while matches!(std::io::stdin().read(&mut byte), Ok(1)) {}
        let _ = closed.send(());
    });
    wait
}

/// Signals the whole group. A group that is gone already is what we want.
fn send(group: Option<Pid>, what: Signal) {
    if let Some(group) = group {
        let _ = killpg(group, what);
    }
}

fn code(status: ExitStatus) -> i32 {
    status.code().or_else(|| status.signal().map(|number| 128 + number)).unwrap_or(1)
}

fn complain(who: &str, error: &std::io::Error) -> i32 {
    let _ = writeln!(std::io::stderr(), "cannot run `{who}`: {error}");
    CANNOT_RUN
}
