//! The wait: copies output, hears signals, collects every descendant, and lets none outlive the program.

use std::io::{self, Read};
use std::os::fd::AsFd;
use std::os::unix::net::UnixStream;
use std::process::Child;
use std::time::{Duration, Instant};

use nix::errno::Errno;
use nix::poll::{PollFd, PollFlags, PollTimeout, poll};
use nix::sys::signal::{Signal, kill, killpg};
use nix::sys::wait::{WaitPidFlag, WaitStatus, waitpid};
use nix::unistd::Pid;
use signal_hook::consts::{SIGCHLD, SIGTERM};

use super::log::{LogFile, now_micros};
use super::output::Output;
use super::spec::{ExitRecord, Launch, StopSignal};
use crate::process_table::processes;

/// How long the last output of killed processes is waited for.
const LAST_WORDS: Duration = Duration::from_secs(2);

/// Hears SIGTERM and SIGCHLD. Begun before the program starts, so that no signal is lost.
pub(super) struct Watch {
    stop: UnixStream,
    child: UnixStream,
}

/// What is known so far.
struct Wait {
    program: Pid,
    ended: Option<(ExitRecord, Instant)>,
    kill_at: Option<Instant>,
    alone: bool,
}

impl Watch {
    pub(super) fn begin() -> io::Result<Watch> {
        Ok(Watch { stop: pipe_of(SIGTERM)?, child: pipe_of(SIGCHLD)? })
    }

    /// Returns when the program and all its descendants are gone and their output is in the log.
    pub(super) fn until_all_ended(&mut self, mut child: Child, launch: &Launch) -> io::Result<ExitRecord> {
        let mut log = LogFile::open(&launch.log, launch.log_limit);
        let mut out = Output::new(child.stdout.take(), 'o');
        let mut err = Output::new(child.stderr.take(), 'e');
        let program = Pid::from_raw(i32::try_from(child.id()).map_err(io::Error::other)?);
        let mut wait = Wait { program, ended: None, kill_at: None, alone: false };
        let mut buffer = vec![0; 64 * 1024];
        loop {
            let closed = out.fd().is_none() && err.fd().is_none();
            match wait.ended {
                Some((exit, _)) if wait.alone && closed => return Ok(exit),
                Some((exit, at)) if wait.alone && at.elapsed() > LAST_WORDS => {
                    out.close(&mut log)?;
                    err.close(&mut log)?;
                    return Ok(exit);
                }
                _ => {}
            }
            let ready = self.poll(out.fd(), err.fd(), wait.timeout())?;
            if ready.out {
                out.copy(&mut buffer, &mut log)?;
            }
            if ready.err {
                err.copy(&mut buffer, &mut log)?;
            }
            if ready.stop && drain(&mut self.stop) {
                wait.ask_to_stop(launch);
            }
            if ready.child {
                drain(&mut self.child);
            }
            wait.go_on();
        }
    }

    fn poll(
        &self,
        out: Option<std::os::fd::BorrowedFd<'_>>,
        err: Option<std::os::fd::BorrowedFd<'_>>,
        timeout: PollTimeout,
    ) -> io::Result<ReadyFlags> {
        let (stop, child) = (self.stop.as_fd(), self.child.as_fd());
        let mut polled: Vec<PollFd<'_>> = [Some(stop), Some(child), out, err]
            .into_iter()
            .flatten()
            .map(|fd| PollFd::new(fd, PollFlags::POLLIN))
            .collect();
        match poll(&mut polled, timeout) {
            Ok(_) | Err(Errno::EINTR) => {}
            Err(error) => return Err(error.into()),
        }
        let mut any = polled.iter().map(|fd| fd.any().unwrap_or(false));
        let mut next = || any.next().unwrap_or(false);
        let (stop, child) = (next(), next());
        Ok(ReadyFlags { stop, child, out: out.is_some() && next(), err: err.is_some() && next() })
    }
}

/// Which of the polled ones have something to say.
struct ReadyFlags {
    stop: bool,
    child: bool,
    out: bool,
    err: bool,
}

impl Wait {
    /// Asks once; a later question changes nothing but may shorten the wait.
    fn ask_to_stop(&mut self, launch: &Launch) {
        if self.ended.is_some() {
            return;
        }
        let _ = match launch.stop.signal {
            StopSignal::Terminate => killpg(self.program, Signal::SIGTERM),
            StopSignal::Interrupt => kill(self.program, Signal::SIGINT),
        };
        let at = Instant::now() + Duration::from_millis(launch.stop.grace_millis);
        self.kill_at = Some(self.kill_at.map_or(at, |earlier| earlier.min(at)));
    }

    fn go_on(&mut self) {
        self.collect();
        if self.ended.is_some() {
            self.kill_rest();
        } else if self.kill_at.is_some_and(|at| at <= Instant::now()) {
            let _ = killpg(self.program, Signal::SIGKILL);
        }
    }

    /// Takes every exit status there is.
    fn collect(&mut self) {
        loop {
            let (pid, code, signal) = match waitpid(None, Some(WaitPidFlag::WNOHANG)) {
                Ok(WaitStatus::Exited(pid, code)) => (pid, Some(code), None),
                Ok(WaitStatus::Signaled(pid, signal, _)) => (pid, None, Some(signal as i32)),
                Err(Errno::ECHILD) => {
                    self.alone = true;
                    return;
                }
                Ok(WaitStatus::StillAlive) => {
                    self.alone = false;
                    return;
                }
                Err(Errno::EINTR) | Ok(_) => continue,
                Err(_) => return,
            };
            if pid == self.program {
                let exit = ExitRecord { code, signal, out_of_memory: false, at_micros: now_micros() };
                self.ended = Some((exit, Instant::now()));
            }
        }
    }

    /// The group first, then whoever left it: orphans become our children, level by level.
    fn kill_rest(&self) {
        if self.alone {
            return;
        }
        let _ = killpg(self.program, Signal::SIGKILL);
        let us = Pid::this().as_raw();
        for (pid, _) in processes().into_iter().filter(|(_, stat)| stat.parent == us && !stat.is_dead()) {
            let _ = kill(Pid::from_raw(pid), Signal::SIGKILL);
        }
    }

    fn timeout(&self) -> PollTimeout {
        let until = match (self.ended, self.kill_at) {
            (Some(_), _) => Duration::from_millis(20),
            (None, Some(at)) => at.saturating_duration_since(Instant::now()) + Duration::from_millis(1),
            (None, None) => return PollTimeout::NONE,
        };
        PollTimeout::try_from(until).unwrap_or(PollTimeout::MAX)
    }
}

fn pipe_of(signal: i32) -> io::Result<UnixStream> {
    let (hears, speaks) = UnixStream::pair()?;
    signal_hook::low_level::pipe::register(signal, speaks)?;
    hears.set_nonblocking(true)?;
    Ok(hears)
}

/// Empties a signal pipe; whether there was anything.
fn drain(pipe: &mut UnixStream) -> bool {
    let mut any = false;
    let mut bytes = [0; 64];
    while pipe.read(&mut bytes).is_ok_and(|length| length > 0) {
        any = true;
    }
    any
}
