//! `torture faults`: the k-th `openat`, `write`, `fsync`, `rename` ... of a process fails, once with `EIO` and once with
//! `ENOSPC`, for every k that touches a file of ours; then the disk is full.
//!
//! Each time: the exit code is right (0 only when what was asked for is there), the message names the fault, nothing
//! panics, the same command again works, and the doctor finds everything as it was written. `strace` makes the calls
//! fail (`strace.rs`); where it may not trace, that judge is told as not run. `commands.rs` has the commands of the
//! command line, `processes.rs` tortures server and agent, `full.rs` fills a disk. Start at `run`.

mod commands;
mod full;
mod processes;
mod strace;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::Instant;

use anyhow::{Result, ensure};

use super::chance::Chance;
use super::site::{Answer, Site};
use super::{Options, end};
use commands::{CASES, Case};
use strace::{Call, Strace};

/// The errors that a call fails with.
const ERRORS: [(&str, [&str; 2]); 2] =
    [("EIO", ["Input/output error", "os error 5"]), ("ENOSPC", ["No space left", "os error 28"])];

/// What was done and what went wrong.
#[derive(Default)]
struct Tally {
    /// Faults, those after which the command said so, those that it did not mind.
    rows: BTreeMap<String, [u32; 3]>,
    failures: Vec<String>,
}

impl Tally {
    fn note(&mut self, row: &str, what: &str, seen: Result<bool>) {
        let [all, told, unharmed] = self.rows.entry(row.to_owned()).or_default();
        *all += 1;
        match seen {
            Ok(true) => *told += 1,
            Ok(false) => *unharmed += 1,
            Err(error) => {
                println!("{row}, {what}: FAILED {error:#}");
                self.failures.push(format!("{row}, {what}: {error:#}"));
            }
        }
    }

    fn table(&self) -> String {
        let row = |(row, [all, told, unharmed]): (&String, &[u32; 3])| {
            format!("| `{row}` | {all} | {told} | {unharmed} |\n")
        };
        let rows: String = self.rows.iter().map(row).collect();
        format!(
            "| command | faults | told, exit code 1 or 3 | done all the same |\n|---|---:|---:|---:|\n{rows}"
        )
    }
}

/// One fault in one command.
struct Fault<'a> {
    case: &'a Case,
    call: Call,
    error: &'static str,
    texts: [&'static str; 2],
}

/// Does all faults, or so many, and tells what it saw.
pub(super) fn run(program: &Path, options: &Options) -> Result<ExitCode> {
    println!("faults: seed {}, `{}`", options.seed, program.display());
    let began = Instant::now();
    let folder = PathBuf::from(format!("/tmp/appia-faults-{}", std::process::id()));
    let mut tally = Tally::default();
    let mut chance = Chance::seeded(options.seed);
    match Strace::find() {
        Ok(strace) => {
            let site = Site::new(program, &folder)?;
            site.succeed(&["up", "--yes"])?;
            of_command_line(&site, &strace, (options.most, &mut chance), &mut tally)?;
            processes::torture(&site, &strace, (options.most / 2, &mut chance), &mut tally)?;
        }
        Err(why) => println!("strace did not run: {why:#}"),
    }
    match full::torture(program, &folder.join("full")) {
        Ok(None) => println!("a full disk: nothing acknowledged was lost, and it went on without a restart"),
        Ok(Some(why)) => println!("a full disk did not run: {why}"),
        Err(error) => tally.failures.push(format!("a full disk: {error:#}")),
    }
    println!("\n{}", tally.table());
    let faults: u32 = tally.rows.values().map(|[all, ..]| all).sum();
    println!(
        "seed {}: {faults} faults in {} s, {} failures",
        options.seed,
        began.elapsed().as_secs(),
        tally.failures.len()
    );
    tally.failures.iter().for_each(|failure| println!("  {failure}"));
    end(&folder, tally.failures.len())
}

/// Each command once to see its calls, then once for each of them and each error.
fn of_command_line(
    site: &Site,
    strace: &Strace,
    (most, chance): (u32, &mut Chance),
    tally: &mut Tally,
) -> Result<()> {
    let mut faults = Vec::new();
    for case in CASES {
        (case.prepare)(site)?;
        let (answer, calls) = strace.watch(site, case.words)?;
        ensure!(answer.code == Some(0), "without a fault: `{}`: {}", case.name(), answer.shown());
        for call in calls {
            for (error, texts) in ERRORS {
                faults.push(Fault { case, call: call.clone(), error, texts });
            }
        }
    }
    println!("{} calls of {} commands touch a file of ours", faults.len() / ERRORS.len(), CASES.len());
    for fault in super::flips::some(faults, most, chance) {
        let what =
            format!("{} {} of `{}`: {}", fault.call.name, fault.call.count, fault.call.path, fault.error);
        tally.note(&fault.case.name(), &what, once(site, strace, &fault));
    }
    Ok(())
}

/// True when the command said that it failed.
fn once(site: &Site, strace: &Strace, fault: &Fault<'_>) -> Result<bool> {
    (fault.case.prepare)(site)?;
    let answer = strace.fail(site, fault.case.words, (&fault.call, fault.error))?;
    ensure!(!answer.panicked(), "it panicked: {}", answer.shown());
    let refused = answer.code != Some(0);
    if refused {
        ensure!(matches!(answer.code, Some(1 | 3)), "a wrong exit code: {}", answer.shown());
        ensure!(tells(&answer, fault), "the message does not name the fault: {}", answer.shown());
    } else {
        (fault.case.done)(site, &answer)?;
    }
    let again = site.ask_json(fault.case.words)?;
    ensure!(again.code == Some(0), "it does not work again: {}; first: {}", again.shown(), answer.shown());
    (fault.case.done)(site, &again)?;
    let doctor = site.ask_json(&["server", "doctor"])?;
    ensure!(doctor.code == Some(0), "the doctor finds something: {}", doctor.shown());
    Ok(refused)
}

/// Where standard output is what fails there may be no place to say it.
fn tells(answer: &Answer, fault: &Fault<'_>) -> bool {
    let said = [answer.out.as_str(), answer.err.as_str()].concat();
    fault.texts.iter().any(|text| said.contains(text))
}
