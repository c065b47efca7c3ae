//! A home of Appia's own for a row or a torture: its server and workloads end with it, and no other home is touched.

use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Result, bail};

use crate::command::capture;

/// `$APPIA_HOME` of one measurement.
pub(crate) struct Home {
    /// `appia`, or a command line that ends with it.
    program: Vec<PathBuf>,
    folder: PathBuf,
}

impl Home {
    /// An empty home for this program.
    pub(crate) fn new(appia: &Path, folder: PathBuf) -> Self {
        Self { program: vec![appia.to_path_buf()], folder }
    }

    /// From now on `appia` is started by these words.
    pub(crate) fn start_by(&mut self, words: &[&str]) {
        let words: Vec<PathBuf> = words.iter().map(PathBuf::from).collect();
        self.program.splice(0..0, words);
    }

    pub(crate) fn folder(&self) -> &Path {
        &self.folder
    }

    /// A command line of `appia` in this home.
    pub(crate) fn command(&self, arguments: &[&str]) -> Command {
        let mut words = self.program.iter();
        let mut command = Command::new(words.next().map_or(Path::new("appia"), PathBuf::as_path));
        command.args(words).args(arguments).env("APPIA_HOME", &self.folder);
        command
    }

    /// Runs `appia`, which has to succeed.
    pub(crate) fn run(&self, arguments: &[&str]) -> Result<()> {
        let output = capture(&mut self.command(arguments))?;
        if !output.success {
            bail!("`appia {}` failed: {}{}", arguments.join(" "), output.stderr, output.stdout);
        }
        Ok(())
    }
}

impl Drop for Home {
    fn drop(&mut self) {
        // The row has its samples or its error by now; a home that was never used has nothing to stop.
        if self.folder.exists() {
            let _ = capture(&mut self.command(&["server", "stop", "--all"]));
        }
    }
}
