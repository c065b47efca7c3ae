//! Row `journal`: the engine on the real store, every commit synced to disk, with a driver that does nothing.
//!
//! 3,000 and 30,000 creations in one operation, and sagas of three steps one after the other. The peer is Terraform
//! with as many `terraform_data`, which is built into it and does nothing either; its time grows with the square of
//! their number, so it gets [`BESIDE`] and we get the same. `crates/server/examples/journal_bench.rs` is measured.

use std::path::Path;
use std::process::Command;
use std::time::Instant;

use anyhow::{Context, Result};

use super::measure::{Measure, Peer, Target, milliseconds};
use super::{SAMPLES, scratch, shipped};
use crate::command::{find, read};

/// What Terraform does in seconds.
const BESIDE: usize = 300;
const SAGAS: usize = 200;

pub(super) fn run() -> Result<Vec<Measure>> {
    let example = shipped(&["--package", "appia-server", "--example", "journal_bench"])?;
    let applied = |count: usize| -> Result<Vec<f64>> {
        (0..SAMPLES).map(|_| first(&journal(&example, "apply", count)?)).collect()
    };
    let (beside, small, large) = (applied(BESIDE)?, applied(3000)?, applied(30_000)?);
    let terraform = (0..SAMPLES.min(3)).map(|_| terraform(BESIDE)).collect::<Result<Vec<f64>>>()?;
    let peer = |name, samples: &Vec<f64>| Some(Peer { name, samples: samples.clone() });
    let measure =
        |what: &str, ours, peer, target| Measure { what: what.into(), unit: "ms", ours, peer, target };
    let ten = Some(Target::RatioAtMost(12.0));
    Ok(vec![
        measure("apply of 300 that do nothing", beside, peer("Terraform", &terraform), None),
        measure("apply of 3000 that do nothing", small.clone(), None, Some(Target::AtMost(3000.0))),
        measure("apply of 30000 beside 3000", large, peer("a tenth of it", &small), ten),
        measure(
            "saga of 3 steps, durable",
            journal(&example, "saga", SAGAS)?,
            None,
            Some(Target::AtMost(2.0)),
        ),
    ])
}

/// The milliseconds of each operation, in a store of its own.
fn journal(example: &Path, mode: &str, count: usize) -> Result<Vec<f64>> {
    let folder = scratch("journal")?;
    let said = read(Command::new(example).args([mode, &count.to_string()]).arg(&folder))?;
    said.lines().map(|line| line.parse().with_context(|| format!("`{line}` is no time"))).collect()
}

fn first(times: &[f64]) -> Result<f64> {
    times.first().copied().context("no time was printed")
}

/// A first apply of so many resources that do nothing, in a folder of its own.
fn terraform(count: usize) -> Result<f64> {
    let folder = scratch("terraform")?;
    let text = format!("resource \"terraform_data\" \"nothing\" {{\n  count = {count}\n}}\n");
    std::fs::write(folder.join("main.tf"), text)?;
    let terraform = || -> Result<Command> {
        let mut command = Command::new(find("terraform", &[]).context("there is no `terraform` on PATH")?);
        command.current_dir(&folder).env("CHECKPOINT_DISABLE", "1");
        Ok(command)
    };
    read(terraform()?.args(["init", "-input=false"]))?;
    let start = Instant::now();
    read(terraform()?.args(["apply", "-auto-approve", "-input=false"]))?;
    Ok(milliseconds(start.elapsed()))
}
