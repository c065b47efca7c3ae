//! Programs of the system: found where distributions put them, else installed by the package manager.
//!
//! Installs only as root or with `sudo` that asks for no password, and only Debian packages. Start at `PROGRAMS`.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::OnceLock;

use anyhow::{Context, Result, bail};

use super::{Found, Tool, readable, version_of};
use crate::command;

/// A program of the system and the package that brings it.
pub(crate) struct Program {
    name: &'static str,
    file: &'static str,
    package: &'static str,
}

/// What `cargo xtask test` needs.
pub(crate) const PROGRAMS: &[Program] = &[
    Program { name: "cc", file: "cc", package: "gcc" },
    Program { name: "git", file: "git", package: "git" },
    Program { name: "postgresql", file: "postgres", package: "postgresql" },
    Program { name: "redis", file: "redis-server", package: "redis-server" },
    Program { name: "node", file: "node", package: "nodejs" },
    Program { name: "npm", file: "npm", package: "npm" },
    Program { name: "python", file: "python3", package: "python3" },
];

/// What only `cargo xtask bench` and `torture` need.
const BENCH_PROGRAMS: &[Program] = &[
    Program { name: "strace", file: "strace", package: "strace" },
    Program { name: "haproxy", file: "haproxy", package: "haproxy" },
    Program { name: "wrk", file: "wrk", package: "wrk" },
    Program { name: "time", file: "time", package: "time" },
];

/// What only `cargo xtask e2e` needs.
const E2E_PROGRAMS: &[Program] = &[
    Program { name: "go", file: "go", package: "golang-go" },
    Program { name: "java", file: "java", package: "default-jre-headless" },
    Program { name: "maven", file: "mvn", package: "maven" },
];

/// Why one of these programs is neither here nor can be installed.
pub(crate) fn missing(names: &[&str]) -> Option<String> {
    let known = || PROGRAMS.iter().chain(E2E_PROGRAMS);
    names.iter().find_map(|name| {
        let program = known().find(|program| program.name == *name);
        let found =
            program.with_context(|| format!("`{name}` is no program")).and_then(Program::find_or_install);
        found.err().map(|error| format!("{error:#}"))
    })
}

/// A program of the benchmarks by name, found or installed.
pub(crate) fn program(name: &str) -> Result<PathBuf> {
    let program = BENCH_PROGRAMS.iter().find(|program| program.name == name);
    program.with_context(|| format!("`{name}` is no program of the benchmarks"))?.find_or_install()
}

impl Program {
    pub(super) fn set_up(&self) -> Tool {
        let found = self.find_or_install().and_then(|path| {
            let version = version_of(&path, "--version")?;
            Ok(Found { path, version })
        });
        Tool { name: self.name, state: readable(found) }
    }

    fn find_or_install(&self) -> Result<PathBuf> {
        if let Some(path) = self.find() {
            return Ok(path);
        }
        install(self.package)?;
        self.find().with_context(|| format!("package `{}` brought no `{}`", self.package, self.file))
    }

    fn find(&self) -> Option<PathBuf> {
        command::find(self.file, &postgresql_folders(Path::new("/usr/lib/postgresql")))
    }
}

/// Debian keeps the servers of PostgreSQL in a folder a version; the newest first.
fn postgresql_folders(base: &Path) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(base).into_iter().flatten().flatten();
    let major = |path: &PathBuf| path.file_name().and_then(|name| name.to_str()?.parse::<u32>().ok());
    let mut versions: Vec<PathBuf> = entries.map(|entry| entry.path()).collect();
    versions.sort_by_key(|path| std::cmp::Reverse(major(path)));
    versions.into_iter().map(|path| path.join("bin")).collect()
}

/// Installs a Debian package; the lists are fetched once a run.
pub(super) fn install(package: &str) -> Result<()> {
    static LISTS: OnceLock<()> = OnceLock::new();
    println!("installing {package} ...");
    LISTS.get_or_init(|| {
        // Old lists may still do: whether the package can be had is decided by the installation.
        let _ = as_root(&["apt-get", "update", "-q"]);
    });
    as_root(&["apt-get", "install", "-q", "-y", "--no-install-recommends", package])
        .with_context(|| format!("install `{package}` yourself"))
}

fn as_root(words: &[&str]) -> Result<()> {
    let is_root = command::read(Command::new("id").arg("-u"))?.trim() == "0";
    let mut command = if is_root { Command::new("env") } else { Command::new("sudo") };
    if !is_root {
        command.args(["-n", "env"]);
    }
    let output = command::capture(command.arg("DEBIAN_FRONTEND=noninteractive").args(words))?;
    if !output.success {
        let why = output.stderr.lines().last().unwrap_or("it gave no reason").to_owned();
        bail!("`{}` failed: {why}", words.join(" "));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_newest_server_comes_first() -> Result<()> {
        let base = tempfile::tempdir()?;
        for version in ["9.6", "15", "17"] {
            std::fs::create_dir(base.path().join(version))?;
        }
        let folders = postgresql_folders(base.path());
        let expect = ["17/bin", "15/bin", "9.6/bin"].map(|folder| base.path().join(folder));
        assert_eq!(folders, expect);
        Ok(())
    }
}
