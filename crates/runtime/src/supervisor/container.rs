//! One program of an instance, kept running: start order, probes, back-off, stop. One task each.
//!
//! Made by [`super::instance`], which reads its status and tells it to stop. Start reading at [`Container::run`].

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::time::{Duration, Instant};

use appia_intent::Ready;
use serde::{Deserialize, Serialize};
use tokio::sync::watch;

use super::backoff::Backoff;
use super::ports::is_listened_on_by;
use super::probe::{self, Place};
use super::process::{Exit, Found, Process};
use super::program_folder;
use super::spec::{ContainerSpec, ProbeSpec};
use crate::process_table::session_members;
use crate::program::Program;
use crate::shim::spec::{Launch, LogLimit, RunRecord, RunsAs, Stop};

/// A program that has to end well is tried so often.
const ATTEMPTS: u32 = 3;

/// How far a program has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Phase {
    /// Others come first.
    Waiting,
    /// It runs and is not ready yet.
    Starting,
    Healthy,
    /// It was ready once and is not now.
    Unhealthy,
    /// It ended and will be started again.
    BackingOff,
    /// It ended well, as it should.
    Complete,
    /// It will not be started again.
    Failed,
    /// It was stopped.
    Stopped,
}

/// How a program is.
#[derive(Debug, Clone)]
pub(crate) struct ContainerStatus {
    pub(crate) phase: Phase,
    pub(crate) run: Option<RunRecord>,
    pub(crate) restarts: u32,
    pub(crate) last_exit: Option<Exit>,
    /// What is in the way, for people.
    pub(crate) trouble: Option<String>,
    /// The port it listens on, when that is not the one it was given.
    pub(crate) listens: Option<u16>,
}

/// All that a program needs to be started, again and again.
pub(super) struct Setup {
    pub(super) program: Program,
    pub(super) spec: ContainerSpec,
    /// Holds the shim's files.
    pub(super) dir: PathBuf,
    /// The program's own folder, when it needs one.
    pub(super) work: PathBuf,
    pub(super) log: PathBuf,
    pub(super) cgroup: String,
    pub(super) env: BTreeMap<String, String>,
    pub(super) port: Option<u16>,
    pub(super) target: Option<u16>,
    pub(super) readiness: ProbeSpec,
    pub(super) completes: bool,
    pub(super) grace: Duration,
}

/// One program of an instance.
pub(super) struct Container {
    pub(super) setup: Setup,
    /// Those that come first, and how far they have to come.
    pub(super) after: Vec<(watch::Receiver<ContainerStatus>, Ready)>,
    pub(super) stop: watch::Receiver<bool>,
    pub(super) status: watch::Sender<ContainerStatus>,
    /// What an earlier agent left.
    pub(super) found: Found,
}

/// How one run came to its end.
enum Ended {
    ByItself(Exit),
    Stopped,
    Unhealthy(String),
}

impl ContainerStatus {
    pub(super) fn waiting() -> ContainerStatus {
        ContainerStatus {
            phase: Phase::Waiting,
            run: None,
            restarts: 0,
            last_exit: None,
            trouble: None,
            listens: None,
        }
    }

    /// What is in the way, and how its last run ended where it starts again: why it does is what people look for.
    pub(super) fn told(&self) -> Option<String> {
        let trouble = self.trouble.clone()?;
        match self.last_exit {
            Some(exit) if self.restarts > 0 && self.phase != Phase::BackingOff => {
                Some(format!("{trouble}; in its last run the program {exit}"))
            }
            _ => Some(trouble),
        }
    }

    fn has_come(&self, how_far: Ready) -> bool {
        match how_far {
            Ready::Started => {
                matches!(self.phase, Phase::Starting | Phase::Healthy | Phase::Unhealthy | Phase::Complete)
            }
            Ready::Healthy => matches!(self.phase, Phase::Healthy | Phase::Complete),
            Ready::Complete => self.phase == Phase::Complete,
        }
    }
}

impl Container {
    /// Runs until it is complete, has failed, or is told to stop.
    pub(super) async fn run(mut self) {
        let mut running = match std::mem::replace(&mut self.found, Found::Nothing) {
            Found::Running(process) => Some(*process),
            Found::Ended(Exit::Code(0)) if self.setup.completes => return self.end(Phase::Complete),
            Found::Ended(exit) => {
                self.note_exit(exit);
                None
            }
            Found::Nothing => None,
        };
        if running.is_none() && !self.predecessors_have_come().await {
            return self.end(Phase::Stopped);
        }
        let mut backoff = Backoff::default();
        loop {
            let began = Instant::now();
            let trouble = match self.run_once(running.take()).await {
                Ended::Stopped => return self.end(Phase::Stopped),
                Ended::ByItself(Exit::Code(0)) if self.setup.completes => return self.end(Phase::Complete),
                Ended::ByItself(exit) => format!("the program {exit}"),
                Ended::Unhealthy(reason) => reason,
            };
            let pause = backoff.after(began.elapsed());
            if self.setup.completes && backoff.failures() >= ATTEMPTS {
                note_trouble(&self.status, trouble);
                return self.end(Phase::Failed);
            }
            if !self.back_off(trouble, pause).await {
                return self.end(Phase::Stopped);
            }
        }
    }

    async fn run_once(&mut self, running: Option<Process>) -> Ended {
        let process = match running {
            Some(process) => Ok(process),
            None => self.start().await,
        };
        match process {
            Ok(process) => self.attend(process).await,
            Err(trouble) => Ended::Unhealthy(trouble),
        }
    }

    /// Waits before the next run; false when it was told to stop meanwhile.
    async fn back_off(&mut self, trouble: String, pause: Duration) -> bool {
        self.status.send_modify(|status| {
            status.phase = Phase::BackingOff;
            status.restarts = status.restarts.saturating_add(1);
            status.trouble = Some(trouble);
            status.run = None;
        });
        tokio::select! {
            () = tokio::time::sleep(pause) => true,
            () = told_to_stop(&mut self.stop) => false,
        }
    }

    fn end(&self, phase: Phase) {
        self.status.send_modify(|status| {
            status.phase = phase;
            status.run = None;
        });
    }

    fn note_exit(&self, exit: Exit) {
        self.status.send_modify(|status| status.last_exit = Some(exit));
    }

    /// False when it was told to stop meanwhile.
    async fn predecessors_have_come(&mut self) -> bool {
        let Container { after, stop, .. } = self;
        let all = async {
            for (status, how_far) in after {
                if status.wait_for(|status| status.has_come(*how_far)).await.is_err() {
                    std::future::pending::<()>().await;
                }
            }
        };
        tokio::select! {
            () = all => true,
            () = told_to_stop(stop) => false,
        }
    }

    async fn start(&self) -> Result<Process, String> {
        let setup = &self.setup;
        if let Some(pid_file) = &setup.spec.pid_file {
            program_folder::forget_stale_pid(pid_file, &setup.spec.command);
        }
        let prepared =
            program_folder::prepare(&setup.spec, &setup.work).map_err(|error| error.to_string())?;
        let launch = Launch {
            command: setup.spec.command.clone(),
            env: setup.env.clone(),
            folder: prepared.folder,
            mounts: prepared.mounts,
            log: setup.log.clone(),
            log_limit: LogLimit::default(),
            limits: setup.spec.limits,
            cgroup: setup.cgroup.clone(),
            runs_as: setup.spec.runs_as,
            owns: (setup.spec.runs_as == RunsAs::OtherUser).then(|| setup.spec.folder.clone()),
            stop: Stop {
                signal: setup.spec.stop_signal,
                grace_millis: u64::try_from(setup.grace.as_millis()).unwrap_or(u64::MAX),
            },
        };
        Process::spawn(&setup.program, &setup.dir, &launch).await.map_err(|error| error.to_string())
    }

    /// Watches one run to its end.
    async fn attend(&mut self, mut process: Process) -> Ended {
        let run = process.record.clone();
        self.status.send_modify(|status| {
            status.phase = Phase::Starting;
            status.run = Some(run);
        });
        let Container { setup, stop, status, .. } = self;
        let ended = tokio::select! {
            exit = process.ended() => Ended::ByItself(exit),
            () = told_to_stop(stop) => Ended::Stopped,
            reason = watch_health(setup, status) => Ended::Unhealthy(reason),
        };
        if let Ended::ByItself(exit) = ended {
            self.note_exit(exit);
            return ended;
        }
        process.ask_to_stop();
        let exit = end_within(&mut process, setup.grace + Duration::from_secs(2)).await;
        self.note_exit(exit);
        ended
    }
}

/// The shim kills after the grace period by itself; this is for a shim that is stopped or stuck.
async fn end_within(process: &mut Process, patience: Duration) -> Exit {
    if let Ok(exit) = tokio::time::timeout(patience, process.ended()).await {
        return exit;
    }
    process.kill();
    process.ended().await
}

/// Keeps the phase up to date; returns when the program has to be restarted, and why.
async fn watch_health(setup: &Setup, status: &watch::Sender<ContainerStatus>) -> String {
    if setup.completes {
        return std::future::pending().await;
    }
    let run = status.borrow().run.clone();
    let mut place = setup.place(run.as_ref());
    become_ready(setup, run, &mut place, status).await;
    set_phase(status, Phase::Healthy);
    let liveness = async {
        match &setup.spec.liveness {
            Some(liveness) => fails(liveness, &place).await,
            None => std::future::pending().await,
        }
    };
    tokio::select! {
        reason = liveness => format!("the liveness probe failed: {reason}"),
        never = watch_readiness(setup, &place, status) => never,
    }
}

/// Asks until the first good answer. A program that cannot take `PORT` is asked where it listens instead.
async fn become_ready(
    setup: &Setup,
    run: Option<RunRecord>,
    place: &mut Place,
    status: &watch::Sender<ContainerStatus>,
) {
    let elsewhere = tokio::select! {
        () = probe::first_good(&setup.readiness, place, |reason| note_trouble(status, reason)) => return,
        port = listens_elsewhere(setup, run) => port,
    };
    place.port = Some(elsewhere);
    status.send_modify(|status| status.listens = Some(elsewhere));
    super::instance::keep_port(&setup.dir, elsewhere);
    probe::first_good(&setup.readiness, place, |reason| note_trouble(status, reason)).await;
}

/// Returns when the program has listened for a moment on the port it was written for, and not on the one it was given.
async fn listens_elsewhere(setup: &Setup, run: Option<RunRecord>) -> u16 {
    let (Some(given), Some(target), Some(run)) = (setup.port, setup.target, run) else {
        return std::future::pending().await;
    };
    let mut seen = 0;
    while given != target && seen < 2 {
        tokio::time::sleep(Duration::from_millis(250)).await;
        let members = session_members(run.shim);
        let elsewhere = is_listened_on_by(target, &members) && !is_listened_on_by(given, &members);
        seen = if elsewhere { seen + 1 } else { 0 };
    }
    if given == target { std::future::pending().await } else { target }
}

async fn watch_readiness(setup: &Setup, place: &Place, status: &watch::Sender<ContainerStatus>) -> String {
    if setup.spec.readiness.is_none() {
        return std::future::pending().await;
    }
    loop {
        let reason = fails(&setup.readiness, place).await;
        set_phase(status, Phase::Unhealthy);
        note_trouble(status, reason);
        probe::first_good(&setup.readiness, place, |reason| note_trouble(status, reason)).await;
        set_phase(status, Phase::Healthy);
    }
}

/// Returns when a probe has failed as often in a row as it may.
async fn fails(probe: &ProbeSpec, place: &Place) -> String {
    let mut failures = 0;
    loop {
        tokio::time::sleep(probe.interval).await;
        match probe::ask(probe, place).await {
            Ok(()) => failures = 0,
            Err(reason) => {
                failures += 1;
                if failures >= probe.failures.max(1) {
                    return reason;
                }
            }
        }
    }
}

impl Setup {
    fn place(&self, run: Option<&RunRecord>) -> Place {
        let inside = run.filter(|_| program_folder::has_own_view(&self.spec));
        Place {
            port: self.port,
            target: self.target,
            folder: program_folder::working_folder(&self.spec, &self.work),
            env: self.env.clone(),
            inside: inside.map(|run| (self.program.clone(), run.program.pid)),
        }
    }
}

fn set_phase(status: &watch::Sender<ContainerStatus>, phase: Phase) {
    status.send_modify(|status| {
        status.phase = phase;
        if phase == Phase::Healthy {
            status.trouble = None;
        }
    });
}

fn note_trouble(status: &watch::Sender<ContainerStatus>, reason: String) {
    status.send_if_modified(|status| {
        let news = status.trouble.as_ref() != Some(&reason);
        status.trouble = Some(reason);
        news
    });
}

async fn told_to_stop(stop: &mut watch::Receiver<bool>) {
    if stop.wait_for(|stop| *stop).await.is_err() {
        std::future::pending().await
    }
}
