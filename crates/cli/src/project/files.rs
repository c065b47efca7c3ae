//! Files of the real file system, as sources see them.
//!
//! What a person names is read wherever it is. What a file names, or what a link in a folder leads to, has to lie in that
//! folder or in the repository around it: an application from elsewhere must not pick what of a machine gets into plans,
//! exports and messages. Start reading at [`DiskFiles::keeps_inside`].

use std::io::Read;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use appia_sources::{FileProblem, Files};

/// The largest file that is read: intent files are small, and a wrong path must not fill the memory.
const MOST_BYTES: u64 = 16 << 20;

/// Files below the folder in which the command runs; absolute paths are taken as they are.
#[derive(Debug, Clone)]
pub(crate) struct DiskFiles {
    base: PathBuf,
    /// Where the paths that a person named really are.
    named: Vec<PathBuf>,
}

impl DiskFiles {
    /// Files as seen from a folder, with the paths that a person named.
    pub(crate) fn new(base: PathBuf, named: &[String]) -> DiskFiles {
        let named = named.iter().filter_map(|path| std::fs::canonicalize(base.join(path)).ok()).collect();
        DiskFiles { base, named }
    }

    /// The text of a file, for showing a line of it.
    pub(crate) fn text(&self, path: &str) -> Option<String> {
        self.read(path).ok().map(|bytes| String::from_utf8_lossy(&bytes).into_owned())
    }

    /// Where a path of an intent is on disk.
    pub(crate) fn locate(&self, path: &str) -> PathBuf {
        self.base.join(path)
    }

    /// Whether a path, wherever links lead, ends in a folder or in the repository around it. What is not there leads nowhere.
    pub(crate) fn keeps_inside(&self, folder: &Path, path: &Path) -> bool {
        let Ok(end) = std::fs::canonicalize(self.base.join(path)) else { return true };
        let folder = if folder.as_os_str().is_empty() { Path::new(".") } else { folder };
        std::fs::canonicalize(self.base.join(folder)).is_ok_and(|folder| end.starts_with(territory(&folder)))
    }

    fn is_named(&self, path: &Path) -> bool {
        std::fs::canonicalize(self.base.join(path)).is_ok_and(|end| self.named.contains(&end))
    }

    fn read_path(&self, path: &Path) -> Result<Arc<[u8]>, FileProblem> {
        let about = std::fs::metadata(path).map_err(problem)?;
        if about.is_dir() {
            return Err(FileProblem::Folder);
        }
        if !about.is_file() {
            return Err(FileProblem::Other("it is no regular file".to_owned()));
        }
        if about.len() > MOST_BYTES {
            return Err(FileProblem::Other(format!("it is larger than {} MiB", MOST_BYTES >> 20)));
        }
        let mut bytes = Vec::new();
        // A file of `/proc` has no size and may have no end.
        let file = std::fs::File::open(path).map_err(problem)?;
        file.take(MOST_BYTES).read_to_end(&mut bytes).map_err(problem)?;
        Ok(bytes.into())
    }
}

impl Files for DiskFiles {
    fn read(&self, path: &str) -> Result<Arc<[u8]>, FileProblem> {
        let path = Path::new(path);
        if !self.is_named(path) && !self.keeps_inside(path.parent().unwrap_or(path), path) {
            return Err(FileProblem::Outside);
        }
        self.read_path(&self.base.join(path))
    }

    fn read_beside(&self, by: &str, name: &str) -> Result<Arc<[u8]>, FileProblem> {
        let folder = Path::new(by).parent().unwrap_or(Path::new(""));
        let path = folder.join(name);
        if !self.keeps_inside(folder, &path) {
            return Err(FileProblem::Outside);
        }
        self.read_path(&self.base.join(path))
    }

    fn entries(&self, folder: &str) -> Vec<String> {
        let Ok(entries) = std::fs::read_dir(self.base.join(folder)) else { return Vec::new() };
        entries.flatten().filter_map(|entry| name(&entry.path())).collect()
    }

    fn folder_name(&self, folder: &str) -> Option<String> {
        let path = std::fs::canonicalize(self.base.join(folder)).ok()?;
        path.file_name()?.to_str().map(str::to_owned)
    }
}

/// The repository around a folder, else the folder itself.
fn territory(folder: &Path) -> &Path {
    folder.ancestors().find(|above| above.join(".git").exists()).unwrap_or(folder)
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
