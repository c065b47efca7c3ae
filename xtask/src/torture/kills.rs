//! `torture kills`: `kill -9` at random moments of real commands, then the next command, then a close look.
//!
//! One home lives through all runs. Each run writes a row, changes the source, starts a command, kills its victims at a
//! moment within the time that command took undisturbed, waits for what is left of it, gives `up --yes`, and compares
//! the world with what it should be. Start at `run`.

use std::collections::BTreeMap;
use std::path::Path;
use std::process::ExitCode;
use std::time::{Duration, Instant};

use anyhow::Result;

use super::chance::Chance;
use super::trial::{Trial, VERBS, Verb};
use super::victims::{VICTIMS, Victims};
use super::{Options, Peers, processes, terraform};

/// What a run is.
struct Run {
    number: u32,
    verb: Verb,
    victims: Victims,
    after: Duration,
}

/// Does all runs and tells what it saw; fails when anything was wrong.
pub(super) fn run(program: &Path, options: &Options) -> Result<ExitCode> {
    println!("kills: {} runs, seed {}, `{}`", options.runs, options.seed, program.display());
    let began = Instant::now();
    let mut trial = Trial::new(program)?;
    trial.warm_up()?;
    let mut chance = Chance::seeded(options.seed);
    let mut tally: BTreeMap<(Verb, Victims), u32> = BTreeMap::new();
    for number in 1..=options.runs {
        let run = draw(&trial, number, &mut chance);
        *tally.entry((run.verb, run.victims)).or_default() += 1;
        trial.run(&run.to_string(), |trial| once(trial, &run));
    }
    println!("\n{}", table(&tally));
    let (seed, runs, busy) = (options.seed, options.runs, trial.busy);
    let seconds = began.elapsed().as_secs();
    let accepted = trial.accepted;
    let summary = format!(
        "seed {seed}: {runs} runs in {seconds} s, {accepted} of them accepted before the kill, `up` given again while busy {busy} times"
    );
    if options.beside == Peers::Terraform {
        let failed = trial.failed;
        println!(
            "Appia: {runs} kills, after {failed} of them something was left, lost or made twice by the next `up`"
        );
        println!("{}", terraform::beside(&trial.folder.join("terraform"), options)?);
    }
    trial.conclude(&summary)
}

fn draw(trial: &Trial, number: u32, chance: &mut Chance) -> Run {
    let verb = chance.one_of(Verb::FirstUp, &VERBS[1..]);
    let victims = chance.one_of(Victims::CommandLine, &VICTIMS[1..]);
    let time = trial.times.get(&verb).copied().unwrap_or(Duration::from_secs(1));
    Run { number, verb, victims, after: chance.moment(time) }
}

/// Everything that went wrong in one run.
fn once(trial: &mut Trial, run: &Run) -> Result<Vec<String>> {
    trial.prepare(run.verb)?;
    let command = trial.start(run.verb)?;
    std::thread::sleep(run.after);
    processes::kill(&run.victims.pids(trial.home.folder(), &command))?;
    trial.recover(run.verb, command)
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
