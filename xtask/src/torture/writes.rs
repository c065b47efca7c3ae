//! `torture writes`: kills at every write of the journal, one after the other, for k = 1, 2, ... until the command ends
//! without having come to the k-th.
//!
//! The journal is the server's database: `strace` stops the server right after its k-th sync (written, and nothing done
//! yet) or at the first write after it (done, and not written), and there the victims are killed: a server, an agent, or
//! both and the command line. So every gap between an effect and its record is hit, whatever the machine does meanwhile.
//! No hook in the product is needed. What follows a kill is as in `kills.rs`. Start at `run`.

use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitCode, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};

use super::processes::{self, Role};
use super::trial::{PATIENCE, Trial, Verb};
use super::victims::Victims;
use super::{Options, processes::of_home};
use crate::command;

const VERBS: [Verb; 4] = [Verb::FirstUp, Verb::Deploy, Verb::Rollback, Verb::Down];
const VICTIMS: [Victims; 3] = [Victims::Server, Victims::Agent, Victims::All];
const LOOK: Duration = Duration::from_millis(2);

/// Where in the sequence of writes a command is stopped.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Point {
    /// Right after this sync.
    Synced(u32),
    /// After this sync, when the next write begins.
    Writing(u32),
}

/// Every verb, every kind of victim, every write; fails when anything was wrong.
pub(super) fn run(program: &Path, options: &Options) -> Result<ExitCode> {
    let strace = crate::setup::program("strace").context("`torture writes` stops the server by strace")?;
    println!("writes: `{}`, stopped by {}", program.display(), strace.display());
    let began = Instant::now();
    let mut trial = Trial::new(program)?;
    trial.warm_up()?;
    let mut rows = String::new();
    let mut runs = 0;
    for verb in VERBS {
        for victims in VICTIMS {
            let kills = series(&mut trial, &strace, verb, victims, options.most)?;
            runs += kills;
            rows.push_str(&format!("{:<12} {:<13} {kills:>4}\n", verb.name(), victims.name()));
        }
    }
    println!("\n{:<12} {:<13} kills\n{rows}", "during", "of");
    trial.conclude(&format!("{runs} kills at journal writes in {} s", began.elapsed().as_secs()))
}

/// Kills at one point after the other until the command ends before the point comes; how many there were.
fn series(trial: &mut Trial, strace: &Path, verb: Verb, victims: Victims, most: u32) -> Result<u32> {
    let points = (0..).flat_map(|sync| [Point::Synced(sync), Point::Writing(sync)]).skip(1);
    let mut kills = 0;
    for point in points {
        let name = format!("{:<12} {:<13} {point}", verb.name(), victims.name());
        let mut came = false;
        trial.run(&name, |trial| once(trial, &Stops { strace, point }, (verb, victims), &mut came));
        if !came || kills >= most {
            println!("    {} had ended before", verb.name());
            return Ok(kills);
        }
        kills += 1;
    }
    Ok(kills)
}

/// Starts the command, waits for the point, kills there, and looks at what follows.
fn once(
    trial: &mut Trial,
    stops: &Stops<'_>,
    (verb, victims): (Verb, Victims),
    came: &mut bool,
) -> Result<Vec<String>> {
    trial.prepare(verb)?;
    trial.home.run(&["server", "start"])?;
    let home = trial.home.folder().to_path_buf();
    let server = of_home(&home).into_iter().find(|process| process.role() == Role::Server);
    let server = server.context("no server runs")?.pid;
    let mut tracer = stops.first(server, &home)?;
    let mut command = trial.start(verb)?;
    *came = tracer.holds(&mut command)?;
    tracer.let_go()?;
    if let (true, Point::Writing(1..)) = (*came, stops.point) {
        tracer = stops.next_write(server, &home)?;
        signal("-CONT", server)?;
        *came = tracer.holds(&mut command)?;
        tracer.let_go()?;
    }
    if *came {
        processes::kill(&victims.pids(&home, &command))?;
    }
    signal("-CONT", server)?;
    trial.recover(verb, command)
}

/// How to stop a server.
struct Stops<'a> {
    strace: &'a Path,
    point: Point,
}

impl Stops<'_> {
    /// Stops at the sync, or at the very first write.
    fn first(&self, server: u32, home: &Path) -> Result<Tracer> {
        match self.point {
            Point::Writing(0) => self.next_write(server, home),
            Point::Synced(sync) | Point::Writing(sync) => {
                Tracer::attach(self.strace, server, home, ("fsync,fdatasync", sync))
            }
        }
    }

    fn next_write(&self, server: u32, home: &Path) -> Result<Tracer> {
        Tracer::attach(self.strace, server, home, ("pwrite64", 1))
    }
}

/// `strace` on a server.
struct Tracer {
    strace: Child,
    said: PathBuf,
}

impl Tracer {
    /// From here on the server is stopped at the k-th of these calls on its journal.
    fn attach(strace: &Path, server: u32, home: &Path, (calls, when): (&str, u32)) -> Result<Tracer> {
        let beside = |name: &str| home.with_file_name(name);
        let (said, errors) = (beside("strace.out"), beside("strace.err"));
        let strace = Command::new(strace)
            .args(["-f", "-p", &server.to_string(), "-P"])
            .arg(home.join("appia.db-wal"))
            .args(["-e", &format!("trace={calls}")])
            .args(["-e", &format!("inject={calls}:signal=SIGSTOP:when={when}"), "-o"])
            .arg(&said)
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(std::fs::File::create(&errors)?)
            .spawn()
            .context("`strace` cannot be started")?;
        let mut tracer = Tracer { strace, said };
        let began = Instant::now();
        while !std::fs::read_to_string(&errors)?.contains(" attached") {
            if tracer.strace.try_wait()?.is_some() || began.elapsed() > PATIENCE {
                let why = std::fs::read_to_string(&errors)?;
                let _ = tracer.let_go();
                bail!("`strace` cannot trace the server: {}", why.trim());
            }
            std::thread::sleep(LOOK);
        }
        Ok(tracer)
    }

    /// Waits until the server is stopped; false when the command ended before.
    fn holds(&self, command: &mut Child) -> Result<bool> {
        loop {
            let ended = command.try_wait()?.is_some();
            if std::fs::read_to_string(&self.said).unwrap_or_default().contains("--- SIGSTOP {") {
                return Ok(true);
            }
            if ended {
                return Ok(false);
            }
            std::thread::sleep(LOOK);
        }
    }

    /// Traces no longer; whoever is stopped stays so.
    fn let_go(&mut self) -> Result<()> {
        if self.strace.try_wait()?.is_none() {
            signal("-TERM", self.strace.id())?;
        }
        self.strace.wait()?;
        Ok(())
    }
}

/// A process that has ended meanwhile needs no signal.
fn signal(name: &str, pid: u32) -> Result<()> {
    command::capture(Command::new("kill").arg(name).arg(pid.to_string())).map(drop)
}

impl std::fmt::Display for Point {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Point::Synced(sync) => write!(f, "after sync {sync:>2}        "),
            Point::Writing(sync) => write!(f, "at the write after {sync:>2}"),
        }
    }
}
