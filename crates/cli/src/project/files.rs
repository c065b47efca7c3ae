//! Files of the real file system, as sources see them.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use appia_sources::{FileProblem, Files};

/// The largest file that is read: intent files are small, and a wrong path must not fill the memory.
const MOST_BYTES: u64 = 16 << 20;

/// Files below the folder in which the command runs; absolute paths are taken as they are.
#[derive(Debug, Clone)]
pub(crate) struct DiskFiles {
    base: PathBuf,
}

impl DiskFiles {
    /// Files as seen from a folder.
    pub(crate) fn new(base: PathBuf) -> DiskFiles {
        DiskFiles { base }
    }

    /// The text of a file, for showing a line of it.
    pub(crate) fn text(&self, path: &str) -> Option<String> {
        self.read(path).ok().map(|bytes| String::from_utf8_lossy(&bytes).into_owned())
    }

    /// Where a path of an intent is on disk.
    pub(crate) fn locate(&self, path: &str) -> PathBuf {
        self.base.join(path)
    }
}

impl Files for DiskFiles {
    fn read(&self, path: &str) -> Result<Arc<[u8]>, FileProblem> {
        let path = self.base.join(path);
        let about = std::fs::metadata(&path).map_err(problem)?;
        if about.is_dir() {
            return Err(FileProblem::Folder);
        }
        if !about.is_file() {
            return Err(FileProblem::Other("it is no regular file".to_owned()));
        }
        if about.len() > MOST_BYTES {
            return Err(FileProblem::Other(format!("it is larger than {} MiB", MOST_BYTES >> 20)));
        }
        std::fs::read(&path).map(Into::into).map_err(problem)
    }

    fn list(&self, folder: &str) -> Vec<String> {
        let Ok(entries) = std::fs::read_dir(self.base.join(folder)) else { return Vec::new() };
        let mut names: Vec<String> = entries.flatten().filter_map(|entry| name(&entry.path())).collect();
        names.sort();
        names
    }

    fn folder_name(&self, folder: &str) -> Option<String> {
        let path = std::fs::canonicalize(self.base.join(folder)).ok()?;
        path.file_name()?.to_str().map(str::to_owned)
    }
}

fn problem(error: std::io::Error) -> FileProblem {
    match error.kind() {
        std::io::ErrorKind::NotFound => FileProblem::Missing,
        _ => FileProblem::Other(error.to_string()),
    }
}

fn name(path: &Path) -> Option<String> {
    let name = path.file_name()?.to_str()?;
    Some(if path.is_dir() { format!("{name}/") } else { name.to_owned() })
}
