//! The log of one of our own processes, the server or the agent: a file that does not grow without end.
//!
//! Whoever starts such a process gives it the file as its standard output and error too, so the file is emptied when
//! it is full, after a copy, and never renamed: what those write is kept as well. Logs of workloads are in `logs.rs`.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

/// How large the file may become; one earlier file of this size is kept beside it.
const LIMIT: u64 = 4 << 20;

/// Writes to the end of a log file and keeps it within its limit.
#[derive(Debug)]
pub struct OwnLog {
    file: File,
    path: PathBuf,
    limit: u64,
}

impl OwnLog {
    /// Opens the file, making it when it is not there. Only its owner may read it.
    ///
    /// # Errors
    /// When it cannot be opened for writing.
    pub fn open(path: &Path) -> io::Result<OwnLog> {
        OwnLog::with_limit(path, LIMIT)
    }

    fn with_limit(path: &Path, limit: u64) -> io::Result<OwnLog> {
        let file = OpenOptions::new().create(true).append(true).mode(0o600).open(path)?;
        Ok(OwnLog { file, path: path.to_owned(), limit })
    }

    fn begin_anew(&self) -> io::Result<()> {
        let mut earlier = self.path.clone().into_os_string();
        earlier.push(".1");
        fs::copy(&self.path, earlier)?;
        self.file.set_len(0)
    }
}

impl Write for OwnLog {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        if self.file.metadata()?.len() >= self.limit {
            // On a full disk there is no copy; the limit still holds.
            self.begin_anew().or_else(|_| self.file.set_len(0))?;
        }
        self.file.write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.file.flush()
    }
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use super::OwnLog;

    #[test]
    fn it_stays_within_its_limit_and_keeps_the_latest_lines() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("agent.log");
        let mut log = OwnLog::with_limit(&path, 100).unwrap();
        let mut other = std::fs::OpenOptions::new().append(true).open(&path).unwrap();
        for number in 0..50 {
            log.write_all(format!("line {number}\n").as_bytes()).unwrap();
        }
        writeln!(other, "from standard error").unwrap();
        let text = std::fs::read_to_string(&path).unwrap();
        let earlier = std::fs::read_to_string(folder.path().join("agent.log.1")).unwrap();
        assert!(text.len() < 140 && earlier.len() < 120, "{} {}", text.len(), earlier.len());
        assert!(text.ends_with("line 49\nfrom standard error\n"), "{text}");
        let first = text.lines().next().unwrap().trim_start_matches("line ").parse::<u32>().unwrap();
        assert!(earlier.ends_with(&format!("line {}\n", first - 1)), "nothing is missing in between");
    }
}
