//! Files that are whole or not there: written beside, synced, renamed.
//!
//! The JSON ends with its digest on a line of its own, so that a byte that flipped since is found and not believed.
//! Used for everything that has to survive `kill -9` and a power cut: the agent's records, exit statuses, ports.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;

use appia_plan::Digest;
use serde::Serialize;
use serde::de::DeserializeOwned;

/// Replaces a file at once; readable by its owner only.
pub(crate) fn write(path: &Path, bytes: &[u8]) -> io::Result<()> {
    write_before_another(path, bytes)?;
    sync_folder(path.parent().unwrap_or(Path::new(".")))
}

/// As [`write`], but its name is durable only with the next [`write`] to the same folder, which has to follow.
pub(crate) fn write_before_another(path: &Path, bytes: &[u8]) -> io::Result<()> {
    replace(path, bytes, File::sync_all)
}

/// Replaces a file at once: whole or not there after `kill -9`, and durable only after [`sync`].
pub(crate) fn write_before_sync(path: &Path, bytes: &[u8]) -> io::Result<()> {
    replace(path, bytes, |_| Ok(()))
}

/// Makes what is in a file durable; cheap when it is already.
pub(crate) fn sync(path: &Path) -> io::Result<()> {
    File::open(path)?.sync_all()
}

/// Replaces a file at once, for what means nothing after a power cut: whole or not there after `kill -9`, and perhaps
/// unreadable after a crash of the machine.
pub(crate) fn write_json_for_this_boot<T: Serialize>(path: &Path, value: &T) -> io::Result<()> {
    replace(path, &to_bytes(value)?, |_| Ok(()))
}

/// Replaces a file with the JSON of a value.
pub(crate) fn write_json<T: Serialize>(path: &Path, value: &T) -> io::Result<()> {
    write(path, &to_bytes(value)?)
}

/// What [`write_json_for_this_boot`] wrote; `None` also for what cannot be read.
pub(crate) fn read_json_of_this_boot<T: DeserializeOwned>(path: &Path) -> Option<T> {
    from_bytes(path, &fs::read(path).ok()?).ok()
}

/// The value in a JSON file; `None` when there is no file.
pub(crate) fn read_json<T: DeserializeOwned>(path: &Path) -> io::Result<Option<T>> {
    match fs::read(path) {
        Ok(bytes) => from_bytes(path, &bytes).map(Some),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(error),
    }
}

/// Whether a file of [`write_json`] is as it was written.
pub(crate) fn check_json(path: &Path) -> io::Result<()> {
    read_json::<serde_json::Value>(path).map(|_| ())
}

/// Removes a file or a folder with all it holds; that it is not there is fine.
pub(crate) fn remove(path: &Path) -> io::Result<()> {
    let removed = match fs::symlink_metadata(path) {
        Ok(metadata) if metadata.is_dir() => fs::remove_dir_all(path),
        Ok(_) => fs::remove_file(path),
        Err(error) => Err(error),
    };
    match removed {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
        other => other,
    }
}

/// Removes what a process that was killed amid a [`write`] has left in a folder. Only for whoever alone writes there.
pub(crate) fn forget_half_written(folder: &Path) {
    let entries = fs::read_dir(folder).into_iter().flatten().flatten();
    for entry in entries.filter(|entry| entry.file_name().to_str().is_some_and(is_half_written)) {
        if let Err(error) = fs::remove_file(entry.path()) {
            tracing::warn!(file = %entry.path().display(), %error, "a half-written file stays");
        }
    }
}

/// Makes the names in a folder durable.
pub(crate) fn sync_folder(folder: &Path) -> io::Result<()> {
    File::open(folder)?.sync_all()
}

fn replace(path: &Path, bytes: &[u8], sync: impl Fn(&File) -> io::Result<()>) -> io::Result<()> {
    let beside = path.with_extension(format!("{:016x}.new", rand::random::<u64>()));
    let written =
        write_new(&beside, bytes).and_then(|file| sync(&file)).and_then(|()| fs::rename(&beside, path));
    if written.is_err() {
        let _ = fs::remove_file(&beside);
    }
    written
}

/// `NAME.0123456789abcdef.new`
fn is_half_written(name: &str) -> bool {
    let mark = name.strip_suffix(".new").and_then(|name| name.rsplit_once('.'));
    mark.is_some_and(|(_, mark)| mark.len() == 16 && mark.bytes().all(|byte| byte.is_ascii_hexdigit()))
}

/// The JSON of a value, and its digest on a line of its own.
pub(crate) fn to_bytes<T: Serialize>(value: &T) -> io::Result<Vec<u8>> {
    let mut bytes = serde_json::to_vec(value)?;
    let digest = Digest::of(&bytes);
    bytes.extend(format!("\n{digest}\n").as_bytes());
    Ok(bytes)
}

/// An earlier version wrote no digest.
fn from_bytes<T: DeserializeOwned>(path: &Path, bytes: &[u8]) -> io::Result<T> {
    let damaged = || {
        let what = format!("`{}` is not as it was written", path.display());
        io::Error::new(io::ErrorKind::InvalidData, what)
    };
    let mut lines = bytes.splitn(2, |byte| *byte == b'\n');
    let json = lines.next().unwrap_or_default();
    match lines.next() {
        Some(digest) if digest != format!("{}\n", Digest::of(json)).as_bytes() => Err(damaged()),
        Some(_) | None => serde_json::from_slice(json).map_err(|_| damaged()),
    }
}

fn write_new(path: &Path, bytes: &[u8]) -> io::Result<File> {
    let mut file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(path)?;
    file.write_all(bytes)?;
    Ok(file)
}

#[cfg(test)]
mod tests {
    use super::{forget_half_written, read_json, remove, write_json};

    #[test]
    fn finds_every_flipped_byte() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("value.json");
        write_json(&path, &("shop", 7, true)).unwrap();
        let written = std::fs::read(&path).unwrap();
        for at in 0..written.len() {
            let mut flipped = written.clone();
            flipped[at] ^= 1;
            std::fs::write(&path, &flipped).unwrap();
            let error = read_json::<(String, u32, bool)>(&path).unwrap_err();
            assert!(error.to_string().ends_with("is not as it was written"), "byte {at}: {error}");
        }
        std::fs::write(&path, "[\"shop\",7,true]").unwrap();
        assert!(read_json::<(String, u32, bool)>(&path).unwrap().is_some(), "as an earlier version wrote it");
    }

    #[test]
    fn replaces_and_removes() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("value.json");
        assert_eq!(read_json::<u32>(&path).unwrap(), None);
        write_json(&path, &1).unwrap();
        write_json(&path, &2).unwrap();
        assert_eq!(read_json::<u32>(&path).unwrap(), Some(2));
        assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 1, "nothing is left beside it");
        remove(&path).unwrap();
        remove(&path).unwrap();
    }
    #[test]
    fn what_was_left_half_written_goes_and_nothing_else() {
        let folder = tempfile::tempdir().unwrap();
        let kept = ["value.json", "pgdata.new", "value.json.new", "value.0123.new"];
        for name in kept.into_iter().chain(["value.0123456789abcdef.new"]) {
            std::fs::write(folder.path().join(name), "").unwrap();
        }
        forget_half_written(folder.path());
        let mut left: Vec<_> =
            std::fs::read_dir(folder.path()).unwrap().map(|entry| entry.unwrap().file_name()).collect();
        left.sort();
        assert_eq!(left, ["pgdata.new", "value.0123.new", "value.json", "value.json.new"]);
    }
}
