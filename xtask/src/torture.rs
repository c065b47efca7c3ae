//! `cargo xtask torture`: the promise that nothing is lost, put to real processes.
//!
//! `kills` sends `kill -9` to the command line, the server and the agent of a home of its own at seeded random moments
//! of real commands, `writes` does so at every write of the journal, and `reboots` lets everything die at once; each
//! then gives the next command and looks for anything lost, left over or made twice (`trial.rs`, `check.rs`).
//! `outages` and `traffic` ask under load: without a server, without an agent, and during deploys. `flips` changes
//! single bytes of what is kept, `faults` lets single system calls fail. `hostile` puts malformed files before real
//! commands and looks for panics, hangs, waste and stray writes. The figures that `docs/reliability.md` shows come from
//! here. Start at `kills.rs`.

mod application;
mod chance;
mod check;
mod faults;
mod flips;
mod hostile;
mod intents;
mod kills;
mod outages;
mod processes;
mod reboots;
mod site;
mod terraform;
mod traffic;
mod trial;
mod victims;
mod writes;

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::{Context, Result, bail};

use crate::command;

/// What a torture of processes is told on the command line.
struct Options {
    runs: u32,
    seed: u64,
    /// At most so many kills, flips or faults in one series.
    most: u32,
    beside: Peers,
    /// The `appia` to torture; built from this checkout when none is named.
    program: Option<PathBuf>,
}

/// Whose kills are counted beside ours.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Peers {
    None,
    Terraform,
}

/// Runs the named torture with its options.
pub(crate) fn run(arguments: &[&str]) -> Result<ExitCode> {
    match arguments {
        ["hostile", options @ ..] => with_program(&[hostile::USUAL, options].concat(), hostile::run),
        ["kills", options @ ..] => with_program(options, kills::run),
        ["outages", options @ ..] => with_program(options, outages::run),
        ["reboots", options @ ..] => with_program(options, reboots::run),
        ["writes", options @ ..] => with_program(options, writes::run),
        ["flips", options @ ..] => with_program(options, flips::run),
        ["faults", options @ ..] => with_program(options, faults::run),
        ["traffic", options @ ..] => traffic::run(options),
        ["service"] => traffic::service::serve(),
        _ => bail!(
            "`torture` knows `kills`, `writes`, `reboots`, `outages`, `flips`, `faults`, `traffic` and `hostile`; `cargo xtask help` shows their options"
        ),
    }
}

fn with_program(options: &[&str], run: impl Fn(&Path, &Options) -> Result<ExitCode>) -> Result<ExitCode> {
    let options = Options::parse(options)?;
    let program = match &options.program {
        Some(program) => program.canonicalize().with_context(|| format!("`{}`", program.display()))?,
        None => command::built(&["--package", "appia-cli", "--bin", "appia"])?,
    };
    run(&program, &options)
}

/// The last thing of a torture: its folder goes when nothing failed, and is kept to be looked at when something did.
fn end(folder: &Path, failures: usize) -> Result<ExitCode> {
    if failures == 0 {
        command::remove_folder(folder)?;
        return Ok(ExitCode::SUCCESS);
    }
    println!("kept to be looked at: {}", folder.display());
    Ok(ExitCode::FAILURE)
}

impl Options {
    fn parse(arguments: &[&str]) -> Result<Options> {
        let mut options = Options { runs: 50, seed: 1, most: u32::MAX, beside: Peers::None, program: None };
        let mut rest = arguments.iter();
        while let Some(name) = rest.next() {
            let value = rest.next().with_context(|| format!("`{name}` needs a value"))?;
            match *name {
                "--runs" => options.runs = value.parse().context("`--runs` is a number")?,
                "--seed" => options.seed = value.parse().context("`--seed` is a number")?,
                "--most" => options.most = value.parse().context("`--most` is a number")?,
                "--beside" if *value == "terraform" => options.beside = Peers::Terraform,
                "--program" => options.program = Some(PathBuf::from(value)),
                _ => bail!(
                    "`{name}` is no option; the options are --runs --seed --most --beside terraform --program"
                ),
            }
        }
        Ok(options)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn options_are_read_and_a_wrong_one_is_refused() -> Result<()> {
        let options = Options::parse(&["--seed", "7", "--runs", "3"])?;
        assert_eq!((options.runs, options.seed), (3, 7));
        assert!(Options::parse(&["--sed", "7"]).is_err());
        assert!(Options::parse(&["--runs"]).is_err());
        Ok(())
    }
}
