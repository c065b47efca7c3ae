//! Files of copies: written beside, with a checksum in the form of `sha256sum`, and then given their name.

use std::ffi::OsString;
use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};

use appia_plan::Digest;

use crate::StoreError;
use crate::checksums::beside;

/// `FILE.sha256`: what `sha256sum -c` reads.
pub(crate) fn beside_sum(path: &Path) -> PathBuf {
    beside(path, ".sha256")
}

/// Where a copy is written before it counts.
pub(crate) fn unfinished(path: &Path) -> PathBuf {
    beside(path, ".unfinished")
}

/// Gives a copy that is good its name and its checksum.
pub(crate) fn finish(path: &Path) -> io::Result<()> {
    let unfinished = unfinished(path);
    let name = path.file_name().map(OsString::from).unwrap_or_default();
    let sum = format!("{}  {}\n", sum(&unfinished)?, name.display());
    let sum_file = beside_sum(path);
    fs::write(&sum_file, sum)?;
    File::open(&sum_file)?.sync_all()?;
    fs::rename(&unfinished, path)?;
    File::open(path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new(".")))?
        .sync_all()
}

/// Removes a copy and its checksum.
pub(crate) fn remove(path: &Path) -> io::Result<()> {
    fs::remove_file(path)?;
    fs::remove_file(beside_sum(path))
}

/// Refuses a copy that is not as its checksum says; one that has none beside it passes.
pub(crate) fn compare_with_sum(path: &Path) -> Result<(), StoreError> {
    let failed = |source| StoreError::File { path: path.display().to_string(), source };
    let told = match fs::read_to_string(beside_sum(path)) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
        other => other.map_err(failed)?,
    };
    let found = sum(path).map_err(failed)?;
    if told.split_whitespace().next() == Some(found.as_str()) {
        return Ok(());
    }
    let (path, sum) = (path.display(), beside_sum(path));
    Err(StoreError::BackupBroken(format!("`{path}` is not as `{}` says", sum.display())))
}

fn sum(path: &Path) -> io::Result<String> {
    Ok(Digest::of(&fs::read(path)?).as_str().trim_start_matches("sha256:").to_owned())
}
