//! The files of a folder that belong to its source: what is fingerprinted is exactly what is copied.
//! The `appia.yaml` at its top is no part of a copy.
//!
//! `.gitignore` and `.ignore` are honoured, inside a git repository those of the folders above as well; a folder that is
//! itself ignored (a built site, say) counts as a whole, since somebody named it. Never part of it: `.git`,
//! `node_modules`, `.venv`, `__pycache__`, and every folder that a tool marked as its cache (`CACHEDIR.TAG`, as Cargo's target folder).

use std::ffi::OsStr;
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Component, Path, PathBuf};

use ignore::{DirEntry, WalkBuilder};

use super::BuildError;
use super::error::{MOST_BYTES, MOST_FILES};

/// Says how to run what is here: no builder reads it, and what is built stays the same when it changes.
const OWN: &str = "appia.yaml";

const NEVER: [&str; 4] = [".git", "node_modules", ".venv", "__pycache__"];

/// One file or link of the source.
#[derive(Debug)]
pub(super) struct Entry {
    /// Where it is, seen from the root of the tree.
    pub(super) relative: PathBuf,
    /// Where it is on this machine.
    pub(super) path: PathBuf,
    pub(super) kind: Kind,
}

#[derive(Debug, PartialEq, Eq)]
pub(super) enum Kind {
    File {
        executable: bool,
    },
    /// A symbolic link, with what it says.
    Link {
        target: PathBuf,
    },
}

/// Lists a folder, sorted by path. Links may point anywhere inside `boundary`, which holds the folder.
pub(super) fn list(folder: &Path, boundary: &Path) -> Result<Vec<Entry>, BuildError> {
    let mut entries = match repository(folder) {
        Some(repository) => walk(&repository, folder, boundary)?,
        None => Vec::new(),
    };
    if entries.is_empty() {
        entries = walk(folder, folder, boundary)?;
    }
    entries.sort_by(|one, other| one.relative.cmp(&other.relative));
    Ok(entries)
}

/// As [`list`], for builders that read a copy: without the file that asks for the build.
pub(super) fn source(folder: &Path, boundary: &Path) -> Result<Vec<Entry>, BuildError> {
    let mut entries = list(folder, boundary)?;
    entries.retain(|entry| entry.relative != Path::new(OWN));
    Ok(entries)
}

/// Copies the files of a folder; the target must not exist yet.
pub(super) fn copy(folder: &Path, to: &Path) -> Result<(), BuildError> {
    fs::create_dir_all(to).map_err(BuildError::cache("create", to))?;
    for entry in source(folder, folder)? {
        let target = to.join(&entry.relative);
        if let Some(parent) = target.parent() {
            fs::create_dir_all(parent).map_err(BuildError::cache("create", parent))?;
        }
        match &entry.kind {
            Kind::File { .. } => fs::copy(&entry.path, &target).map(drop),
            Kind::Link { target: says } => std::os::unix::fs::symlink(says, &target),
        }
        .map_err(BuildError::cache("write", &target))?;
    }
    Ok(())
}

/// A path written by a person that has to stay inside the context.
pub(super) fn inside(path: &Path) -> Result<&Path, BuildError> {
    let stays = path.components().all(|part| matches!(part, Component::Normal(_) | Component::CurDir));
    if stays { Ok(path) } else { Err(BuildError::OutsidePath { path: path.to_owned() }) }
}

/// The root of the git repository around a folder, so that its ignore files count. Elsewhere nothing above the folder
/// does: what lies in a home folder must not change a build.
fn repository(folder: &Path) -> Option<PathBuf> {
    folder.ancestors().find(|above| above.join(".git").exists()).map(Path::to_owned)
}

/// Walks from `start` down to `folder`, reading the ignore files on the way, and lists what lies in `folder`.
fn walk(start: &Path, folder: &Path, boundary: &Path) -> Result<Vec<Entry>, BuildError> {
    let only = folder.to_owned();
    let walker = WalkBuilder::new(start)
        .hidden(false)
        .parents(false)
        .git_global(false)
        .git_exclude(false)
        .require_git(false)
        .filter_entry(move |entry| wanted(entry, &only))
        .build();
    let mut entries = Vec::new();
    let mut bytes = 0_u64;
    for found in walker {
        let found = found.map_err(|error| unreadable(folder, error))?;
        let Ok(relative) = found.path().strip_prefix(folder) else { continue };
        if found.file_type().is_some_and(|kind| kind.is_file() || kind.is_symlink()) {
            bytes = bytes.saturating_add(found.metadata().map_or(0, |about| about.len()));
            entries.push(entry(found.path(), relative, boundary)?);
        }
        // Reading all of it would take for ever, and fill the disk with its copy.
        if entries.len() > MOST_FILES || bytes > MOST_BYTES {
            return Err(BuildError::TooMuch { folder: folder.to_owned() });
        }
    }
    Ok(entries)
}

fn wanted(entry: &DirEntry, only: &Path) -> bool {
    let path = entry.path();
    if only.starts_with(path) {
        return true;
    }
    if !path.starts_with(only) {
        return false;
    }
    let is_folder = entry.file_type().is_some_and(|kind| kind.is_dir());
    let name = entry.file_name();
    let never = NEVER.iter().any(|word| OsStr::new(word) == name);
    let is_cache = is_folder && path.join("CACHEDIR.TAG").exists();
    !never && !is_cache
}

fn entry(path: &Path, relative: &Path, boundary: &Path) -> Result<Entry, BuildError> {
    let about = path.symlink_metadata().map_err(BuildError::read(path))?;
    let kind = if about.is_symlink() {
        let target = fs::read_link(path).map_err(BuildError::read(path))?;
        stays_inside(path, &target, boundary)?;
        Kind::Link { target }
    } else {
        Kind::File { executable: about.permissions().mode() & 0o111 != 0 }
    };
    Ok(Entry { relative: relative.to_owned(), path: path.to_owned(), kind })
}

/// Refuses a link that leads out, by what it says and by where it really ends.
fn stays_inside(link: &Path, target: &Path, boundary: &Path) -> Result<(), BuildError> {
    let outside = || BuildError::OutsideLink { link: link.to_owned(), target: target.to_owned() };
    if target.is_absolute() {
        return Err(outside());
    }
    let mut place = link.parent().unwrap_or(boundary).to_owned();
    for part in target.components() {
        match part {
            Component::ParentDir if place == boundary || !place.pop() => return Err(outside()),
            Component::ParentDir | Component::CurDir => {}
            Component::Normal(name) => place.push(name),
            Component::RootDir | Component::Prefix(_) => return Err(outside()),
        }
    }
    match link.canonicalize() {
        Ok(end) if !end.starts_with(boundary) => Err(outside()),
        // A link to nothing is the tool's business, not ours.
        Ok(_) | Err(_) => Ok(()),
    }
}

fn unreadable(folder: &Path, error: ignore::Error) -> BuildError {
    let words = error.to_string();
    let source = error.into_io_error().unwrap_or_else(|| std::io::Error::other(words));
    BuildError::Read { path: folder.to_owned(), source }
}
