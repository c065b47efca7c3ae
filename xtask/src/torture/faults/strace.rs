//! Makes one system call of a process fail, with `strace`.
//!
//! A call is named by how many of its kind came before it in its thread. Calls that touch no file of ours (libraries,
//! sockets, the runtime's own wake-ups) are left alone: no disk makes them fail.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, ensure};

use crate::setup;
use crate::torture::site::{Answer, Site};

/// The kinds of calls that fail.
pub(super) const KINDS: &[&str] = &[
    "openat",
    "write",
    "pwrite64",
    "fsync",
    "fdatasync",
    "rename",
    "renameat2",
    "link",
    "linkat",
    "mkdir",
    "ftruncate",
    "copy_file_range",
];
const PATIENCE: Duration = Duration::from_secs(30);

/// The tool.
pub(super) struct Strace {
    program: PathBuf,
}

/// One call of a process.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Call {
    pub(super) name: String,
    /// The first is 1.
    pub(super) count: u32,
    pub(super) path: String,
}

/// A process that is traced until this ends.
pub(super) struct Attached {
    strace: Child,
    log: PathBuf,
}

impl Strace {
    /// Finds or installs it, and sees whether it may trace here.
    pub(super) fn find() -> Result<Strace> {
        let strace = Strace { program: setup::program("strace")? };
        let output = Command::new(&strace.program).args(["-o", "/dev/null", "true"]).output()?;
        ensure!(
            output.status.success(),
            "it may not trace: {}",
            String::from_utf8_lossy(&output.stderr).trim()
        );
        Ok(strace)
    }

    /// Runs `appia` and tells its calls on files of ours.
    pub(super) fn watch(&self, site: &Site, words: &[&str]) -> Result<(Answer, Vec<Call>)> {
        let log = site.folder_beside("strace.log");
        let answer = self.run(site, words, &["-y", "-o", &log.to_string_lossy(), "-e", &tracing()])?;
        let text = std::fs::read_to_string(&log)?;
        let ours =
            [site.home.folder().to_string_lossy().into_owned(), site.root().to_string_lossy().into_owned()];
        Ok((answer, calls(&text, &|path| ours.iter().any(|folder| path.starts_with(folder.as_str())))))
    }

    /// Runs `appia` with one call failing.
    pub(super) fn fail(&self, site: &Site, words: &[&str], (call, error): (&Call, &str)) -> Result<Answer> {
        let inject = format!("inject={}:error={error}:when={}", call.name, call.count);
        self.run(site, words, &["-o", "/dev/null", "-e", &format!("trace={}", call.name), "-e", &inject])
    }

    fn run(&self, site: &Site, words: &[&str], options: &[&str]) -> Result<Answer> {
        let appia = site.home.command(&[]);
        let mut command = Command::new(&self.program);
        command.args(options).arg(appia.get_program()).args(words).args(["--output", "json"]);
        site.answer_to_file(&mut command)
    }

    /// Lets the k-th call of this kind fail in each thread and each child of a process.
    pub(super) fn attach(
        &self,
        site: &Site,
        pid: u32,
        (name, error, count): (&str, &str, u32),
    ) -> Result<Attached> {
        let log = site.folder_beside("attached.log");
        let _ = std::fs::remove_file(&log);
        let inject = format!("inject={name}:error={error}:when={count}");
        let mut command = Command::new(&self.program);
        command.args([
            "-f",
            "-y",
            "-e",
            &format!("trace={name}"),
            "-e",
            &inject,
            "-p",
            &pid.to_string(),
            "-o",
        ]);
        let talk = site.folder_beside("attached.talk");
        command.arg(&log).stdin(Stdio::null()).stderr(std::fs::File::create(&talk)?);
        let strace = command.spawn().context("strace cannot be started")?;
        let attached = Attached { strace, log };
        let began = Instant::now();
        // It says how many threads it has; they are stopped one after the other.
        while !std::fs::read_to_string(&talk).unwrap_or_default().contains("attached") {
            ensure!(began.elapsed() < PATIENCE, "strace does not attach");
            std::thread::sleep(Duration::from_millis(5));
        }
        Ok(attached)
    }
}

impl Attached {
    /// Ends the tracing; gives the paths that calls failed on.
    pub(super) fn end(mut self) -> Result<Vec<String>> {
        Command::new("kill").args(["-INT", &self.strace.id().to_string()]).status()?;
        self.strace.wait()?;
        let log = std::fs::read_to_string(&self.log)?;
        Ok(log
            .lines()
            .filter(|line| line.contains("(INJECTED)"))
            .map(|line| path_of(line).to_owned())
            .collect())
    }
}

fn tracing() -> String {
    format!("trace={}", KINDS.join(","))
}

/// Each call that touches such a file, with its count among the calls of its kind.
fn calls(log: &str, ours: &impl Fn(&str) -> bool) -> Vec<Call> {
    let mut counts: BTreeMap<&str, u32> = BTreeMap::new();
    let mut calls = Vec::new();
    for line in log.lines() {
        let Some((name, _)) = line.split_once('(').filter(|(name, _)| KINDS.contains(name)) else { continue };
        let count = counts.entry(name).or_default();
        *count += 1;
        let path = path_of(line);
        if ours(path) && !line.contains(" ENOENT ") {
            calls.push(Call { name: name.to_owned(), count: *count, path: path.to_owned() });
        }
    }
    calls
}

/// The file that a call touches: `write(3</a/b>, ...`, `openat(AT_FDCWD</a>, "b", ...`, `rename("/a", "/b")`.
fn path_of(line: &str) -> &str {
    let by_name = line.contains("openat(") || !line.contains("</");
    let part = |open: &str, close: char| Some(line.split_once(open)?.1.split_once(close)?.0);
    let named = part("\"", '"').unwrap_or_default();
    let descriptor = part("<", '>').unwrap_or_default();
    match (by_name, named.starts_with('/')) {
        (true, true) => named,
        // A relative name is in the folder of the application.
        (true, false) | (false, _) => descriptor,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn calls_on_files_of_ours_are_counted_among_all_of_their_kind() {
        let log = "openat(AT_FDCWD</w>, \"/lib/libc.so\", O_RDONLY) = 3</lib/libc.so>\n\
            openat(AT_FDCWD</w>, \"./appia.yaml\", O_RDONLY) = 3</w/appia.yaml>\n\
            write(4<anon_inode:[eventfd]>, \"x\", 8) = 8\n\
            write(1</w/out>, \"x\", 8) = 8\n\
            rename(\"/w/a\", \"/w/b\") = 0\n";
        let call = |name: &str, count, path: &str| Call { name: name.into(), count, path: path.into() };
        let expect = [call("openat", 2, "/w"), call("write", 2, "/w/out"), call("rename", 1, "/w/a")];
        assert_eq!(calls(log, &|path| path.starts_with("/w")), expect);
    }
}
