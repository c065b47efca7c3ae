//! How much of the log was acknowledged: without it a log that lost its end looks like one that never had it.
//!
//! Overwritten after each commit, before the commit is answered, and not waited for on the disk: after a power cut it
//! may tell less than there is, never more. It is also what says that the store is in use. Start at [`Mark::open`].

use std::fs::{File, OpenOptions, TryLockError};
use std::io;
use std::os::unix::fs::{FileExt, OpenOptionsExt};
use std::path::Path;
use std::time::{Duration, Instant};

use super::log::Log;
use super::pages::crc;

/// A program that ends needs a moment to let go.
const PATIENCE: Duration = Duration::from_secs(3);
const LENGTH: usize = 20;

/// The file, held while the store is open.
#[derive(Debug)]
pub(super) struct Mark {
    file: File,
}

/// What it says.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Acknowledged {
    /// In which filling of the log.
    pub(super) salt: [u8; 8],
    /// How many of its frames.
    pub(super) frames: u64,
}

impl Acknowledged {
    pub(super) fn all_of(log: &Log) -> Acknowledged {
        Acknowledged { salt: log.salt, frames: u64::try_from(log.frames.len()).unwrap_or(u64::MAX) }
    }
}

impl Mark {
    /// Opens it for this program alone; `WouldBlock` when another program has the store open.
    pub(super) async fn open(path: &Path) -> io::Result<Mark> {
        let mut options = OpenOptions::new();
        let file = options.read(true).write(true).create(true).truncate(false).mode(0o600).open(path)?;
        let began = Instant::now();
        loop {
            match file.try_lock() {
                Ok(()) => return Ok(Mark { file }),
                Err(TryLockError::WouldBlock) if began.elapsed() < PATIENCE => {
                    tokio::time::sleep(Duration::from_millis(10)).await;
                }
                Err(error) => return Err(error.into()),
            }
        }
    }

    /// What was acknowledged; `None`: the file does not say.
    pub(super) fn read(&self) -> io::Result<Option<Acknowledged>> {
        let mut bytes = [0; LENGTH];
        match self.file.read_exact_at(&mut bytes, 0) {
            Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => return Ok(None),
            other => other?,
        }
        let Some((bytes, sum)) = bytes.split_last_chunk::<4>() else { return Ok(None) };
        let Some((salt, frames)) = bytes.split_first_chunk::<8>() else { return Ok(None) };
        let frames = frames.try_into().map(u64::from_be_bytes).unwrap_or_default();
        Ok((crc(bytes) == u32::from_be_bytes(*sum)).then_some(Acknowledged { salt: *salt, frames }))
    }

    pub(super) fn write(&self, acknowledged: Acknowledged) -> io::Result<()> {
        let mut bytes = [acknowledged.salt, acknowledged.frames.to_be_bytes()].concat();
        bytes.extend(crc(&bytes).to_be_bytes());
        self.file.write_all_at(&bytes, 0)
    }

    pub(super) fn sync(&self) -> io::Result<()> {
        self.file.sync_data()
    }

    /// Lets other programs open the store.
    pub(super) fn let_go(&self) {
        // It fails only for what is no open file; the system lets go at the end of the program in any case.
        let _ = self.file.unlock();
    }
}
