//! Looking for programs that this machine may have.
//!
//! Used for servers (`postgres`, `redis`) and package managers; tests give it a machine of their own.

use std::ffi::OsString;
use std::path::PathBuf;

/// Where programs are looked for.
#[derive(Debug, Clone)]
pub(crate) struct Search {
    /// As `PATH` has it.
    pub(crate) path: OsString,
    /// `/`, but for tests.
    pub(crate) root: PathBuf,
}

impl Search {
    /// What this process finds.
    pub(crate) fn of_this_machine() -> Search {
        Search { path: std::env::var_os("PATH").unwrap_or_default(), root: PathBuf::from("/") }
    }

    /// A program on the path.
    pub(crate) fn program(&self, name: &str) -> Option<PathBuf> {
        std::env::split_paths(&self.path).map(|folder| folder.join(name)).find(|file| file.is_file())
    }
}
