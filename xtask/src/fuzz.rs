//! `cargo xtask fuzz [TARGET...] [--seconds N]`: libFuzzer against the properties in `fuzz/`, for so long each.
//!
//! Targets take turns in short rounds, so that an interrupted run loses little. After each round the CPU time it really
//! had and the inputs it tried are added to `fuzz/record.tsv`, and what it learned is merged, as small as libFuzzer can
//! make it, into `fuzz/corpus/`, which tests run over without libFuzzer. Hours therefore add up over many runs.
//! The programs are built with the stable toolchain; `RUSTC_BOOTSTRAP` is set for cargo-fuzz alone, which asks for it.
//! Start reading at `run`, then `Fuzzer::round`.

mod record;

use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode};
use std::time::Duration;

use anyhow::{Context, Result, bail};

use self::record::{Record, Row};
use crate::{command, setup};

/// How long a target has its turn.
const ROUND: Duration = Duration::from_secs(120);

/// What libFuzzer holds each input to. Time is generous, because the machine may be busy: `torture hostile` is exact.
const LIMITS: [&str; 4] = ["-timeout=10", "-rss_limit_mb=512", "-max_len=4096", "-print_final_stats=1"];

/// Runs some targets, or all, until each had its seconds.
pub(crate) fn run(arguments: &[&str]) -> Result<ExitCode> {
    let (chosen, seconds) = parse(arguments)?;
    let fuzzer = Fuzzer { program: setup::cargo_fuzz()?, work: setup::cache()?.join("fuzz") };
    let known = targets()?;
    if let Some(unknown) = chosen.iter().find(|name| !known.iter().any(|known| known == *name)) {
        bail!("`{unknown}` is no target; the targets are {}", known.join(", "));
    }
    let chosen = if chosen.is_empty() { known } else { chosen };
    chosen.iter().try_for_each(|target| fuzzer.build(target))?;
    let mut left = Duration::from_secs(seconds);
    while !left.is_zero() {
        let time = left.min(ROUND);
        left -= time;
        for target in &chosen {
            let row = fuzzer.round(target, time)?;
            println!("{target:<14} {row}");
        }
    }
    print!("\nAll rounds there ever were\n{}", Record::open()?.read()?.table());
    Ok(ExitCode::SUCCESS)
}

fn parse(arguments: &[&str]) -> Result<(Vec<String>, u64)> {
    let (mut chosen, mut seconds) = (Vec::new(), ROUND.as_secs());
    let mut rest = arguments.iter();
    while let Some(argument) = rest.next() {
        match *argument {
            "--seconds" => {
                let value = rest.next().context("`--seconds` needs a value")?;
                seconds = value.parse().context("`--seconds` is a number")?;
            }
            option if option.starts_with('-') => bail!("`{option}` is no option; there is `--seconds`"),
            target => chosen.push(target.to_owned()),
        }
    }
    Ok((chosen, seconds))
}

/// The targets that the fuzz crate declares.
fn targets() -> Result<Vec<String>> {
    let manifest = std::fs::read_to_string(folder().join("Cargo.toml"))?.parse::<toml::Table>()?;
    let programs = manifest.get("bin").and_then(toml::Value::as_array).cloned().unwrap_or_default();
    let name = |program: &toml::Value| Some(program.get("name")?.as_str()?.to_owned());
    Ok(programs.iter().filter_map(name).collect())
}

fn folder() -> PathBuf {
    command::root().join("fuzz")
}

struct Fuzzer {
    /// cargo-fuzz.
    program: PathBuf,
    /// Everything that was ever learned; only the best of it is kept in the checkout.
    work: PathBuf,
}

impl Fuzzer {
    /// One turn of a target.
    fn round(&self, target: &str, time: Duration) -> Result<Row> {
        let (work, kept) = (self.work.join(target), folder().join("corpus").join(target));
        std::fs::create_dir_all(&work)?;
        std::fs::create_dir_all(&kept)?;
        let before = command::cpu_time_of_children()?;
        let limit = format!("-max_total_time={}", time.as_secs());
        let mut fuzz = self.program(target)?;
        fuzz.arg(&work).arg(&kept).args(LIMITS).arg(limit);
        let said = command::capture(&mut fuzz)?;
        let cpu = command::cpu_time_of_children()? - before;
        if !said.success {
            bail!("`{target}` is broken:\n{}", last_lines(&said.stderr, 40));
        }
        let runs = record::statistic(&said.stderr, "number_of_executed_units").unwrap_or_default();
        let peak_mb = record::statistic(&said.stderr, "peak_rss_mb").unwrap_or_default();
        let row = Row { cpu, runs, peak_mb };
        Record::open()?.add(target, &row)?;
        self.keep(target, &[&kept, &work])?;
        Ok(row)
    }

    /// Replaces what is kept by the smallest set of inputs that reaches all that was reached.
    fn keep(&self, target: &str, from: &[&Path]) -> Result<()> {
        let kept = folder().join("corpus").join(target);
        let merged = self.work.join(format!("{target}.merged"));
        if merged.exists() {
            std::fs::remove_dir_all(&merged)?;
        }
        std::fs::create_dir_all(&merged)?;
        let mut merge = self.program(target)?;
        merge.arg("-set_cover_merge=1").args(LIMITS).arg(&merged).args(from);
        command::read(&mut merge)?;
        std::fs::remove_dir_all(&kept)?;
        std::fs::create_dir_all(&kept)?;
        for file in std::fs::read_dir(&merged)? {
            let file = file?;
            std::fs::copy(file.path(), kept.join(file.file_name()))?;
        }
        Ok(std::fs::remove_dir_all(&merged)?)
    }

    /// Compiles a target. Without a sanitizer: our code holds no `unsafe`, and several times as many inputs are tried.
    fn build(&self, target: &str) -> Result<()> {
        let mut build = command::command("nice", &[]);
        build.arg(&self.program).args(["build", "--sanitizer", "none", "--features", "libfuzzer", target]);
        build.env("RUSTC_BOOTSTRAP", "1").env("CARGO_TARGET_DIR", self.target_folder());
        command::read(&mut build).map(drop)
    }

    /// The compiled target, at the lowest priority; what breaks it is left in `fuzz/artifacts/`.
    fn program(&self, target: &str) -> Result<Command> {
        let about = command::read(Command::new("rustc").arg("-vV"))?;
        let host =
            about.lines().find_map(|line| line.strip_prefix("host: ")).context("rustc names no host")?;
        let artifacts = folder().join("artifacts").join(target);
        std::fs::create_dir_all(&artifacts)?;
        let mut fuzz = command::command("nice", &["-n", "19"]);
        fuzz.arg(self.target_folder().join(host).join("release").join(target));
        fuzz.arg(format!("-artifact_prefix={}/", artifacts.display()));
        Ok(fuzz)
    }

    /// Instrumented builds stay apart from the others.
    fn target_folder(&self) -> PathBuf {
        let set = std::env::var_os("CARGO_TARGET_DIR").map(PathBuf::from);
        set.map_or_else(|| self.work.join("target"), |folder| folder.join("fuzz"))
    }
}

fn last_lines(text: &str, count: usize) -> String {
    let lines: Vec<&str> = text.lines().collect();
    lines.get(lines.len().saturating_sub(count)..).unwrap_or_default().join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn targets_and_seconds_are_read() -> Result<()> {
        assert_eq!(parse(&["intent", "--seconds", "5", "plan"])?, (vec!["intent".into(), "plan".into()], 5));
        assert!(parse(&["--second", "5"]).is_err());
        assert!(parse(&["--seconds"]).is_err());
        Ok(())
    }

    #[test]
    fn every_target_has_a_file_and_a_corpus() -> Result<()> {
        let targets = targets()?;
        assert!(targets.len() > 4);
        for target in targets {
            assert!(folder().join(format!("targets/{target}.rs")).is_file(), "{target}");
            assert!(std::fs::read_dir(folder().join("corpus").join(&target))?.next().is_some(), "{target}");
        }
        Ok(())
    }
}
