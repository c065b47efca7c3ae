//! Reading files without knowing a file system: the command line gives real ones, tests give [`MemoryFiles`].

use std::collections::BTreeMap;
use std::sync::Arc;

/// Files as a source sees them. Paths use `/`; relative ones start where the command runs; `.` is that folder.
pub trait Files {
    /// The content of a file.
    ///
    /// # Errors
    /// Why there is none.
    fn read(&self, path: &str) -> Result<Arc<[u8]>, FileProblem>;

    /// The content of a file that another file names, as seen from its folder. A real file system refuses what lies
    /// outside of that, wherever links lead: a file from elsewhere must not pick what is read of a machine.
    ///
    /// # Errors
    /// Why there is none.
    fn read_beside(&self, by: &str, name: &str) -> Result<Arc<[u8]>, FileProblem> {
        self.read(&join(&parent(by), name))
    }

    /// The names directly in a folder, in whatever order the file system has them, folders with a `/` at the end; empty
    /// when it is no folder. Sources ask [`Files::list`].
    fn entries(&self, folder: &str) -> Vec<String>;

    /// The names directly in a folder, sorted by their bytes: the same on every machine.
    fn list(&self, folder: &str) -> Vec<String> {
        let mut names = self.entries(folder);
        names.sort();
        names
    }

    /// The folder's own name, where the path does not say it (`.`).
    fn folder_name(&self, folder: &str) -> Option<String> {
        let last = folder.trim_end_matches('/').rsplit('/').next()?;
        (!matches!(last, "" | "." | "..")).then(|| last.to_owned())
    }
}

/// Why a file cannot be read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum FileProblem {
    /// There is none.
    #[error("there is no such file")]
    Missing,
    /// It is a folder.
    #[error("it is a folder")]
    Folder,
    /// It lies where what names it must not lead to.
    #[error("it lies outside of the folder of the file that names it, and of the repository around that")]
    Outside,
    /// Anything else, in the system's words.
    #[error("{0}")]
    Other(String),
}

/// Files held in memory.
#[derive(Debug, Clone, Default)]
pub struct MemoryFiles {
    files: BTreeMap<String, Arc<[u8]>>,
}

impl MemoryFiles {
    /// No files.
    pub fn new() -> MemoryFiles {
        MemoryFiles::default()
    }

    /// The same files and one more.
    #[must_use]
    pub fn with(mut self, path: &str, content: impl AsRef<[u8]>) -> MemoryFiles {
        self.files.insert(clean(path), content.as_ref().into());
        self
    }
}

impl Files for MemoryFiles {
    fn read(&self, path: &str) -> Result<Arc<[u8]>, FileProblem> {
        match self.files.get(&clean(path)) {
            Some(content) => Ok(Arc::clone(content)),
            None if self.list(path).is_empty() => Err(FileProblem::Missing),
            None => Err(FileProblem::Folder),
        }
    }

    fn entries(&self, folder: &str) -> Vec<String> {
        let folder = clean(folder);
        let prefix = if folder == "." { String::new() } else { format!("{folder}/") };
        let mut names: Vec<String> = self
            .files
            .keys()
            .filter_map(|path| path.strip_prefix(&prefix))
            .map(|rest| rest.split_inclusive('/').next().unwrap_or(rest).to_owned())
            .collect();
        names.sort();
        names.dedup();
        names
    }
}

/// A path without `.` parts and with `a/..` taken away; `.` when nothing is left. `..` at the front stays.
pub(crate) fn clean(path: &str) -> String {
    let mut parts: Vec<&str> = Vec::new();
    for part in path.split('/') {
        match (part, parts.last()) {
            ("" | ".", _) => {}
            ("..", Some(last)) if *last != ".." => drop(parts.pop()),
            _ => parts.push(part),
        }
    }
    let joined = parts.join("/");
    match (path.starts_with('/'), joined.as_str()) {
        (true, _) => format!("/{joined}"),
        (false, "") => ".".to_owned(),
        (false, _) => joined,
    }
}

/// The path of `name` in `folder`; an absolute `name` stays as it is.
pub(crate) fn join(folder: &str, name: &str) -> String {
    if name.starts_with('/') { clean(name) } else { clean(&format!("{folder}/{name}")) }
}

/// The folder that holds a file.
pub(crate) fn parent(path: &str) -> String {
    match path.rsplit_once('/') {
        Some(("", _)) => "/".to_owned(),
        Some((folder, _)) => clean(folder),
        None => ".".to_owned(),
    }
}

/// The last part of a path.
pub(crate) fn file_name(path: &str) -> &str {
    path.rsplit('/').next().unwrap_or(path)
}

#[cfg(test)]
mod tests {
    use super::{Files, MemoryFiles, clean, join, parent};

    #[test]
    fn paths_are_cleaned() {
        for (path, expect) in
            [("./a", "a"), (".", "."), ("a/../b", "b"), ("../a", "../a"), ("/a//b/", "/a/b"), ("a/..", ".")]
        {
            assert_eq!(clean(path), expect, "{path}");
        }
        assert_eq!(join(".", "a.yaml"), "a.yaml");
        assert_eq!(join("x", "/a"), "/a");
        assert_eq!((parent("a/b").as_str(), parent("b").as_str()), ("a", "."));
    }

    #[test]
    fn memory_lists_folders() {
        let files = MemoryFiles::new().with("a/b/c", "").with("a/d", "").with("e", "");
        assert_eq!(files.list("."), ["a/", "e"]);
        assert_eq!(files.list("a"), ["b/", "d"]);
        assert!(files.list("e").is_empty());
    }
}
