//! The processes of a home: everything that names it in its environment or on its command line.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result};

/// One living process of a home.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Process {
    pub(super) pid: u32,
    pub(super) session: u32,
    pub(super) words: Vec<String>,
}

/// What a process of a home is there for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Role {
    Server,
    Agent,
    /// Holds the instance in this folder.
    Shim(PathBuf),
    /// A program, or one of its children.
    Program,
}

impl Process {
    pub(super) fn role(&self) -> Role {
        let words: Vec<&str> = self.words.iter().skip(1).map(String::as_str).collect();
        match words.as_slice() {
            ["internal", "server", ..] => Role::Server,
            ["internal", "agent", ..] => Role::Agent,
            ["internal", "shim", folder, ..] => Role::Shim(PathBuf::from(folder)),
            _ => Role::Program,
        }
    }

    pub(super) fn shown(&self) -> String {
        format!("{} {}", self.pid, self.words.join(" "))
    }
}

/// Every living process of a home and all their children, whatever those call themselves and have in their environment.
pub(super) fn family(home: &Path) -> BTreeSet<u32> {
    let parents: Vec<(u32, u32)> = pids().filter_map(|pid| Some((pid, parent(pid)?))).collect();
    let mut family: BTreeSet<u32> = of_home(home).iter().map(|process| process.pid).collect();
    loop {
        let children =
            parents.iter().filter(|(pid, parent)| family.contains(parent) && !family.contains(pid));
        let children: Vec<u32> = children.map(|(pid, _)| *pid).collect();
        if children.is_empty() {
            return family;
        }
        family.extend(children);
    }
}

fn pids() -> impl Iterator<Item = u32> {
    let entries = std::fs::read_dir("/proc").into_iter().flatten().flatten();
    entries.filter_map(|entry| entry.file_name().to_str()?.parse().ok())
}

/// The parent of a process that lives.
pub(super) fn parent(pid: u32) -> Option<u32> {
    let stat = std::fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
    let mut fields = stat.rsplit_once(')')?.1.split_ascii_whitespace();
    let dead = matches!(fields.next()?, "Z" | "X");
    fields.next()?.parse().ok().filter(|_| !dead)
}

/// Every living process of a home, command lines included.
pub(super) fn of_home(home: &Path) -> Vec<Process> {
    pids().filter_map(|pid| read(pid, home)).collect()
}

fn read(pid: u32, home: &Path) -> Option<Process> {
    let folder = PathBuf::from(format!("/proc/{pid}"));
    let file = |name: &str| std::fs::read(folder.join(name)).unwrap_or_default();
    let home = home.to_string_lossy();
    let command_line = String::from_utf8_lossy(&file("cmdline")).into_owned();
    let names_home = |text: &str| text.split('\0').any(|word| word.contains(&*home));
    if !names_home(&command_line) && !names_home(&String::from_utf8_lossy(&file("environ"))) {
        return None;
    }
    let stat = String::from_utf8_lossy(&file("stat")).into_owned();
    let fields: Vec<&str> = stat.rsplit_once(')')?.1.split_ascii_whitespace().collect();
    let dead = matches!(fields.first().copied(), Some("Z" | "X") | None);
    let session = fields.get(3)?.parse().ok()?;
    let words = command_line.split('\0').filter(|word| !word.is_empty()).map(str::to_owned).collect();
    (!dead).then_some(Process { pid, session, words })
}

/// `kill -9` of all of them in one call, so that they go at the same moment.
pub(super) fn kill(pids: &[u32]) -> Result<()> {
    if pids.is_empty() {
        return Ok(());
    }
    // One that has ended meanwhile makes `kill` fail; that is no failure here.
    Command::new("kill")
        .arg("-9")
        .args(pids.iter().map(u32::to_string))
        .stderr(std::process::Stdio::null())
        .status()
        .map(drop)
        .context("`kill` cannot be started")
}

/// TCP ports of the loopback on which these processes listen.
pub(super) fn listeners(processes: &[Process]) -> BTreeSet<u16> {
    let sockets: BTreeSet<String> = processes.iter().flat_map(|process| sockets(process.pid)).collect();
    let table = std::fs::read_to_string("/proc/net/tcp").unwrap_or_default();
    let listening = |line: &str| {
        let fields: Vec<&str> = line.split_ascii_whitespace().collect();
        let inode = fields.get(9)?;
        let listens = fields.get(3) == Some(&"0A") && sockets.contains(*inode);
        let port = fields.get(1)?.rsplit_once(':')?.1;
        listens.then(|| u16::from_str_radix(port, 16).ok()).flatten()
    };
    table.lines().filter_map(listening).collect()
}

fn sockets(pid: u32) -> Vec<String> {
    let entries = std::fs::read_dir(format!("/proc/{pid}/fd")).into_iter().flatten().flatten();
    let inode = |entry: std::fs::DirEntry| {
        let target = std::fs::read_link(entry.path()).ok()?;
        let inode = target.to_str()?.strip_prefix("socket:[")?.strip_suffix(']')?;
        Some(inode.to_owned())
    };
    entries.filter_map(inode).collect()
}

#[cfg(test)]
mod tests {
    use std::process::Stdio;

    use super::*;

    #[test]
    fn a_process_of_a_home_is_found_and_killed() -> Result<()> {
        let home = tempfile::tempdir()?;
        let mut child = Command::new("cat").env("APPIA_HOME", home.path()).stdin(Stdio::piped()).spawn()?;
        let found = of_home(home.path());
        kill(&found.iter().map(|process| process.pid).collect::<Vec<_>>())?;
        child.wait()?;
        assert_eq!(found.iter().map(|process| process.pid).collect::<Vec<_>>(), [child.id()]);
        assert_eq!(found.first().map(Process::role), Some(Role::Program));
        assert_eq!(of_home(home.path()), []);
        Ok(())
    }

    #[test]
    fn a_listener_is_found() -> Result<()> {
        let listener = std::net::TcpListener::bind(("127.0.0.1", 0))?;
        let us = Process { pid: std::process::id(), session: 0, words: Vec::new() };
        assert!(listeners(&[us]).contains(&listener.local_addr()?.port()));
        Ok(())
    }
}
