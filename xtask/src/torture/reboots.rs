//! `torture reboots`: everything of a home dies at once, and the machine that comes up is another one.
//!
//! Server, agent, shims, programs and PostgreSQL get `kill -9` in one call, at rest or amid a command; then the boot id
//! changes, the sockets are gone, and files that the product writes without a sync may be empty. `appia up`, or
//! `appia server start` alone, has to bring back what should run, with its data. A boot id cannot be written: all of
//! the home runs in a mount namespace in which a file of ours lies over it. Start at `run`.

use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};

use super::chance::Chance;
use super::trial::{PATIENCE, Trial, VERBS, Verb};
use super::{Options, processes};

/// Files that mean something for this boot only; they are written without a sync.
const OF_THIS_BOOT: [&str; 2] = ["instance.json", "run.json"];

/// What a reboot meets, and what is given after it.
struct Reboot {
    number: u32,
    /// The command that was at work, and for how long.
    amid: Option<(Verb, Duration)>,
    first: First,
    lost: Lost,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum First {
    Up,
    ServerStart,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Lost {
    Nothing,
    /// What had not been synced.
    Unsynced,
}

/// Reboots so often; fails when anything was wrong.
pub(super) fn run(program: &Path, options: &Options) -> Result<ExitCode> {
    println!("reboots: {} runs, seed {}, `{}`", options.runs, options.seed, program.display());
    let began = Instant::now();
    let mut trial = Trial::new(program)?;
    let boot = match Boot::new(&mut trial) {
        Ok(boot) => boot,
        Err(error) => return trial.could_not("reboots", &error),
    };
    trial.warm_up()?;
    let mut chance = Chance::seeded(options.seed);
    for number in 1..=options.runs {
        let reboot = draw(&trial, number, &mut chance);
        let id = chance.below(u64::MAX);
        trial.run(&reboot.to_string(), |trial| once(trial, &boot, (&reboot, id)));
    }
    let (seed, runs) = (options.seed, options.runs);
    trial.conclude(&format!("\nseed {seed}: {runs} reboots in {} s", began.elapsed().as_secs()))
}

fn draw(trial: &Trial, number: u32, chance: &mut Chance) -> Reboot {
    let verb = chance.one_of(Verb::FirstUp, &VERBS[1..]);
    let time = trial.times.get(&verb).copied().unwrap_or(Duration::from_secs(1));
    let after = chance.moment(time);
    let amid = chance.one_of(None, &[Some((verb, after))]);
    // What a command had begun is finished when the server starts; that it is as planned, only `up` promises.
    let first = if amid.is_some() { First::Up } else { chance.one_of(First::Up, &[First::ServerStart]) };
    Reboot { number, amid, first, lost: chance.one_of(Lost::Nothing, &[Lost::Unsynced]) }
}

fn once(trial: &mut Trial, boot: &Boot, (reboot, id): (&Reboot, u64)) -> Result<Vec<String>> {
    let mut command = None;
    if let Some((verb, after)) = reboot.amid {
        trial.prepare(verb)?;
        command = Some((verb, trial.start(verb)?));
        std::thread::sleep(after);
    }
    boot.down(trial.home.folder(), reboot.lost)?;
    boot.up(id)?;
    if let Some((verb, command)) = command {
        return trial.recover(verb, command);
    }
    match reboot.first {
        First::Up => trial.up()?,
        First::ServerStart => trial.home.run(&["server", "start"])?,
    }
    trial.look()
}

/// The machine as far as a home can tell.
struct Boot {
    id: PathBuf,
}

impl Boot {
    /// From now on the home runs where this file is the boot id.
    fn new(trial: &mut Trial) -> Result<Boot> {
        let boot = Boot { id: trial.home.folder().with_file_name("boot_id") };
        boot.up(0)?;
        let script = "mount --bind \"$0\" /proc/sys/kernel/random/boot_id && exec \"$@\"";
        trial.home.start_by(&["unshare", "--mount", "sh", "-c", script, &boot.id.to_string_lossy()]);
        trial.home.run(&["version"]).context("the boot id cannot be replaced here (it takes root)")?;
        Ok(boot)
    }

    /// Everything ends at the same moment.
    fn down(&self, home: &Path, lost: Lost) -> Result<()> {
        let began = Instant::now();
        loop {
            let family = processes::family(home);
            if family.is_empty() {
                break;
            }
            if began.elapsed() > PATIENCE {
                bail!("these cannot be killed: {family:?}");
            }
            processes::kill(&family.into_iter().collect::<Vec<_>>())?;
        }
        for socket in std::fs::read_dir(home.join("run")).into_iter().flatten().flatten() {
            std::fs::remove_file(socket.path())?;
        }
        if lost == Lost::Unsynced { empty_unsynced(&home.join("envs")) } else { Ok(()) }
    }

    /// Another boot.
    fn up(&self, id: u64) -> Result<()> {
        Ok(std::fs::write(&self.id, format!("{id:016x}\n"))?)
    }
}

fn empty_unsynced(folder: &Path) -> Result<()> {
    for entry in std::fs::read_dir(folder).into_iter().flatten().flatten() {
        let path = entry.path();
        if entry.file_type()?.is_dir() {
            empty_unsynced(&path)?;
        } else if OF_THIS_BOOT.iter().any(|name| path.ends_with(name)) {
            std::fs::write(&path, "")?;
        }
    }
    Ok(())
}

impl std::fmt::Display for Reboot {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let amid = match self.amid {
            Some((verb, after)) => format!("{} after {} ms", verb.name(), after.as_millis()),
            None => "at rest".to_owned(),
        };
        let first = match self.first {
            First::Up => "up",
            First::ServerStart => "server start",
        };
        let lost = match self.lost {
            Lost::Nothing => "",
            Lost::Unsynced => ", unsynced files empty",
        };
        write!(f, "{:>4}  {amid:<26} then `{first}`{lost}", self.number)
    }
}
