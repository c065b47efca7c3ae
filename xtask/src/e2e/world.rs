//! The world of one application: a copy of its folder, a home of Appia's own, and `appia` as a person would call it.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail, ensure};
use serde_json::Value;

use super::applications::Application;
use super::{examples, http};
use crate::bench::home::Home;
use crate::command::{capture, read};

/// A program of somebody else's, on a machine that does other things too.
const PATIENCE: Duration = Duration::from_secs(120);
/// Where a line is put in that changes the workloads and not what they are.
const PUBLIC: &str = "    public: true";

pub(super) struct World {
    home: Home,
    scratch: PathBuf,
    name: &'static str,
    pub(super) folder: PathBuf,
}

impl World {
    /// A fresh copy and a fresh home: everything is fetched and built as on a machine that never saw it.
    pub(super) fn new(appia: &Path, application: &Application) -> Result<World> {
        let name = application.name;
        // Short, because PostgreSQL's socket has to fit into 107 bytes.
        let scratch = std::env::temp_dir().join(format!("appia-e2e-{}-{name}", std::process::id()));
        let folder = scratch.join(name);
        copy(&examples().join(application.folder), &folder)?;
        Ok(World { home: Home::new(appia, scratch.join("home")), scratch, name, folder })
    }

    /// How many lines the application's file has, and how many of them `init` writes by itself.
    pub(super) fn inferred(&self) -> Result<(usize, usize)> {
        let bare = self.scratch.join("bare").join(self.name);
        copy(&self.folder, &bare)?;
        std::fs::remove_file(bare.join("appia.yaml"))?;
        self.home.run(&["init", &bare.to_string_lossy()])?;
        let written = std::fs::read_to_string(bare.join("appia.yaml"))?;
        let mut written: Vec<String> = lines(&written).collect();
        let wanted: Vec<String> = lines(&std::fs::read_to_string(self.folder.join("appia.yaml"))?).collect();
        let is_written = |line: &&String| {
            let place = written.iter().position(|found| found == *line);
            place.map(|place| written.swap_remove(place)).is_some()
        };
        let inferred = wanted.iter().filter(is_written).count();
        Ok((wanted.len(), inferred))
    }

    /// Installs and starts it.
    pub(super) fn up(&self) -> Result<Duration> {
        self.timed(&["up", "--yes"])
    }

    /// The address of its public workload.
    pub(super) fn url(&self) -> Result<String> {
        let status = self.status()?;
        let mut public = workloads(&status).filter(|workload| workload.pointer("/routes/0").is_some());
        let url = public.find_map(|workload| workload.pointer("/url")?.as_str());
        url.map(str::to_owned).context("no public workload has an address")
    }

    /// The same by its name in the gateway.
    pub(super) fn host_url(&self) -> Result<String> {
        let status = self.status()?;
        let url = workloads(&status).find_map(|workload| workload.pointer("/routes/0")?.as_str());
        url.map(str::to_owned).context("no workload has a route")
    }

    /// Deploys it with other limits while somebody asks for a page all the time; how long, and how many requests.
    pub(super) fn redeploy(&self, url: &str, path: &str) -> Result<(Duration, u32)> {
        let file = self.folder.join("appia.yaml");
        let text = std::fs::read_to_string(&file)?;
        ensure!(text.contains(PUBLIC), "`{}` has no public workload", file.display());
        std::fs::write(&file, text.replacen(PUBLIC, &format!("    cpu: 2\n{PUBLIC}"), 1))?;
        let before = self.pids()?;
        let (over, asked) = (AtomicBool::new(false), AtomicU32::new(0));
        let ask = || -> Result<()> {
            while !over.load(Ordering::Relaxed) {
                let answer = http::get(url, path)?;
                ensure!(answer.status < 400, "status {} in the middle of a deployment", answer.status);
                asked.fetch_add(1, Ordering::Relaxed);
            }
            Ok(())
        };
        let took = std::thread::scope(|scope| {
            let asking = scope.spawn(ask);
            let took = self.up();
            over.store(true, Ordering::Relaxed);
            let well = asking.join().unwrap_or_else(|_| bail!("the asking thread died"));
            took.and_then(|took| well.map(|()| took))
        })?;
        ensure!(self.pids()? != before, "the deployment changed no process");
        Ok((took, asked.into_inner()))
    }

    /// `kill -9` for every program of it; how long until all are healthy again and it answers.
    pub(super) fn kill(&self, url: &str, path: &str) -> Result<Duration> {
        let before = self.pids()?;
        ensure!(!before.is_empty(), "nothing runs");
        let start = Instant::now();
        read(Command::new("kill").arg("-9").args(before.iter().map(u64::to_string)))?;
        self.until(|| {
            let now = self.pids()?;
            ensure!(
                now.len() == before.len() && now.iter().all(|pid| !before.contains(pid)),
                "not all are back"
            );
            let status = self.status()?;
            let well =
                |workload: &Value| workload.pointer("/state").and_then(Value::as_str) == Some("healthy");
            ensure!(workloads(&status).all(well), "not all are healthy");
            http::get(url, path)?.ok().map(drop)
        })?;
        Ok(start.elapsed())
    }

    /// Takes it away with its data, and sees that nothing is left.
    pub(super) fn remove(&self) -> Result<Duration> {
        let took = self.timed(&["down", "--data", "--yes"])?;
        let leaks = self.json(&["leaks"])?;
        let none = leaks.pointer("/leaks").and_then(Value::as_array).is_some_and(Vec::is_empty);
        ensure!(none, "something is left: {leaks}");
        let status = self.status()?;
        ensure!(workloads(&status).next().is_none(), "something still runs: {status}");
        Ok(took)
    }

    /// Tries again until it goes well: what is told to one process may need a moment to reach another.
    pub(super) fn until(&self, mut go: impl FnMut() -> Result<()>) -> Result<()> {
        let deadline = Instant::now() + PATIENCE;
        loop {
            match go() {
                Ok(()) => return Ok(()),
                Err(error) if Instant::now() > deadline => return Err(error),
                Err(_) => std::thread::sleep(Duration::from_millis(20)),
            }
        }
    }

    fn timed(&self, words: &[&str]) -> Result<Duration> {
        let folder = self.folder.to_string_lossy();
        let start = Instant::now();
        self.home.run(&[words, &[&folder]].concat())?;
        Ok(start.elapsed())
    }

    fn pids(&self) -> Result<Vec<u64>> {
        let status = self.status()?;
        let instances = workloads(&status).filter_map(|workload| workload.pointer("/instances")?.as_array());
        Ok(instances.flatten().filter_map(|instance| instance.pointer("/pid")?.as_u64()).collect())
    }

    fn status(&self) -> Result<Value> {
        self.json(&["status", &self.folder.to_string_lossy()])
    }

    pub(super) fn json(&self, words: &[&str]) -> Result<Value> {
        let text = read(&mut self.home.command(&[words, &["--output", "json"]].concat()))?;
        Ok(serde_json::from_str(&text)?)
    }
}

impl Drop for World {
    fn drop(&mut self) {
        let _ = capture(&mut self.home.command(&["server", "stop", "--all"]));
        let _ = std::fs::remove_dir_all(&self.scratch);
    }
}

fn workloads(status: &Value) -> impl Iterator<Item = &Value> {
    status.pointer("/workloads").and_then(Value::as_array).into_iter().flatten()
}

/// The lines that say something, without comments and in one spacing.
fn lines(text: &str) -> impl Iterator<Item = String> {
    let bare = |line: &str| {
        line.split(" #").next().unwrap_or_default().split_whitespace().collect::<Vec<_>>().join(" ")
    };
    text.lines().map(bare).filter(|line| !line.is_empty() && !line.starts_with('#'))
}

/// What was built in the checkout stays there: here everything is built.
const BUILT: [&str; 2] = ["target", "node_modules"];

fn copy(from: &Path, to: &Path) -> Result<()> {
    std::fs::create_dir_all(to)?;
    for entry in std::fs::read_dir(from).with_context(|| format!("`{}`", from.display()))? {
        let entry = entry?;
        let to = to.join(entry.file_name());
        if entry.file_type()?.is_file() {
            std::fs::copy(entry.path(), to)?;
        } else if !BUILT.iter().any(|built| entry.file_name() == *built) {
            copy(&entry.path(), &to)?;
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::lines;

    #[test]
    fn comments_and_spacing_do_not_count() {
        let text = "# a shop\napp: shop\n\n  web:    # public\n    port: 80      # usual\n";
        assert_eq!(lines(text).collect::<Vec<_>>(), ["app: shop", "web:", "port: 80"]);
    }
}
