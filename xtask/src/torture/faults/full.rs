//! A disk of its own as `APPIA_HOME`, filled up while an application runs, then emptied again.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, ensure};

use crate::command::capture;
use crate::torture::processes::{Role, of_home};
use crate::torture::site::Site;

/// What was open when there was no room is finished by then.
const SETTLED: Duration = Duration::from_secs(30);
/// Deployments that are tried on the full disk and on one with a little room.
const TRIES: u32 = 6;

/// A mounted disk, unmounted at the end.
struct Disk {
    folder: PathBuf,
}

impl Disk {
    fn mount(folder: &Path) -> Result<Disk> {
        std::fs::create_dir_all(folder)?;
        let output =
            capture(Command::new("mount").args(["-t", "tmpfs", "-o", "size=24m", "tmpfs"]).arg(folder))?;
        ensure!(output.success, "{}", output.stderr.trim());
        Ok(Disk { folder: folder.to_owned() })
    }

    /// Leaves so many bytes free.
    fn fill(&self, free: u64) -> Result<()> {
        let filler = self.folder.join("filler");
        let _ = std::fs::remove_file(&filler);
        let output = capture(Command::new("df").args(["--output=avail", "-B1"]).arg(&self.folder))?;
        let room: u64 =
            output.stdout.split_whitespace().last().and_then(|word| word.parse().ok()).context("df")?;
        let output = capture(
            Command::new("fallocate")
                .arg("-l")
                .arg(room.saturating_sub(free).max(1).to_string())
                .arg(&filler),
        )?;
        ensure!(output.success, "{}", output.stderr.trim());
        Ok(())
    }

    fn make_room(&self) -> Result<()> {
        Ok(std::fs::remove_file(self.folder.join("filler"))?)
    }
}

impl Drop for Disk {
    fn drop(&mut self) {
        let _ = capture(Command::new("umount").arg("-l").arg(&self.folder));
    }
}

/// `Some`: why it did not run.
pub(super) fn torture(program: &Path, folder: &Path) -> Result<Option<String>> {
    let disk = match Disk::mount(folder) {
        Ok(disk) => disk,
        Err(why) => return Ok(Some(format!("{why:#}"))),
    };
    let site = Site::new(program, folder)?;
    site.succeed(&["up", "--yes"])?;
    let before = pids(&site);
    for free in [0, 4096, 16_384, 65_536, 262_144] {
        filled(&site, &disk, free).with_context(|| format!("with {free} bytes free"))?;
        ensure!(pids(&site) == before, "the server or the agent was started again");
    }
    site.succeed(&["server", "stop", "--all"])?;
    Ok(None)
}

/// What was acknowledged on the full disk is there when there is room again, and what was refused can be done.
fn filled(site: &Site, disk: &Disk, free: u64) -> Result<()> {
    disk.fill(free)?;
    let mut acknowledged = site.page()?;
    for _ in 0..TRIES {
        // The sources are on the same disk.
        let Ok(version) = site.next_version() else { continue };
        let answer = site.ask_json(&["deploy", "--yes"])?;
        ensure!(!answer.panicked(), "it panicked: {}", answer.shown());
        match answer.code {
            Some(0) => acknowledged = version,
            // 7: an earlier one is open until its end can be written.
            Some(1 | 3 | 7) => ensure!(!answer.out.is_empty(), "it says nothing: {}", answer.shown()),
            _ => anyhow::bail!("a wrong exit code: {}", answer.shown()),
        }
        let page = site.page()?;
        ensure!(page == acknowledged, "the site answers {page:?}, and {acknowledged:?} was acknowledged");
    }
    disk.make_room()?;
    let page = site.page()?;
    ensure!(
        page == acknowledged,
        "with room the site answers {page:?}, and {acknowledged:?} was acknowledged"
    );
    let version = site.next_version()?;
    let began = Instant::now();
    while site.ask_json(&["deploy", "--yes"])?.code != Some(0) {
        ensure!(began.elapsed() < SETTLED, "with room: {}", site.ask_json(&["deploy", "--yes"])?.shown());
        std::thread::sleep(Duration::from_millis(100));
    }
    ensure!(site.page()? == version, "with room the new version does not serve");
    let doctor = site.ask_json(&["server", "doctor"])?;
    ensure!(doctor.code == Some(0), "the doctor finds something: {}", doctor.shown());
    Ok(())
}

fn pids(site: &Site) -> Vec<u32> {
    let there = of_home(site.home.folder()).into_iter();
    there
        .filter(|process| matches!(process.role(), Role::Server | Role::Agent))
        .map(|process| process.pid)
        .collect()
}
