//! `torture writes`: kills at every write of the journal, one after the other, for k = 1, 2, ... until the command ends
//! without having come to the k-th.
//!
//! The journal is the server's database: `strace` stops the server right after its k-th sync (written, and nothing done
//! yet) or at the first write after it (done, and not written), and there the victims are killed: a server, an agent, or
//! both and the command line. So every gap between an effect and its record is hit, whatever the machine does meanwhile. A
//! last series kills the agent after each sync of a file of its own. No hook in the product is needed. What follows a kill
//! is as in `kills.rs`. Start at `run`.

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
const SERIES: [(Writes, Victims); 4] = [
    (Writes::Journal, Victims::Server),
    (Writes::Journal, Victims::Agent),
    (Writes::Journal, Victims::All),
    (Writes::Records, Victims::Agent),
];
const LOOK: Duration = Duration::from_millis(2);

/// Whose writes are counted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Writes {
    /// The server's, to its database.
    Journal,
    /// The agent's, to its own files, on each of its threads.
    Records,
}

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
        for (writes, victims) in SERIES {
            let series = Series { strace: &strace, verb, victims, writes, most: options.most };
            let kills = series.run(&mut trial);
            runs += kills;
            rows.push_str(&format!("{series} {kills:>4}\n"));
        }
    }
    println!("\n{:<12} {:<13} at      kills\n{rows}", "during", "of");
    trial.conclude(&format!("{runs} kills at journal writes in {} s", began.elapsed().as_secs()))
}

/// One verb, one kind of victim, one sequence of writes.
#[derive(Clone, Copy)]
struct Series<'a> {
    strace: &'a Path,
    verb: Verb,
    victims: Victims,
    writes: Writes,
    most: u32,
}

impl Series<'_> {
    /// Kills at one point after the other until the command ends before the point comes; how many there were.
    fn run(&self, trial: &mut Trial) -> u32 {
        let mut kills = 0;
        for point in (0..).flat_map(|sync| [Point::Synced(sync), Point::Writing(sync)]).skip(1) {
            if self.writes == Writes::Records && !matches!(point, Point::Synced(_)) {
                continue;
            }
            let mut came = false;
            trial.run(&format!("{self} {point}"), |trial| self.once(trial, point, &mut came));
            kills += u32::from(came);
            if !came || kills >= self.most {
                break;
            }
        }
        println!("    {self}: {kills} kills");
        kills
    }

    /// Starts the command, waits for the point, kills there, and looks at what follows.
    fn once(&self, trial: &mut Trial, point: Point, came: &mut bool) -> Result<Vec<String>> {
        trial.prepare(self.verb)?;
        trial.home.run(&["server", "start"])?;
        let home = trial.home.folder().to_path_buf();
        let traced = self.traced(&home)?;
        let attach = |calls, when| Tracer::attach(self, traced, &home, (calls, when));
        let mut tracer = match point {
            Point::Writing(0) => attach("pwrite64", 1)?,
            Point::Synced(sync) | Point::Writing(sync) => attach("fsync,fdatasync", sync)?,
        };
        let mut command = trial.start(self.verb)?;
        *came = tracer.holds(&mut command)?;
        tracer.let_go()?;
        if let (true, Point::Writing(1..)) = (*came, point) {
            tracer = attach("pwrite64", 1)?;
            signal("-CONT", traced)?;
            *came = tracer.holds(&mut command)?;
            tracer.let_go()?;
        }
        if *came {
            processes::kill(&self.victims.pids(&home, &command))?;
        }
        signal("-CONT", traced)?;
        trial.recover(self.verb, command)
    }

    /// Who is stopped at the point.
    fn traced(&self, home: &Path) -> Result<u32> {
        let role = match self.writes {
            Writes::Journal => Role::Server,
            Writes::Records => Role::Agent,
        };
        let found = of_home(home).into_iter().find(|process| process.role() == role);
        Ok(found.with_context(|| format!("no {role:?} runs"))?.pid)
    }
}

/// `strace` on a process.
struct Tracer {
    strace: Child,
    said: PathBuf,
}

impl Tracer {
    /// From here on the process is stopped after the k-th of these calls on its files.
    fn attach(series: &Series<'_>, pid: u32, home: &Path, (calls, when): (&str, u32)) -> Result<Tracer> {
        let beside = |name: &str| home.with_file_name(name);
        let (said, errors) = (beside("strace.out"), beside("strace.err"));
        let mut strace = Command::new(series.strace);
        let mut answers = 1;
        match series.writes {
            Writes::Journal => {
                strace.args(["-f", "-p", &pid.to_string(), "-P"]).arg(home.join("appia.db-wal"));
            }
            // Its threads, and not the shims that they start.
            Writes::Records => {
                let threads: Vec<_> =
                    std::fs::read_dir(format!("/proc/{pid}/task"))?.collect::<Result<_, _>>()?;
                answers = threads.len();
                strace.args(threads.iter().flat_map(|thread| ["-p".into(), thread.file_name()]));
            }
        }
        let strace = strace
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
        let answered = |said: &str| said.matches(" attached").chain(said.matches("No such process")).count();
        while answered(&std::fs::read_to_string(&errors)?) < answers {
            if tracer.strace.try_wait()?.is_some() || began.elapsed() > PATIENCE {
                let why = std::fs::read_to_string(&errors)?;
                let _ = tracer.let_go();
                bail!("`strace` cannot trace {pid}: {}", why.trim());
            }
            std::thread::sleep(LOOK);
        }
        Ok(tracer)
    }

    /// Waits until the process is stopped; false when the command ended before.
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

impl std::fmt::Display for Series<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let writes = match self.writes {
            Writes::Journal => "journal",
            Writes::Records => "records",
        };
        write!(f, "{:<12} {:<13} {writes}", self.verb.name(), self.victims.name())
    }
}

impl std::fmt::Display for Point {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Point::Synced(sync) => write!(f, "after sync {sync:>2}        "),
            Point::Writing(sync) => write!(f, "at the write after {sync:>2}"),
        }
    }
}
