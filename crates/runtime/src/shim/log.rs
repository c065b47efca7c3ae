//! The log file of one program: a line each of `MICROS MARK TEXT`, rotated by size.
//!
//! `MARK` is `o` for stdout and `e` for stderr; a capital says that the line goes on in the next record. `MICROS` are
//! microseconds since 1970. [`crate::logs`] reads it back. A full disk loses lines, never the program.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};
use std::time::{SystemTime, UNIX_EPOCH};

use super::spec::LogLimit;

/// The log file of one program.
pub(super) struct LogFile {
    path: PathBuf,
    limit: LogLimit,
    file: Option<File>,
    size: u64,
}

impl LogFile {
    pub(super) fn open(path: &Path, limit: LogLimit) -> LogFile {
        let mut log = LogFile { path: path.to_owned(), limit, file: None, size: 0 };
        log.reopen();
        log
    }

    /// Appends whole records.
    pub(super) fn append(&mut self, records: &[u8]) {
        if self.size > 0 && self.size.saturating_add(records.len() as u64) > self.limit.bytes {
            self.rotate();
        }
        if self.file.is_none() {
            self.reopen();
        }
        if let Some(file) = &mut self.file {
            match file.write_all(records) {
                Ok(()) => self.size = self.size.saturating_add(records.len() as u64),
                Err(_) => self.file = None,
            }
        }
    }

    fn rotate(&mut self) {
        for number in (1..self.limit.files).rev() {
            let _ = fs::rename(rotated(&self.path, number - 1), rotated(&self.path, number));
        }
        self.file = None;
    }

    fn reopen(&mut self) {
        let opened = OpenOptions::new().append(true).create(true).mode(0o600).open(&self.path);
        self.file = opened.ok();
        self.size =
            self.file.as_ref().and_then(|file| file.metadata().ok()).map_or(0, |metadata| metadata.len());
    }
}

/// The name of a log file that was moved away `number` times.
pub(crate) fn rotated(path: &Path, number: u32) -> PathBuf {
    match number {
        0 => path.to_owned(),
        _ => path.with_added_extension(number.to_string()),
    }
}

/// One record.
pub(super) fn record(records: &mut Vec<u8>, mark: char, text: &[u8]) -> io::Result<()> {
    write!(records, "{} {mark} ", now_micros())?;
    records.extend_from_slice(text);
    records.push(b'\n');
    Ok(())
}

/// Microseconds since 1970.
pub(crate) fn now_micros() -> u64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    u64::try_from(since.as_micros()).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests {
    use super::{LogFile, rotated};
    use crate::shim::spec::LogLimit;

    #[test]
    fn keeps_as_many_files_as_it_may() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("web.log");
        let mut log = LogFile::open(&path, LogLimit { bytes: 10, files: 3 });
        for line in ["one 4567\n", "two 4567\n", "three 67\n", "four 567\n"] {
            log.append(line.as_bytes());
        }
        let read = |number| std::fs::read_to_string(rotated(&path, number)).ok();
        assert_eq!(read(0).as_deref(), Some("four 567\n"));
        assert_eq!(read(1).as_deref(), Some("three 67\n"));
        assert_eq!(read(2).as_deref(), Some("two 4567\n"));
        assert_eq!(read(3), None);
    }
}
