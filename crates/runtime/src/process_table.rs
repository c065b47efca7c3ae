//! What `/proc` says: whether a process is the one we mean, who belongs to a session, how much was used.
//!
//! A process is named by its pid and its start time, because pids are used again. Read by the shim, the supervisor,
//! `leaks`, and whoever waits for the end of a process; nothing here sends a signal.

use std::fs;
use std::os::unix::ffi::OsStrExt;
use std::path::Path;

use serde::{Deserialize, Serialize};

/// A process that cannot be mistaken for a later one with the same pid.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct ProcessMark {
    pub(crate) pid: i32,
    /// Clock ticks after boot.
    pub(crate) start: u64,
}

impl ProcessMark {
    /// The mark of a process that runs now.
    pub fn of(pid: i32) -> Option<ProcessMark> {
        ProcessStat::of(pid).map(|stat| ProcessMark { pid, start: stat.start })
    }

    /// Whether it still runs; a zombie does not.
    pub fn is_alive(&self) -> bool {
        ProcessStat::of(self.pid).is_some_and(|stat| stat.start == self.start && !stat.is_dead())
    }
}

/// One line of `/proc/PID/stat`, as far as it is needed.
#[derive(Debug, Clone, Copy)]
pub(crate) struct ProcessStat {
    pub(crate) state: char,
    pub(crate) parent: i32,
    pub(crate) session: i32,
    pub(crate) start: u64,
    /// Its own and those of children it has waited for.
    pub(crate) cpu_ticks: u64,
    pub(crate) resident_pages: u64,
}

impl ProcessStat {
    pub(crate) fn of(pid: i32) -> Option<ProcessStat> {
        ProcessStat::parse(&fs::read_to_string(format!("/proc/{pid}/stat")).ok()?)
    }

    pub(crate) fn is_dead(&self) -> bool {
        matches!(self.state, 'Z' | 'X')
    }

    /// The name in parentheses may hold anything, so fields are counted from its end.
    fn parse(line: &str) -> Option<ProcessStat> {
        let fields: Vec<&str> = line.rsplit_once(')')?.1.split_ascii_whitespace().collect();
        let number = |index: usize| fields.get(index)?.parse::<u64>().ok();
        let signed = |index: usize| fields.get(index)?.parse::<i32>().ok();
        Some(ProcessStat {
            state: fields.first()?.chars().next()?,
            parent: signed(1)?,
            session: signed(3)?,
            cpu_ticks: (11..=14).try_fold(0u64, |sum, index| Some(sum.saturating_add(number(index)?)))?,
            start: number(19)?,
            resident_pages: number(21)?,
        })
    }
}

/// Every process of the machine.
pub(crate) fn processes() -> Vec<(i32, ProcessStat)> {
    let Ok(entries) = fs::read_dir("/proc") else { return Vec::new() };
    entries
        .flatten()
        .filter_map(|entry| entry.file_name().to_str()?.parse::<i32>().ok())
        .filter_map(|pid| Some((pid, ProcessStat::of(pid)?)))
        .collect()
}

/// Living processes of a session that a process of ours opened. When the opener's pid belongs to another process by
/// now, the session is gone.
pub(crate) fn session_members(opener: ProcessMark) -> Vec<i32> {
    if ProcessStat::of(opener.pid).is_some_and(|stat| stat.start != opener.start) {
        return Vec::new();
    }
    processes()
        .into_iter()
        .filter(|(pid, stat)| stat.session == opener.pid && *pid != opener.pid && !stat.is_dead())
        .map(|(pid, _)| pid)
        .collect()
}

/// Living processes that have a path as the value of `HOME`.
pub(crate) fn named_in_environment(home: &Path) -> Vec<i32> {
    let mark = [b"HOME=", home.as_os_str().as_bytes()].concat();
    let names = |pid: i32| {
        let environment = fs::read(format!("/proc/{pid}/environ")).unwrap_or_default();
        environment.split(|byte| *byte == 0).any(|variable| variable == mark)
    };
    processes().into_iter().filter(|(pid, stat)| !stat.is_dead() && names(*pid)).map(|(pid, _)| pid).collect()
}

/// Changes with every boot of the machine.
pub(crate) fn boot_id() -> String {
    fs::read_to_string("/proc/sys/kernel/random/boot_id").unwrap_or_default().trim().to_owned()
}

/// The command line of a process, its words joined by spaces.
pub(crate) fn command_line(pid: i32) -> String {
    let bytes = fs::read(format!("/proc/{pid}/cmdline")).unwrap_or_default();
    String::from_utf8_lossy(&bytes).replace('\0', " ").trim().to_owned()
}

#[cfg(test)]
mod tests {
    use super::{ProcessMark, ProcessStat};

    #[test]
    fn reads_a_line_whose_name_is_hostile() {
        let line =
            "42 (a) R 1 (x) S 7 42 40 0 -1 4194560 1 0 0 0 5 6 0 0 20 0 1 0 987 1000 12 18446744073709551615";
        let stat = ProcessStat::parse(line).unwrap();
        assert_eq!((stat.state, stat.parent, stat.session), ('S', 7, 40));
        assert_eq!((stat.cpu_ticks, stat.start, stat.resident_pages), (11, 987, 12));
    }

    #[test]
    fn this_process_is_alive_and_one_with_another_start_is_not() {
        let pid = i32::try_from(std::process::id()).unwrap();
        let mark = ProcessMark::of(pid).unwrap();
        assert!(mark.is_alive());
        assert!(!ProcessMark { start: mark.start + 1, ..mark }.is_alive());
    }
}
