//! `cargo xtask bench`: our numbers beside a peer's, taken in the same run on the same machine.
//!
//! Each row takes at least five samples of ours and of its peer, in turns, and compares the medians: absolute values
//! belong to one machine, ratios travel. A table goes to standard output, every sample to `target/bench.json`.
//! What is measured is the `dist` profile. A row never decides whether tests pass. Start at `ROWS`.

pub(crate) mod echo;
mod gateway;
mod generate;
pub(crate) mod home;
mod idle;
mod journal;
mod measure;
mod plan;
mod size;
mod start;
mod up;

use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::{Context, Result, bail};

use crate::command;
use measure::Measure;

/// How many samples a row takes of each side.
const SAMPLES: usize = 5;

struct Row {
    name: &'static str,
    run: fn() -> Result<Vec<Measure>>,
}

const ROWS: &[Row] = &[
    Row { name: "plan", run: plan::run },
    Row { name: "sizing", run: plan::sizing },
    Row { name: "up", run: up::run },
    Row { name: "gateway", run: gateway::run },
    Row { name: "journal", run: journal::run },
    Row { name: "start", run: start::run },
    Row { name: "idle", run: idle::run },
    Row { name: "size", run: size::run },
];

/// Runs the named rows, or all; a row that cannot run is said and fails the command, and the others go on.
pub(crate) fn run(names: &[&str]) -> Result<ExitCode> {
    if let Some(unknown) = names.iter().find(|name| !ROWS.iter().any(|row| row.name == **name)) {
        let known: Vec<&str> = ROWS.iter().map(|row| row.name).collect();
        bail!("`{unknown}` is no row; the rows are {}", known.join(", "));
    }
    let mut measures = Vec::new();
    let mut failed = false;
    for row in ROWS.iter().filter(|row| names.is_empty() || names.contains(&row.name)) {
        println!("measuring {} ...", row.name);
        match (row.run)() {
            Ok(found) => measures.extend(found),
            Err(error) => {
                failed = true;
                eprintln!("{}: {error:#}", row.name);
            }
        }
    }
    report(&measures)?;
    Ok(if failed { ExitCode::FAILURE } else { ExitCode::SUCCESS })
}

fn report(measures: &[Measure]) -> Result<()> {
    let load = std::fs::read_to_string("/proc/loadavg").unwrap_or_default();
    println!("\n{}load: {}", measure::table(measures), load.trim());
    let json = serde_json::json!({ "load": load.trim(), "samples": SAMPLES, "measures": measures });
    let folder = command::root().join("target");
    std::fs::create_dir_all(&folder)?;
    let path = folder.join("bench.json");
    std::fs::write(&path, format!("{json:#}\n")).with_context(|| format!("`{}`", path.display()))?;
    println!("every sample: target/bench.json");
    Ok(())
}

/// A program built as it is shipped.
fn shipped(arguments: &[&str]) -> Result<PathBuf> {
    command::built(&[&["--profile", "dist"], arguments].concat())
}

/// The `appia` program as it is shipped.
fn appia() -> Result<PathBuf> {
    shipped(&["--package", "appia-cli", "--bin", "appia"])
}

/// An empty folder for a row's files, below `target/`.
fn scratch(name: &str) -> Result<PathBuf> {
    let folder = command::root().join("target/bench").join(name);
    command::remove_folder(&folder)?;
    std::fs::create_dir_all(&folder).with_context(|| format!("`{}`", folder.display()))?;
    Ok(folder)
}
