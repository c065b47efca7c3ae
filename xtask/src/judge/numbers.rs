//! The judges of a plan's numbers: HiGHS solves the same integer programmes, Ciw plays the same queues, and the simulation
//! plays what is computed.
//!
//! Each is a test of `appia-compile` that every test run has in its short form; here it runs alone, and with `--requests`
//! as long as one likes. Start at `run`.

use std::process::{Command, ExitCode};

use anyhow::{Result, bail};

use crate::command;
use crate::setup::{self, Tools};

/// Name, what asks, and the judge that it needs.
const JUDGED: &[(&str, &str, Option<&str>)] = &[
    ("solver", "size::choose::tests::another_solver_agrees", Some("highspy")),
    ("queues", "queues::another_simulator_agrees", Some("ciw")),
    ("chain", "proofs::a_chain_is_within_three_percent", None),
    ("proofs", "proofs::twenty_eight_of_thirty_are_safe", None),
];

/// `cargo xtask judge solver|queues|chain|proofs [--requests N]`.
pub(crate) fn run(which: &str, rest: &[&str]) -> Result<ExitCode> {
    let Some((_, test, judge)) = JUDGED.iter().find(|(name, ..)| *name == which) else {
        bail!("`{which}` is no judge of numbers");
    };
    let mut cargo = command::command("cargo", &["test", "--locked", "--package", "appia-compile", "--"]);
    cargo.args(["--exact", "--nocapture", test]);
    match rest {
        [] => {}
        ["--requests", count] if count.parse::<u64>().is_ok_and(|count| count >= 1000) => {
            cargo.env("APPIA_PROVE_REQUESTS", count);
        }
        _ => bail!("write `--requests N`, with at least 1000 of them"),
    }
    ask(&mut cargo, *judge)
}

fn ask(cargo: &mut Command, judge: Option<&str>) -> Result<ExitCode> {
    if let Some(name) = judge {
        let tools = Tools(setup::python_judges());
        print!("{}", tools.table());
        if tools.path(name).is_none() {
            bail!("the judge `{name}` is missing");
        }
        tools.hand_to(cargo)?;
    }
    let mut ran = 0;
    let well = command::stream(cargo, |line| ran += usize::from(line.ends_with("... ok")))?;
    if well && ran == 0 {
        bail!("no test asked the judge");
    }
    Ok(if well { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}
