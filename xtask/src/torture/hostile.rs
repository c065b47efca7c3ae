//! `torture hostile`: malformed files and folders through the real commands, each in a folder of its own.
//!
//! Every case is checked, planned, exported and, when it is broken, handed to `up`, under limits that the kernel keeps:
//! memory, CPU, a closed list of exit codes, and a look at every file around before and after. What a case is made of
//! stands in `cases.rs` and its neighbours, what a command may do in `examine.rs`. Start at `run`.

mod cases;
mod examine;
mod ground;
mod homes;
mod paths;
mod shapes;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::{Duration, Instant};

use anyhow::{Context, Result};

use self::cases::Case;
use self::examine::{Command, Examiner};
use self::ground::Ground;
use super::chance::Chance;
use super::{Options, end};

/// So many files are made when nobody says how many.
pub(super) const USUAL: &[&str] = &["--runs", "4000"];

/// With fewer files than this, each gets `check` and one other command in turn.
const THOROUGH: u32 = 2_000;

/// Every so many cases one is watched call by call, where `strace` is there.
const WATCHED: usize = 50;

/// For so many files one home is spoilt: that takes a hundred times as long.
const HOMES: u32 = 200;

/// What is done with one case.
struct Part {
    watched: bool,
    others: Others,
}

/// Which commands follow `check`.
enum Others {
    All,
    /// One of them, by the number of the case.
    InTurn(usize),
}

impl Part {
    fn commands(&self) -> Vec<Command> {
        match self.others {
            Others::All => [&[Command::Check], Command::OTHERS.as_slice()].concat(),
            Others::InTurn(number) => {
                let other = Command::OTHERS.get(number % Command::OTHERS.len());
                std::iter::once(Command::Check).chain(other.copied()).collect()
            }
        }
    }
}

/// What was seen of one kind of case.
#[derive(Default)]
struct Tally {
    files: u32,
    commands: u32,
    /// Files that `check` refused.
    refused: u32,
    slowest: Duration,
}

/// Runs every case and tells what it saw; fails when anything was wrong.
pub(super) fn run(program: &Path, options: &Options) -> Result<ExitCode> {
    let runs = options.runs;
    println!("hostile: {runs} files, seed {}, `{}`", options.seed, program.display());
    let began = Instant::now();
    let folder = PathBuf::from(format!("/tmp/appia-hostile-{}", std::process::id()));
    let examiner = Examiner::new(program)?;
    let mut chance = Chance::seeded(options.seed);
    let cases = cases::some(usize::try_from(runs)?, &mut chance);
    let mut tally: BTreeMap<&'static str, Tally> = BTreeMap::new();
    let mut failures = Vec::new();
    for (number, case) in cases.iter().enumerate() {
        let part = Part {
            watched: number % WATCHED == 0,
            others: if runs < THOROUGH { Others::InTurn(number) } else { Others::All },
        };
        let seen = one(case, &folder.join(format!("{number}")), (&examiner, &part), &mut tally);
        let troubles = seen.with_context(|| format!("{case}"))?;
        for trouble in troubles {
            println!("FAILED {number} {case}: {trouble}");
            failures.push(trouble);
        }
    }
    println!("{}", table(&tally));
    failures.extend(homes::run(program, &folder.join("homes"), (runs.div_ceil(HOMES), &mut chance))?);
    println!("{}", examiner.worst());
    println!(
        "seed {}: {} files in {} s, {} failures",
        options.seed,
        cases.len(),
        began.elapsed().as_secs(),
        failures.len()
    );
    end(&folder, failures.len())
}

/// All commands on one case. Its folder goes unless something was wrong.
fn one(
    case: &Case,
    folder: &Path,
    (examiner, part): (&Examiner, &Part),
    tally: &mut BTreeMap<&'static str, Tally>,
) -> Result<Vec<String>> {
    let ground = Ground::lay(folder, case)?;
    let tally = tally.entry(case.class).or_default();
    tally.files += 1;
    let mut troubles = Vec::new();
    let mut refused = false;
    for command in part.commands() {
        if command == Command::Up && !refused {
            // What is right would be brought up, which is another test's.
            continue;
        }
        let before = ground.snapshot()?;
        let seen = examiner.run(command, &ground, part.watched && command != Command::Up)?;
        tally.commands += 1;
        tally.slowest = tally.slowest.max(seen.cpu);
        refused |= command == Command::Check && seen.code == Some(3);
        let changed = ground.changed_since(&before)?;
        let told = seen.troubles.into_iter().chain(changed).map(|what| format!("{}: {what}", command.name()));
        troubles.extend(told);
    }
    tally.refused += u32::from(refused);
    if troubles.is_empty() {
        ground.clear()?;
    }
    Ok(troubles)
}

fn table(tally: &BTreeMap<&'static str, Tally>) -> String {
    let head =
        format!("{:<34} {:>6} {:>8} {:>9} {:>12}\n", "", "files", "refused", "commands", "slowest, CPU");
    let row = |(class, tally): (&&str, &Tally)| {
        format!(
            "{class:<34} {:>6} {:>8} {:>9} {:>9} ms\n",
            tally.files,
            tally.refused,
            tally.commands,
            tally.slowest.as_millis()
        )
    };
    head + &tally.iter().map(row).collect::<String>()
}
