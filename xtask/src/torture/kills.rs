//! `torture kills`: `kill -9` at random moments of real commands, then the next command, then a close look.
//!
//! One home lives through all runs. Each run writes a row, changes the source, starts a command, kills its victims at a
//! moment within the time that command took undisturbed, waits for what is left of it, gives `up --yes`, and compares
//! the world with what it should be. Start at `run`.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::process::{Child, ExitCode, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};

use super::Options;
use super::application::Application;
use super::chance::Chance;
use super::check::{self, Expected};
use super::processes::{self, Role};
use crate::bench::home::Home;

/// A command that is left alone takes no longer.
const PATIENCE: Duration = Duration::from_secs(90);
/// What runs on after a command (an old instance that drains, a server that starts again) has ended by then.
const SETTLED: Duration = Duration::from_secs(15);

/// The commands that are disturbed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Verb {
    /// From nothing: the database too.
    FirstUp,
    Up,
    Deploy,
    Rollback,
    Down,
    DownWithData,
}

const VERBS: [Verb; 6] =
    [Verb::FirstUp, Verb::Up, Verb::Deploy, Verb::Rollback, Verb::Down, Verb::DownWithData];

/// Who is killed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Victims {
    CommandLine,
    Server,
    Agent,
    ServerAndAgent,
    All,
}

const VICTIMS: [Victims; 5] =
    [Victims::CommandLine, Victims::Server, Victims::Agent, Victims::ServerAndAgent, Victims::All];

/// What a run was.
struct Run {
    number: u32,
    verb: Verb,
    victims: Victims,
    after: Duration,
}

/// The home, the application, and what is known of them.
struct Trial {
    home: Home,
    application: Application,
    version: u32,
    rows: BTreeSet<u32>,
    /// How long each verb takes undisturbed.
    times: BTreeMap<Verb, Duration>,
    /// How many times `up` had to be given again because an operation was still open.
    busy: u32,
}

/// Does all runs and tells what it saw; fails when anything was wrong.
pub(super) fn run(program: &Path, options: &Options) -> Result<ExitCode> {
    println!("kills: {} runs, seed {}, `{}`", options.runs, options.seed, program.display());
    let began = Instant::now();
    let folder = PathBuf::from(format!("/tmp/appia-torture-{}", std::process::id()));
    let mut trial = Trial::new(program, &folder)?;
    trial.warm_up()?;
    let mut chance = Chance::seeded(options.seed);
    let mut tally: BTreeMap<(Verb, Victims), u32> = BTreeMap::new();
    let mut failures = Vec::new();
    for number in 1..=options.runs {
        let run = trial.draw(number, &mut chance);
        *tally.entry((run.verb, run.victims)).or_default() += 1;
        let troubles = trial.once(&run).unwrap_or_else(|error| vec![format!("{error:#}")]);
        println!("{run} {}", if troubles.is_empty() { "ok" } else { "FAILED" });
        if !troubles.is_empty() {
            print!("{}", trial.last_words());
        }
        for trouble in troubles {
            println!("    {trouble}");
            failures.push(format!("{run}: {trouble}"));
        }
    }
    failures.extend(trial.end()?);
    println!("\n{}", table(&tally));
    println!(
        "seed {}: {} runs in {} s, {} failures, `up` given again while busy {} times",
        options.seed,
        options.runs,
        began.elapsed().as_secs(),
        failures.len(),
        trial.busy
    );
    for failure in &failures {
        println!("  {failure}");
    }
    if failures.is_empty() {
        std::fs::remove_dir_all(&folder)?;
        return Ok(ExitCode::SUCCESS);
    }
    println!("kept to be looked at: {}", folder.display());
    Ok(ExitCode::FAILURE)
}

impl Trial {
    fn new(program: &Path, folder: &Path) -> Result<Trial> {
        std::fs::create_dir_all(folder)?;
        Ok(Trial {
            home: Home::new(program, folder.join("home")),
            application: Application::write(folder.join("app"))?,
            version: 0,
            rows: BTreeSet::new(),
            times: BTreeMap::new(),
            busy: 0,
        })
    }

    /// Each verb once, undisturbed: takes its time, and shows that the checks hold when nobody is killed.
    fn warm_up(&mut self) -> Result<()> {
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
        let troubles = self.look(0)?;
        if !troubles.is_empty() {
            bail!("without any kill: {troubles:?}");
        }
        println!("undisturbed: {:.1?}", self.times);
        Ok(())
    }

    fn draw(&self, number: u32, chance: &mut Chance) -> Run {
        let verb = chance.one_of(Verb::FirstUp, &VERBS[1..]);
        let victims = chance.one_of(Victims::CommandLine, &VICTIMS[1..]);
        let time = self.times.get(&verb).copied().unwrap_or(Duration::from_secs(1));
        Run { number, verb, victims, after: chance.moment(time) }
    }

    /// Everything that went wrong in one run.
    fn once(&mut self, run: &Run) -> Result<Vec<String>> {
        self.prepare(run.verb)?;
        let mut child = self.start(run.verb)?;
        std::thread::sleep(run.after);
        processes::kill(&self.pids(run.victims, &child))?;
        if wait(&mut child, PATIENCE)?.is_none() {
            processes::kill(&[child.id()])?;
            child.wait()?;
            return Ok(vec![format!("the disturbed command does not end in {PATIENCE:?}")]);
        }
        self.up()?;
        if run.verb == Verb::DownWithData {
            self.forget_rows();
        }
        self.look(run.number)
    }

    /// Puts in place what a verb works on.
    fn prepare(&mut self, verb: Verb) -> Result<()> {
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
    fn forget_rows(&mut self) {
        let said = self.status().and_then(|status| check::page(&status, "workloads.api", "/rows"));
        let there: BTreeSet<u32> =
            said.unwrap_or_default().split_whitespace().filter_map(|row| row.parse().ok()).collect();
        if there.is_empty() {
            self.rows.clear();
        }
    }

    fn status(&self) -> Result<serde_json::Value> {
        check::json(&self.home, &["status", &self.folder(), "--output", "json"])
    }

    fn folder(&self) -> String {
        self.application.folder().to_string_lossy().into_owned()
    }

    fn start(&self, verb: Verb) -> Result<Child> {
        let folder = self.folder();
        let mut command = self.home.command(verb.words());
        command.arg(folder).args(["--yes", "--output", "json"]);
        command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
        command.spawn().context("`appia` cannot be started")
    }

    fn succeed(&self, verb: Verb) -> Result<()> {
        let folder = self.folder();
        let mut words = verb.words().to_vec();
        words.extend([folder.as_str(), "--yes", "--output", "json"]);
        self.home.run(&words)
    }

    /// The next command. An operation that goes on after a kill makes it end with 7: then a person tries again.
    fn up(&mut self) -> Result<()> {
        let folder = self.folder();
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
    fn look(&self, number: u32) -> Result<Vec<String>> {
        let began = Instant::now();
        loop {
            let expected = Expected { version: self.version, rows: &self.rows };
            let troubles = check::troubles(&self.home, self.application.folder(), &expected)?;
            if troubles.is_empty() {
                return Ok(troubles);
            }
            if began.elapsed() > SETTLED {
                return Ok(troubles.into_iter().map(|trouble| format!("run {number}: {trouble}")).collect());
            }
            std::thread::sleep(Duration::from_millis(200));
        }
    }

    fn pids(&self, victims: Victims, command_line: &Child) -> Vec<u32> {
        let (server, agent, all) = match victims {
            Victims::CommandLine => return vec![command_line.id()],
            Victims::Server => (true, false, false),
            Victims::Agent => (false, true, false),
            Victims::ServerAndAgent => (true, true, false),
            Victims::All => (true, true, true),
        };
        let found = processes::of_home(self.home.folder()).into_iter();
        let chosen = found.filter(|process| match process.role() {
            Role::Server => server,
            Role::Agent => agent,
            Role::Shim(_) | Role::Program => false,
        });
        chosen.map(|process| process.pid).chain(all.then(|| command_line.id())).collect()
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

    fn name(self) -> &'static str {
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

impl Victims {
    fn name(self) -> &'static str {
        match self {
            Victims::CommandLine => "command line",
            Victims::Server => "server",
            Victims::Agent => "agent",
            Victims::ServerAndAgent => "server+agent",
            Victims::All => "all three",
        }
    }
}

impl std::fmt::Display for Run {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let (verb, victims, after) = (self.verb.name(), self.victims.name(), self.after.as_millis());
        write!(f, "{:>4}  {verb:<12} {victims:<13} after {after:>5} ms", self.number)
    }
}

/// How often each was killed in each.
fn table(tally: &BTreeMap<(Verb, Victims), u32>) -> String {
    let mut text = format!("{:<12}", "kills");
    for victims in VICTIMS {
        text.push_str(&format!(" {:>13}", victims.name()));
    }
    for verb in VERBS {
        text.push_str(&format!("\n{:<12}", verb.name()));
        for victims in VICTIMS {
            text.push_str(&format!(" {:>13}", tally.get(&(verb, victims)).copied().unwrap_or_default()));
        }
    }
    text
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
