//! Row `idle`: memory of the server and the agent when nothing runs on them.
//!
//! Ten services are brought up and taken down, so that everything has been used once; then proportional set sizes of
//! all processes of this home are summed, when two readings in a row agree.

use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use anyhow::{Result, bail};

use super::measure::{Measure, Target};
use super::{SAMPLES, appia, home::Home, scratch, up};

const DEADLINE: Duration = Duration::from_secs(20);
const PAUSE: Duration = Duration::from_millis(500);

pub(super) fn run() -> Result<Vec<Measure>> {
    let folder = scratch("idle")?;
    up::write_application(&folder, &std::env::current_exe()?)?;
    let home = Home::new(&appia()?, folder.join("home"));
    up::up(&home, &folder)?;
    up::down(&home, &folder)?;
    let mut samples = vec![settled(home.folder())?];
    while samples.len() < SAMPLES {
        std::thread::sleep(PAUSE);
        samples.push(memory(home.folder())?);
    }
    let what = format!("idle memory of {} processes (PSS)", processes(home.folder()).len());
    Ok(vec![Measure { what, unit: "MiB", ours: samples, peer: None, target: Some(Target::AtMost(40.0)) }])
}

/// The first reading that repeats within one per cent.
fn settled(home: &Path) -> Result<f64> {
    let start = Instant::now();
    let mut before = memory(home)?;
    while start.elapsed() < DEADLINE {
        std::thread::sleep(PAUSE);
        let now = memory(home)?;
        if (now - before).abs() <= before / 100.0 {
            return Ok(now);
        }
        before = now;
    }
    bail!("memory did not settle in {} s", DEADLINE.as_secs())
}

/// The sum over the processes of a home, in MiB.
fn memory(home: &Path) -> Result<f64> {
    let found = processes(home);
    if found.is_empty() {
        bail!("no process of this home runs");
    }
    let kib: f64 = found.iter().filter_map(|process| proportional(process)).sum();
    Ok(kib / 1024.0)
}

/// Processes that were started with this home in their environment or arguments.
fn processes(home: &Path) -> Vec<PathBuf> {
    let home = home.to_string_lossy().into_owned();
    let entries = std::fs::read_dir("/proc").into_iter().flatten().flatten().map(|entry| entry.path());
    let of_home = |process: &PathBuf| {
        let says = |file: &str| {
            let bytes = std::fs::read(process.join(file)).unwrap_or_default();
            String::from_utf8_lossy(&bytes).contains(&home)
        };
        says("environ") || says("cmdline")
    };
    let is_process =
        |path: &PathBuf| path.file_name().is_some_and(|name| name.to_string_lossy().parse::<u32>().is_ok());
    entries.filter(is_process).filter(of_home).collect()
}

/// The proportional set size of a process, in KiB.
pub(super) fn proportional(process: &Path) -> Option<f64> {
    let rollup = std::fs::read_to_string(process.join("smaps_rollup")).ok()?;
    let line = rollup.lines().find_map(|line| line.strip_prefix("Pss:"))?;
    line.trim().strip_suffix("kB")?.trim().parse().ok()
}

#[cfg(test)]
mod tests {
    use std::process::{Command, Stdio};

    use super::*;

    #[test]
    fn a_process_is_found_by_its_home() -> Result<()> {
        let home = tempfile::tempdir()?;
        assert!(memory(home.path()).is_err());
        // `cat` waits for its input to end.
        let mut cat = Command::new("cat");
        let mut child = cat.env("APPIA_HOME", home.path()).stdin(Stdio::piped()).spawn()?;
        let found = memory(home.path());
        child.kill()?;
        child.wait()?;
        assert!(found? > 0.0);
        Ok(())
    }
}
