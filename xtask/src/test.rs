//! `cargo xtask test`: the one test command. Sets up the judges, runs every step, says what each took.
//!
//! Steps run from the cheapest to the dearest and go on after a failure, so that one run shows everything. It ends with
//! a table of the judges (`missing` fails with `CI=true`), a table of the steps, and a line `N passed, N failed`: the
//! tests that Cargo ran, and each other step as one. `.ci/run` calls exactly this. Start at `STEPS`.

mod exports;

use std::process::ExitCode;
use std::time::{Duration, Instant};

use anyhow::{Result, bail};

use crate::command::{self, command};
use crate::setup::{self, Tools};
use crate::{tidy, torture};

/// What a step proved.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Count {
    passed: usize,
    failed: usize,
}

impl Count {
    const PASSED: Count = Count { passed: 1, failed: 0 };
    const FAILED: Count = Count { passed: 0, failed: 1 };
}

struct Step {
    name: &'static str,
    what: &'static str,
    needs: Needs,
    run: fn(&Tools) -> Result<Count>,
}

/// Which tools a step cannot run without.
#[derive(Clone, Copy)]
enum Needs {
    /// Only the toolchain.
    Nothing,
    /// It is told where the judges are, and says itself what it could not ask.
    Told,
    /// It does not run when one of these is missing.
    All(&'static [&'static str]),
}

const STEPS: &[Step] = &[
    Step { name: "fmt", what: "every file is formatted", needs: Needs::Nothing, run: |_| cargo(FMT) },
    Step { name: "tidy", what: "the rules of the house hold", needs: Needs::Nothing, run: |_| tidy() },
    Step {
        name: "deny",
        what: "licences, bans and sources of dependencies",
        needs: Needs::All(&["cargo-deny"]),
        run: deny,
    },
    Step { name: "clippy", what: "no lint speaks", needs: Needs::Nothing, run: |_| cargo(CLIPPY) },
    Step { name: "test", what: "unit, integration and end-to-end tests", needs: Needs::Told, run: tests },
    Step {
        name: "kills",
        what: "nothing is lost when processes are killed",
        needs: Needs::Nothing,
        run: |_| Ok(count(torture::short()?)),
    },
    Step {
        name: "traffic",
        what: "no request fails while releases follow each other",
        needs: Needs::Nothing,
        run: |_| Ok(count(torture::short_traffic()?)),
    },
    Step {
        name: "kubernetes",
        what: "exported manifests before their judges",
        needs: Needs::All(&["kubernetes-validate", "trivy"]),
        run: exports::kubernetes,
    },
];

const FMT: &[&str] = &["fmt", "--all", "--check"];
const CLIPPY: &[&str] = &["clippy", "--workspace", "--all-targets", "--locked", "--", "-D", "warnings"];

/// Runs the named steps, or all.
pub(crate) fn run(only: &[&str]) -> Result<ExitCode> {
    if let Some(unknown) = only.iter().find(|name| !STEPS.iter().any(|step| step.name == **name)) {
        let names: Vec<&str> = STEPS.iter().map(|step| step.name).collect();
        bail!("`{unknown}` is no step; the steps are {}", names.join(", "));
    }
    let chosen = || STEPS.iter().filter(|step| only.is_empty() || only.contains(&step.name));
    let start = Instant::now();
    let tools = set_up(chosen());
    let mut rows = vec![row("set-up", start.elapsed(), "")];
    let mut total = Count::default();
    for step in chosen() {
        let (count, time) = timed(step, &tools);
        total = Count { passed: total.passed + count.passed, failed: total.failed + count.failed };
        rows.push(row(step.name, time, &format!("{} passed, {} failed", count.passed, count.failed)));
    }
    total.failed += judges(&tools);
    println!("\nSteps\n{}{}", rows.concat(), row("all", start.elapsed(), ""));
    println!("{} passed, {} failed", total.passed, total.failed);
    Ok(if total.failed == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// Sets up the tools, unless no chosen step asks for any.
fn set_up<'a>(mut chosen: impl Iterator<Item = &'a Step>) -> Tools {
    if chosen.all(|step| matches!(step.needs, Needs::Nothing)) {
        return Tools(Vec::new());
    }
    println!("== set-up of judges");
    setup::judges()
}

fn timed(step: &Step, tools: &Tools) -> (Count, Duration) {
    println!("\n== {}: {}", step.name, step.what);
    let start = Instant::now();
    if let Some(missing) = missing(step.needs, tools) {
        println!("{} did not run: {missing} is missing", step.name);
        return (Count::default(), start.elapsed());
    }
    let count = (step.run)(tools).unwrap_or_else(|error| {
        eprintln!("{}: {error:#}", step.name);
        Count::FAILED
    });
    (count, start.elapsed())
}

fn missing(needs: Needs, tools: &Tools) -> Option<&'static str> {
    match needs {
        Needs::Nothing | Needs::Told => None,
        Needs::All(names) => names.iter().copied().find(|name| tools.path(name).is_none()),
    }
}

fn row(name: &str, time: Duration, outcome: &str) -> String {
    format!("  {name:<12} {:>4} min {:>2} s  {outcome}\n", time.as_secs() / 60, time.as_secs() % 60)
}

/// Prints which judges were there; a missing one is a failure in CI.
fn judges(tools: &Tools) -> usize {
    if tools.0.is_empty() {
        return 0;
    }
    print!("\nJudges\n{}", tools.table());
    match std::env::var("APPIA_CORPORA") {
        Ok(folder) => println!("  {:<20} ready    {folder}", "public corpora"),
        Err(_) => println!("  {:<20} not run  APPIA_CORPORA names no folder of them", "public corpora"),
    }
    let missing = tools.0.iter().filter(|tool| tool.state.is_err()).count();
    let in_ci = std::env::var("CI").is_ok_and(|value| value == "true");
    if in_ci { missing } else { 0 }
}

fn cargo(arguments: &[&str]) -> Result<Count> {
    let success = command::stream(&mut command("cargo", arguments), |_| {})?;
    Ok(if success { Count::PASSED } else { Count::FAILED })
}

fn tidy() -> Result<Count> {
    Ok(count(tidy::run(tidy::Notes::Shown)?))
}

fn count(code: ExitCode) -> Count {
    if code == ExitCode::SUCCESS { Count::PASSED } else { Count::FAILED }
}

fn deny(tools: &Tools) -> Result<Count> {
    let Some(program) = tools.path("cargo-deny") else { bail!("cargo-deny is missing") };
    let mut deny = command(&program.to_string_lossy(), &["--log-level", "error", "--locked", "check"]);
    deny.args(["licenses", "bans", "sources"]);
    let success = command::stream(&mut deny, |_| {})?;
    Ok(if success { Count::PASSED } else { Count::FAILED })
}

/// Every test of the workspace; the judges' places are in the environment.
fn tests(tools: &Tools) -> Result<Count> {
    let mut tests = command("cargo", &["test", "--workspace", "--locked", "--no-fail-fast"]);
    tools.hand_to(&mut tests)?;
    let mut count = Count::default();
    let success = command::stream(&mut tests, |line| {
        if let Some(more) = result(line) {
            count = Count { passed: count.passed + more.passed, failed: count.failed + more.failed };
        }
    })?;
    if !success && count.failed == 0 {
        // It did not compile, or a test program died: no test told of it.
        count.failed = 1;
    }
    Ok(count)
}

/// Reads `test result: ok. 12 passed; 0 failed; 0 ignored; ...`.
fn result(line: &str) -> Option<Count> {
    let rest = line.strip_prefix("test result: ")?;
    let number = |word: &str| {
        let part = rest.split([';', '.']).find(|part| part.trim_end().ends_with(word))?;
        part.trim().strip_suffix(word)?.trim().parse().ok()
    };
    Some(Count { passed: number("passed")?, failed: number("failed")? })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_result_line_of_a_test_program_is_read() {
        let line = "test result: FAILED. 12 passed; 3 failed; 0 ignored; 0 measured; 0 filtered out; finished in 0.01s";
        assert_eq!(result(line), Some(Count { passed: 12, failed: 3 }));
        assert_eq!(result("running 3 tests"), None);
    }

    #[test]
    fn a_step_does_not_run_without_its_judge() {
        let step = Step { name: "a", what: "", needs: Needs::All(&["trivy"]), run: |_| Ok(Count::FAILED) };
        assert_eq!(timed(&step, &Tools(Vec::new())).0, Count::default());
        assert_eq!(timed(&Step { needs: Needs::Told, ..step }, &Tools(Vec::new())).0, Count::FAILED);
    }

    #[test]
    fn an_unknown_step_is_refused() {
        let error = run(&["tidi"]).err().map(|error| error.to_string());
        assert!(error.is_some_and(|error| error.starts_with("`tidi` is no step; the steps are fmt, tidy")));
    }
}
