//! `cargo xtask test`: the one test command. Sets up the judges, runs every step, says what each took.
//!
//! Steps run from the cheapest to the dearest and go on after a failure, so that one run shows everything. It ends with
//! a table of the judges (`missing` fails with `CI=true`), a table of the steps, the last words of whatever failed, and a
//! line `N passed, N failed`: the tests that Cargo ran, and each other step as one. `.ci/run` calls exactly this. Start
//! at `STEPS`.

mod exports;
mod heard;

use std::process::{Command, ExitCode};
use std::time::{Duration, Instant};

use anyhow::{Result, bail};

use self::heard::Heard;
use crate::command::command;
use crate::setup::{self, Tools};

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
    run: fn(&Tools, &mut Heard) -> Result<Count>,
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
    Step {
        name: "fmt",
        what: "every file is formatted",
        needs: Needs::Nothing,
        run: |_, heard| cargo(FMT, heard),
    },
    Step {
        name: "tidy",
        what: "the rules of the house hold",
        needs: Needs::Nothing,
        run: |_, heard| xtask(&["tidy"], heard),
    },
    Step {
        name: "deny",
        what: "licences, bans and sources of dependencies",
        needs: Needs::All(&["cargo-deny"]),
        run: deny,
    },
    Step {
        name: "clippy",
        what: "no lint speaks",
        needs: Needs::Nothing,
        run: |_, heard| cargo(CLIPPY, heard),
    },
    Step { name: "test", what: "unit, integration and end-to-end tests", needs: Needs::Told, run: tests },
    Step {
        name: "kills",
        what: "nothing is lost when processes are killed",
        needs: Needs::Nothing,
        run: |_, heard| xtask(KILLS, heard),
    },
    Step {
        name: "reboots",
        what: "everything comes back after everything died at once",
        needs: Needs::Nothing,
        run: |_, heard| xtask(REBOOTS, heard),
    },
    Step {
        name: "flips",
        what: "no wrong answer from a flipped byte",
        needs: Needs::Nothing,
        run: |_, heard| xtask(FLIPS, heard),
    },
    Step {
        name: "traffic",
        what: "no request fails while releases follow each other",
        needs: Needs::Nothing,
        run: |_, heard| xtask(TRAFFIC, heard),
    },
    Step {
        name: "hostile",
        what: "malformed files do no harm",
        needs: Needs::Nothing,
        run: |_, heard| xtask(HOSTILE, heard),
    },
    Step {
        name: "e2e",
        what: "the examples, and the quickest two of other people's applications",
        needs: Needs::All(&["python", "redis", "node", "npm", "postgresql"]),
        run: |_, heard| xtask(E2E, heard),
    },
    Step {
        name: "kubernetes",
        what: "exported manifests before their judges",
        needs: Needs::All(&["kubernetes-validate", "trivy"]),
        run: exports::kubernetes,
    },
    Step {
        name: "terraform",
        what: "exported files before Terraform and OpenTofu",
        needs: Needs::All(&["schemas"]),
        run: exports::terraform,
    },
    Step {
        name: "scanners",
        what: "exported Terraform files before trivy and checkov",
        needs: Needs::All(&["trivy", "checkov"]),
        run: |_, heard| xtask(&["judge", "scanners"], heard),
    },
];

/// What the README shows, and those that need nothing but what the tests need anyway, and little time.
const E2E: &[&str] = &["e2e", "storefront", "polyglot", "docs", "celery"];

/// The short form: a few kills, in well under 90 seconds.
const KILLS: &[&str] = &["torture", "kills", "--runs", "5"];
/// Three amid a command and one at rest.
const REBOOTS: &[&str] = &["torture", "reboots", "--runs", "4", "--seed", "2"];
/// A few bytes of each kind of file.
const FLIPS: &[&str] = &["torture", "flips", "--most", "8"];
/// A few deploys under the whole crowd, without peers.
const TRAFFIC: &[&str] = &["torture", "traffic", "--deploys", "3", "--requests", "10000", "--alone"];
/// Fewer files, each with two commands.
const HOSTILE: &[&str] = &["torture", "hostile", "--runs", "600"];
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
    let (mut failures, mut not_run) = (String::new(), Vec::new());
    for step in chosen() {
        let mut heard = Heard::default();
        let (count, time) = timed(step, &tools, &mut heard);
        if count.failed > 0 {
            failures.push_str(&heard.excerpt(step.name));
        }
        not_run.append(&mut heard.not_run);
        total = Count { passed: total.passed + count.passed, failed: total.failed + count.failed };
        rows.push(row(step.name, time, &format!("{} passed, {} failed", count.passed, count.failed)));
    }
    total.failed += judges(&tools);
    println!("\nSteps\n{}{}", rows.concat(), row("all", start.elapsed(), ""));
    if !not_run.is_empty() {
        println!("Not put to the test here\n  {}\n", not_run.join("\n  "));
    }
    if !failures.is_empty() {
        println!("\nWhat failed, its last words\n{failures}");
    }
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

fn timed(step: &Step, tools: &Tools, heard: &mut Heard) -> (Count, Duration) {
    println!("\n== {}: {}", step.name, step.what);
    let start = Instant::now();
    if let Some(missing) = missing(step.needs, tools) {
        println!("{} did not run: {missing} is missing", step.name);
        return (Count::default(), start.elapsed());
    }
    let count = (step.run)(tools, heard).unwrap_or_else(|error| {
        heard.say(&format!("{}: {error:#}", step.name));
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
    let corpora = setup::corpora();
    print!("\nJudges\n{}{}", tools.table(), corpora.line());
    let missing =
        tools.0.iter().filter(|tool| tool.state.is_err()).count() + usize::from(corpora.is_missing());
    let in_ci = std::env::var("CI").is_ok_and(|value| value == "true");
    if in_ci { missing } else { 0 }
}

fn cargo(arguments: &[&str], heard: &mut Heard) -> Result<Count> {
    one(&mut command("cargo", arguments), heard)
}

/// Another verb of this program, in a process of its own, so that all it says is heard.
fn xtask(arguments: &[&str], heard: &mut Heard) -> Result<Count> {
    // Not by its path: a step before may have built it anew there.
    one(&mut command("/proc/self/exe", arguments), heard)
}

fn one(command: &mut Command, heard: &mut Heard) -> Result<Count> {
    Ok(if heard.run(command, |_| {})? { Count::PASSED } else { Count::FAILED })
}

fn deny(tools: &Tools, heard: &mut Heard) -> Result<Count> {
    let Some(program) = tools.path("cargo-deny") else { bail!("cargo-deny is missing") };
    let mut deny = command(&program.to_string_lossy(), &["--log-level", "error", "--locked", "check"]);
    one(deny.args(["licenses", "bans", "sources"]), heard)
}

/// Every test of the workspace; the judges' places are in the environment.
fn tests(tools: &Tools, heard: &mut Heard) -> Result<Count> {
    let mut tests = command("cargo", &["test", "--workspace", "--locked", "--no-fail-fast"]);
    tools.hand_to(&mut tests)?;
    let mut count = Count::default();
    let success = heard.run(&mut tests, |line| {
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
        let step = Step { name: "a", what: "", needs: Needs::All(&["trivy"]), run: |_, _| Ok(Count::FAILED) };
        let count = |step: &Step| timed(step, &Tools(Vec::new()), &mut Heard::default()).0;
        assert_eq!(count(&step), Count::default());
        assert_eq!(count(&Step { needs: Needs::Told, ..step }), Count::FAILED);
    }

    #[test]
    fn an_unknown_step_is_refused() {
        let error = run(&["tidi"]).err().map(|error| error.to_string());
        assert!(error.is_some_and(|error| error.starts_with("`tidi` is no step; the steps are fmt, tidy")));
    }
}
