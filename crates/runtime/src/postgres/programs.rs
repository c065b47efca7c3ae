//! Where this machine has PostgreSQL, and in which versions.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use crate::search::Search;

/// Folders below `/` that hold a `MAJOR/bin` or the like: Debian's, Red Hat's, Homebrew's.
const ROOTS: [(&str, &str); 4] = [
    ("usr/lib/postgresql", ""),
    ("usr", "pgsql-"),
    ("opt/homebrew/opt", "postgresql@"),
    ("usr/local/opt", "postgresql@"),
];

/// The programs of one version.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Programs {
    pub(crate) major: u32,
    pub(crate) folder: PathBuf,
}

impl Programs {
    /// The programs of this major version, else of the nearest one, the newer of two.
    pub(crate) fn find(major: u32) -> Option<Programs> {
        Programs::find_in(&Search::of_this_machine(), major)
    }

    /// As [`Programs::find`], where one is told to look.
    pub(crate) fn find_in(search: &Search, major: u32) -> Option<Programs> {
        nearest(all(search), major)
    }

    pub(crate) fn path(&self, program: &str) -> PathBuf {
        self.folder.join(program)
    }

    /// The client: distributions put it elsewhere.
    pub(crate) fn psql(&self) -> PathBuf {
        let beside = self.path("psql");
        if beside.is_file() { beside } else { Search::of_this_machine().program("psql").unwrap_or(beside) }
    }

    /// What stands beside a server program, wherever a link on `PATH` leads to.
    fn of(program: &Path) -> Option<Programs> {
        let program = program.canonicalize().ok()?;
        let folder = program.parent()?.to_owned();
        let output = Command::new(&program).arg("--version").stdin(Stdio::null()).output().ok()?;
        let text = String::from_utf8_lossy(&output.stdout).into_owned();
        let number =
            text.split_ascii_whitespace().find(|word| word.starts_with(|c: char| c.is_ascii_digit()))?;
        let major = number.split(|c: char| !c.is_ascii_digit()).next()?.parse().ok()?;
        folder.join("initdb").is_file().then_some(Programs { major, folder })
    }
}

/// PostgreSQL in every version there is.
fn all(search: &Search) -> Vec<Programs> {
    let mut all: Vec<Programs> =
        ROOTS.iter().flat_map(|(folder, prefix)| below(&search.root.join(folder), prefix)).collect();
    all.extend(search.program("postgres").and_then(|program| Programs::of(&program)));
    all
}

fn below(root: &Path, prefix: &str) -> Vec<Programs> {
    let found = |entry: std::fs::DirEntry| {
        let major = entry.file_name().to_str()?.strip_prefix(prefix)?.parse().ok()?;
        let folder = entry.path().join("bin");
        let complete = folder.join("postgres").is_file() && folder.join("initdb").is_file();
        complete.then_some(Programs { major, folder })
    };
    std::fs::read_dir(root).into_iter().flatten().flatten().filter_map(found).collect()
}

fn nearest(all: Vec<Programs>, major: u32) -> Option<Programs> {
    all.into_iter().min_by_key(|programs| (programs.major.abs_diff(major), u32::MAX - programs.major))
}

#[cfg(test)]
mod tests {
    use super::{Programs, nearest};

    fn check(there: &[u32], wanted: u32, expect: Option<u32>) {
        let all = there.iter().map(|major| Programs { major: *major, folder: "/x".into() }).collect();
        assert_eq!(nearest(all, wanted).map(|programs| programs.major), expect, "{wanted} of {there:?}");
    }

    #[test]
    fn takes_the_nearest_and_of_two_the_newer() {
        check(&[], 16, None);
        check(&[13, 15], 16, Some(15));
        check(&[15, 16, 17], 16, Some(16));
        check(&[15, 17], 16, Some(17));
    }
}
