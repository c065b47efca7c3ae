//! The home, the application and what is known of them, through all runs of a torture.
//!
//! Used by every torture of processes: it puts in place what a command works on, gives commands, looks at the world
//! afterwards, and in the end takes everything down. It kills nobody. Start at [`Trial::prepare`] and [`Trial::look`].

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::process::{Child, ExitCode, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};

use super::application::Application;
use super::check::{self, Expected};
use super::end;
use super::{intents, processes};
use crate::bench::home::Home;

/// A command that is left alone takes no longer, on a machine that is busy with other things as well.
pub(super) const PATIENCE: Duration = Duration::from_secs(240);
/// What runs on after a command (an old instance that drains, a server that starts again) has ended by then.
pub(super) const SETTLED: Duration = Duration::from_secs(60);

/// The commands that are disturbed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Verb {
    /// From nothing: the database too.
    FirstUp,
    Up,
    Deploy,
    Rollback,
    Down,
    DownWithData,
}

pub(super) const VERBS: [Verb; 6] =
    [Verb::FirstUp, Verb::Up, Verb::Deploy, Verb::Rollback, Verb::Down, Verb::DownWithData];

/// The home, the application, and what is known of them.
pub(super) struct Trial {
    pub(super) home: Home,
    pub(super) folder: PathBuf,
    application: Application,
    pub(super) version: u32,
    rows: BTreeSet<u32>,
    /// How long each verb takes undisturbed.
    pub(super) times: BTreeMap<Verb, Duration>,
    /// How many times `up` had to be given again because an operation was still open.
    pub(super) busy: u32,
    /// How many disturbed commands had been accepted.
    pub(super) accepted: u32,
    failures: Vec<String>,
    /// How many runs had a failure.
    pub(super) failed: u32,
}

impl Trial {
    /// An empty home below `/tmp`, where paths are short enough for sockets.
    pub(super) fn new(program: &Path) -> Result<Trial> {
        let folder = PathBuf::from(format!("/tmp/appia-torture-{}", std::process::id()));
        std::fs::create_dir_all(&folder)?;
        Ok(Trial {
            home: Home::new(program, folder.join("home")),
            application: Application::write(folder.join("app"))?,
            version: 0,
            folder,
            rows: BTreeSet::new(),
            times: BTreeMap::new(),
            busy: 0,
            accepted: 0,
            failures: Vec::new(),
            failed: 0,
        })
    }

    /// Each verb once, undisturbed: takes its time, and shows that the checks hold when nobody is killed.
    pub(super) fn warm_up(&mut self) -> Result<()> {
        for verb in [Verb::FirstUp, Verb::Up, Verb::Deploy, Verb::Rollback, Verb::Down] {
            self.prepare(verb)?;
            let began = Instant::now();
            self.succeed(verb)?;
            self.times.insert(verb, began.elapsed());
        }
        self.up()?;
        let began = Instant::now();
        self.succeed(Verb::DownWithData)?;
        self.times.insert(Verb::DownWithData, began.elapsed());
        self.rows.clear();
        self.up()?;
        let troubles = self.look()?;
        if !troubles.is_empty() {
            bail!("without any kill: {troubles:?}{}", self.last_words());
        }
        println!("undisturbed: {:.1?}", self.times);
        Ok(())
    }

    /// One run: what `disturb` finds wrong is told, with the last words of the server and the agent, and counted.
    pub(super) fn run(&mut self, name: &str, disturb: impl FnOnce(&mut Trial) -> Result<Vec<String>>) {
        let troubles = disturb(self).unwrap_or_else(|error| vec![format!("{error:#}")]);
        println!("{name} {}", if troubles.is_empty() { "ok" } else { "FAILED" });
        if !troubles.is_empty() {
            self.failed += 1;
            print!("{}", self.last_words());
        }
        for trouble in troubles {
            println!("    {trouble}");
            self.failures.push(format!("{name}: {trouble}"));
        }
    }

    /// What follows a disturbed command: it ends, what was accepted of it gets done, `up` is given, and everything is
    /// looked at.
    pub(super) fn recover(&mut self, verb: Verb, mut command: Child) -> Result<Vec<String>> {
        if wait(&mut command, PATIENCE)?.is_none() {
            processes::kill(&[command.id()])?;
            command.wait()?;
            return Ok(vec![format!("the disturbed command does not end in {PATIENCE:?}")]);
        }
        let mut troubles: Vec<String> = intents::lost(self, verb)?.into_iter().collect();
        self.up()?;
        if verb == Verb::DownWithData {
            self.forget_rows()?;
        }
        troubles.extend(self.look()?);
        Ok(troubles)
    }

    /// Says why a torture cannot be had on this machine; that is a failure with `CI=true`.
    pub(super) fn could_not(self, name: &str, why: &anyhow::Error) -> Result<ExitCode> {
        println!("{name} did not run: {why:#}");
        let folder = self.folder.clone();
        drop(self);
        crate::command::remove_folder(&folder)?;
        let in_ci = std::env::var("CI").is_ok_and(|value| value == "true");
        Ok(if in_ci { ExitCode::FAILURE } else { ExitCode::SUCCESS })
    }

    /// Takes everything down, looks for what stays, and tells how it all went.
    pub(super) fn conclude(mut self, summary: &str) -> Result<ExitCode> {
        let remains = self.end().unwrap_or_else(|error| vec![format!("at the end: {error:#}")]);
        self.failures.extend(remains);
        println!("{summary}, {} failures", self.failures.len());
        for failure in &self.failures {
            println!("  {failure}");
        }
        end(&self.folder, self.failures.len())
    }

    /// Puts in place what a verb works on.
    pub(super) fn prepare(&mut self, verb: Verb) -> Result<()> {
        match verb {
            Verb::FirstUp => {
                if self.home.folder().exists() {
                    self.succeed(Verb::DownWithData)?;
                }
                self.rows.clear();
            }
            // Rollback needs something to go back to, and undoes what is the newest now.
            Verb::Rollback => {
                self.next_version()?;
                self.succeed(Verb::Deploy)?;
                self.add_row()?;
            }
            Verb::Up | Verb::Deploy | Verb::Down | Verb::DownWithData => self.add_row()?,
        }
        match verb {
            Verb::FirstUp | Verb::Up | Verb::Deploy => self.next_version(),
            Verb::Rollback | Verb::Down | Verb::DownWithData => Ok(()),
        }
    }

    fn next_version(&mut self) -> Result<()> {
        self.version += 1;
        self.application.set_version(self.version)
    }

    fn add_row(&mut self) -> Result<()> {
        let number = self.rows.last().map_or(1, |last| last + 1);
        check::page(&self.status()?, "workloads.api", &format!("/add/{number}")).context("a row")?;
        self.rows.insert(number);
        Ok(())
    }

    /// Data that was to be deleted may be there or not; what is there from here on has to stay.
    fn forget_rows(&mut self) -> Result<()> {
        let began = Instant::now();
        loop {
            match self.status().and_then(|status| check::page(&status, "workloads.api", "/rows")) {
                Ok(said) if said.trim().is_empty() => {
                    self.rows.clear();
                    return Ok(());
                }
                Ok(_) => return Ok(()),
                Err(error) if began.elapsed() > SETTLED => return Err(error.context("which rows there are")),
                Err(_) => std::thread::sleep(Duration::from_millis(200)),
            }
        }
    }

    pub(super) fn status(&self) -> Result<serde_json::Value> {
        check::json(&self.home, &["status", &self.path(), "--output", "json"])
    }

    pub(super) fn path(&self) -> String {
        self.application.folder().to_string_lossy().into_owned()
    }

    pub(super) fn start(&self, verb: Verb) -> Result<Child> {
        let folder = self.path();
        let mut command = self.home.command(verb.words());
        command.arg(folder).args(["--yes", "--output", "json"]);
        command.stdin(Stdio::null()).stdout(std::fs::File::create(self.said())?).stderr(Stdio::null());
        command.spawn().context("`appia` cannot be started")
    }

    pub(super) fn succeed(&self, verb: Verb) -> Result<()> {
        let folder = self.path();
        let mut words = verb.words().to_vec();
        words.extend([folder.as_str(), "--yes", "--output", "json"]);
        self.home.run(&words)
    }

    /// Where the output of a disturbed command is.
    pub(super) fn said(&self) -> PathBuf {
        self.folder.join("said.jsonl")
    }

    /// The next command. An operation that goes on after a kill makes it end with 7: then a person tries again.
    pub(super) fn up(&mut self) -> Result<()> {
        let folder = self.path();
        let began = Instant::now();
        loop {
            let output = self.home.command(&["up", &folder, "--yes", "--output", "json"]).output()?;
            match output.status.code() {
                Some(0) => return Ok(()),
                Some(7) if began.elapsed() < PATIENCE => {
                    self.busy += 1;
                    std::thread::sleep(Duration::from_millis(200));
                }
                code => {
                    let said = String::from_utf8_lossy(&output.stdout).into_owned();
                    let last = said.lines().last().unwrap_or_default().to_owned();
                    bail!(
                        "the next `up` ends with {code:?}: {last}{}",
                        String::from_utf8_lossy(&output.stderr)
                    )
                }
            }
        }
    }

    /// Troubles that do not go away by themselves.
    pub(super) fn look(&self) -> Result<Vec<String>> {
        let began = Instant::now();
        loop {
            let expected = Expected { version: self.version, rows: &self.rows };
            let troubles = check::troubles(&self.home, self.application.folder(), &expected)?;
            if troubles.is_empty() || began.elapsed() > SETTLED {
                return Ok(troubles);
            }
            std::thread::sleep(Duration::from_millis(200));
        }
    }

    /// The ends of the logs of the server and the agent.
    fn last_words(&self) -> String {
        let last = |name: &str| {
            let log = std::fs::read_to_string(self.home.folder().join(name)).unwrap_or_default();
            let lines: Vec<&str> = log.lines().collect();
            let end = lines.get(lines.len().saturating_sub(8)..).unwrap_or_default();
            end.iter().map(|line| format!("    {name}: {line}\n")).collect::<String>()
        };
        format!("{}{}", last("server.log"), last("agent.log"))
    }

    /// Takes everything down and looks for what stays.
    fn end(&self) -> Result<Vec<String>> {
        let prefix = check::cgroup_prefix(self.home.folder());
        self.succeed(Verb::DownWithData)?;
        self.home.run(&["server", "stop", "--all"])?;
        let began = Instant::now();
        loop {
            let remains = check::remains(self.home.folder(), prefix.as_deref());
            if remains.is_empty() || began.elapsed() > SETTLED {
                return Ok(remains);
            }
            std::thread::sleep(Duration::from_millis(100));
        }
    }
}

impl Verb {
    fn words(self) -> &'static [&'static str] {
        match self {
            Verb::FirstUp | Verb::Up => &["up"],
            Verb::Deploy => &["deploy"],
            Verb::Rollback => &["rollback"],
            Verb::Down => &["down"],
            Verb::DownWithData => &["down", "--data"],
        }
    }

    pub(super) fn name(self) -> &'static str {
        match self {
            Verb::FirstUp => "first up",
            Verb::Up => "up",
            Verb::Deploy => "deploy",
            Verb::Rollback => "rollback",
            Verb::Down => "down",
            Verb::DownWithData => "down --data",
        }
    }
}

/// Whether it ended in time.
fn wait(child: &mut Child, patience: Duration) -> Result<Option<std::process::ExitStatus>> {
    let began = Instant::now();
    while began.elapsed() < patience {
        if let Some(status) = child.try_wait()? {
            return Ok(Some(status));
        }
        std::thread::sleep(Duration::from_millis(5));
    }
    Ok(None)
}
