//! `cargo xtask torture`: the promise that nothing is lost, put to real processes.
//!
//! `kills` sends `kill -9` to the command line, the server and the agent of a home of its own at seeded random moments
//! of real commands, gives the next command, and looks for anything lost, left over or made twice. The figures that
//! `docs/reliability.md` shows come from here. Start at `kills.rs`; what is looked at is in `check.rs`. `traffic`
//! deploys under load and counts failed requests, beside HAProxy and Caddy (`traffic.rs`).

mod application;
mod chance;
mod check;
mod kills;
mod processes;
mod traffic;

use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::{Context, Result, bail};

use crate::command;

/// What a torture is told on the command line.
struct Options {
    runs: u32,
    seed: u64,
    /// The `appia` to torture; built from this checkout when none is named.
    program: Option<PathBuf>,
}

/// Runs the named torture with its options.
pub(crate) fn run(arguments: &[&str]) -> Result<ExitCode> {
    match arguments {
        ["kills", options @ ..] => kills(options),
        ["traffic", options @ ..] => traffic::run(options),
        ["service"] => traffic::service::serve(),
        _ => bail!("`torture` knows `kills` and `traffic`; `cargo xtask help` shows their options"),
    }
}

fn kills(options: &[&str]) -> Result<ExitCode> {
    let options = Options::parse(options)?;
    let program = match &options.program {
        Some(program) => program.canonicalize().with_context(|| format!("`{}`", program.display()))?,
        None => command::built(&["--package", "appia-cli", "--bin", "appia"])?,
    };
    kills::run(&program, &options)
}

impl Options {
    fn parse(arguments: &[&str]) -> Result<Options> {
        let mut options = Options { runs: 50, seed: 1, program: None };
        let mut rest = arguments.iter();
        while let Some(name) = rest.next() {
            let value = rest.next().with_context(|| format!("`{name}` needs a value"))?;
            match *name {
                "--runs" => options.runs = value.parse().context("`--runs` is a number")?,
                "--seed" => options.seed = value.parse().context("`--seed` is a number")?,
                "--program" => options.program = Some(PathBuf::from(value)),
                _ => bail!("`{name}` is no option; the options are --runs --seed --program"),
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
