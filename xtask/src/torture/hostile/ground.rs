//! The ground of one case: its folder, a world outside of it, a home, and a picture of all of that before and after.

use std::collections::BTreeMap;
use std::fs;
use std::os::unix::fs::{MetadataExt, symlink};
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};

use super::cases::{Case, Piece};
use super::paths::SECRET;
use crate::command;

/// What a path was: its kind and mode, size, time of change, and what a link says.
type Mark = (u32, u64, i64, i64, Option<PathBuf>);

/// The folders of one case.
pub(super) struct Ground {
    base: PathBuf,
}

impl Ground {
    /// Makes everything that a case consists of.
    pub(super) fn lay(base: &Path, case: &Case) -> Result<Ground> {
        let ground = Ground { base: base.to_owned() };
        for folder in [ground.case(), base.join("outside"), base.join("user")] {
            fs::create_dir_all(folder)?;
        }
        fs::write(base.join("outside/secret.txt"), SECRET)?;
        fs::write(base.join("outside/index.html"), SECRET)?;
        for piece in &case.pieces {
            put(&ground.case(), piece)
                .with_context(|| format!("{piece:?}").chars().take(200).collect::<String>())?;
        }
        Ok(ground)
    }

    /// Where the commands run.
    pub(super) fn case(&self) -> PathBuf {
        self.base.join("case")
    }

    /// `$APPIA_HOME`.
    pub(super) fn home(&self) -> PathBuf {
        self.base.join("home")
    }

    /// The user's own folder, which nothing may touch either.
    pub(super) fn user(&self) -> PathBuf {
        self.base.join("user")
    }

    /// Where `export` writes.
    pub(super) fn out(&self) -> PathBuf {
        self.base.join("out")
    }

    /// Everything but the home and the export.
    pub(super) fn snapshot(&self) -> Result<BTreeMap<PathBuf, Mark>> {
        let mut marks = BTreeMap::new();
        let mut open = vec![self.base.clone()];
        while let Some(folder) = open.pop() {
            for entry in fs::read_dir(&folder)? {
                let path = entry?.path();
                if path == self.home() || path == self.out() {
                    continue;
                }
                let about = fs::symlink_metadata(&path)?;
                let says = about.is_symlink().then(|| fs::read_link(&path)).transpose()?;
                let mark = (about.mode(), about.size(), about.mtime(), about.mtime_nsec(), says);
                if about.is_dir() {
                    open.push(path.clone());
                }
                marks.insert(path, mark);
            }
        }
        Ok(marks)
    }

    /// What is not as it was.
    pub(super) fn changed_since(&self, before: &BTreeMap<PathBuf, Mark>) -> Result<Vec<String>> {
        let after = self.snapshot()?;
        let new = after.iter().filter(|(path, mark)| before.get(*path) != Some(*mark));
        let gone = before.iter().filter(|(path, _)| !after.contains_key(*path));
        Ok(new.chain(gone).map(|(path, _)| format!("`{}` was touched", path.display())).collect())
    }

    /// Removes it all.
    pub(super) fn clear(&self) -> Result<()> {
        fs::remove_dir_all(&self.base).with_context(|| format!("`{}` cannot be removed", self.base.display()))
    }
}

fn put(folder: &Path, piece: &Piece) -> Result<()> {
    let place = |path: &str| -> Result<PathBuf> {
        let place = folder.join(path);
        fs::create_dir_all(place.parent().unwrap_or(folder))?;
        Ok(place)
    };
    match piece {
        Piece::File(path, bytes) => fs::write(place(path)?, bytes)?,
        Piece::Folder(path) => fs::create_dir_all(folder.join(path))?,
        Piece::Link(path, says) => symlink(says, place(path)?)?,
        Piece::Pipe(path) => drop(command::read(std::process::Command::new("mkfifo").arg(place(path)?))?),
        Piece::Hollow(path, bytes) => fs::File::create(place(path)?)?.set_len(*bytes)?,
    }
    Ok(())
}
