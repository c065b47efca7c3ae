//! Finds bytes of an SQLite store that are not as they were written, before they are believed.
//!
//! Beside the file lie a checksum of each of its pages (`pages.rs`) and how much of its log was acknowledged
//! (`mark.rs`); the log has checksums of SQLite's own (`log.rs`). The file changes only when the log is moved into it,
//! which happens here alone, and what it will be then is on disk before. The store asks when it opens, before answers
//! and before it writes, and spends at most a tenth of its time on it. Decision 008 tells why.
//! Start reading at [`Checksums::open`], then [`Checksums::attest`] and [`Checksums::move_log`].

mod log;
mod mark;
mod pages;

use std::collections::BTreeSet;
use std::ffi::OsString;
use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use sqlx::{AnyPool, Row, query, raw_sql};
use tokio::sync::Mutex;

use crate::StoreError;
use log::Log;
use mark::{Acknowledged, Mark};
use pages::PageSums;

/// Frames in the log before it is moved into the file.
const MOST_FRAMES: usize = 1000;
/// After a look that took so long, so many times as long passes until the next one.
const REST: u32 = 9;

/// The file that is there while a restore puts one store in the place of another.
pub(crate) const RESTORING: &str = "-restoring";

/// Looks after one store.
#[derive(Debug)]
pub(crate) struct Checksums {
    path: PathBuf,
    /// Open as long as SQLite has the file open: to close it would drop SQLite's locks, as POSIX has it.
    file: File,
    mark: Mark,
    state: Mutex<State>,
}

#[derive(Debug, Default)]
struct State {
    /// `None`: nothing is known of the file yet.
    sums: Option<PageSums>,
    /// The file as it will be when the log is moved; there from before that begins until it has surely ended.
    next: Option<PageSums>,
    log: Log,
    acknowledged: Acknowledged,
    /// When it was looked last and how long that took; `None`: look again.
    looked: Option<(Instant, Duration)>,
    /// The log is not moved before it has so many frames.
    patience: usize,
    closed: bool,
}

/// A file beside the store: `appia.db` and `-sums` give `appia.db-sums`.
pub(crate) fn beside(path: &Path, suffix: &str) -> PathBuf {
    let mut name = OsString::from(path);
    name.push(suffix);
    PathBuf::from(name)
}

impl Checksums {
    /// Takes the store for this program, and refuses it when its bytes are not as they were written. The file is there.
    pub(crate) async fn open(path: &Path) -> Result<Checksums, StoreError> {
        let failed = |source| StoreError::File { path: path.display().to_string(), source };
        let mark = Mark::open(&beside(path, "-mark")).await.map_err(|error| match error.kind() {
            io::ErrorKind::WouldBlock => StoreError::InUse { path: path.display().to_string() },
            _ => failed(error),
        })?;
        if beside(path, RESTORING).try_exists().map_err(failed)? {
            return Err(StoreError::RestoreUnfinished { path: path.display().to_string() });
        }
        let file = File::open(path).map_err(failed)?;
        let log = Log::default().read_on(&beside(path, "-wal")).map_err(failed)?;
        let state = State {
            sums: PageSums::load(&beside(path, "-sums")).map_err(failed)?,
            next: PageSums::load(&beside(path, "-sums-next")).map_err(failed)?,
            acknowledged: mark.read().map_err(failed)?.unwrap_or(Acknowledged::all_of(&log)),
            log,
            ..State::default()
        };
        let checksums = Checksums { path: path.to_owned(), file, mark, state: Mutex::new(state) };
        checksums.attest().await?;
        let mut state = checksums.state.lock().await;
        if state.next.is_some()
            && !(state.acknowledged.frames > 0 && state.log.salt == state.acknowledged.salt)
        {
            // The log that these sums come from is gone: it was moved, and all of it.
            checksums.promote(&mut state).map_err(failed)?;
        }
        drop(state);
        Ok(checksums)
    }

    /// Whether nothing is known of the file yet: its rows have to be checked before they are believed.
    pub(crate) async fn is_new(&self) -> bool {
        self.state.lock().await.sums.is_none()
    }

    /// Refuses the store when a byte of it is not as it was written.
    pub(crate) async fn attest(&self) -> Result<(), StoreError> {
        let mut state = self.state.lock().await;
        let rests = state.looked.is_some_and(|(when, took)| when.elapsed() < took * REST);
        if rests {
            return Ok(());
        }
        let began = Instant::now();
        state.looked = None;
        self.look(&state)?;
        state.looked = Some((Instant::now(), began.elapsed()));
        Ok(())
    }

    /// Remembers what was committed just now, and moves the log into the file when it has grown long.
    pub(crate) async fn committed(&self, writer: &AnyPool) {
        let mut state = self.state.lock().await;
        let done = self.acknowledge(&mut state);
        if let Err(error) = done {
            tracing::warn!(%error, "the store's log cannot be followed");
        }
        if state.log.frames.len() >= MOST_FRAMES.max(state.patience) {
            self.try_to_move(&mut state, writer).await;
        }
    }

    /// Moves what is in the log into the file, and says what the file is from now on.
    pub(crate) async fn settle(&self, writer: &AnyPool) -> Result<(), StoreError> {
        let mut state = self.state.lock().await;
        if state.sums.is_none() {
            self.adopt(&mut state, writer).await
        } else {
            self.acknowledge(&mut state).map_err(|error| self.failed(error))?;
            self.move_log(&mut state, writer).await
        }
    }

    /// The last thing before the connections are closed; `false`: one has to stay open, because SQLite would move the
    /// log when the last is closed, and nobody would know what the file is then.
    pub(crate) async fn close(&self, writer: &AnyPool) -> bool {
        let mut state = self.state.lock().await;
        if state.closed || writer.is_closed() {
            return true;
        }
        state.closed = true;
        let moved = match self.acknowledge(&mut state) {
            Ok(()) => self.move_log(&mut state, writer).await,
            Err(error) => Err(self.failed(error)),
        };
        if let Err(error) = &moved {
            tracing::warn!(%error, "the store's log stays for the next start");
        }
        moved.is_ok() && state.next.is_none()
    }

    /// Lets other programs open the store; after its connections are closed.
    pub(crate) fn let_go(&self) {
        self.mark.let_go();
    }

    /// Takes the file as it is. Its rows were checked.
    async fn adopt(&self, state: &mut State, writer: &AnyPool) -> Result<(), StoreError> {
        if !emptied(writer).await? {
            return Err(StoreError::InUse { path: self.path.display().to_string() });
        }
        let adopted = (|| {
            let sums = PageSums::of(&self.file)?;
            sums.write(&beside(&self.path, "-sums-next"))?;
            self.forget_log(state)?;
            state.sums = Some(sums);
            self.promote(state)
        })();
        adopted.map_err(|error| self.failed(error))
    }

    async fn try_to_move(&self, state: &mut State, writer: &AnyPool) {
        if let Err(error) = self.move_log(state, writer).await {
            tracing::warn!(%error, "the store's log stays as long as it is");
        }
        // Not again at once, when it could not be done or somebody reads in it.
        state.patience = state.log.frames.len() + MOST_FRAMES / 4;
    }

    /// What the file will be is on disk before it changes; what was damaged before is never taken for good.
    async fn move_log(&self, state: &mut State, writer: &AnyPool) -> Result<(), StoreError> {
        if state.log.frames.is_empty() && state.next.is_none() {
            return Ok(());
        }
        self.look(state)?;
        let failed = |error| self.failed(error);
        if let Some(before) = state.sums.as_ref().filter(|_| !state.log.frames.is_empty()) {
            let next = before.after(&state.log.frames, state.log.pages);
            // Who finds the new sums has to know of the log that they come from.
            self.mark.sync().map_err(failed)?;
            next.write(&beside(&self.path, "-sums-next")).map_err(failed)?;
            sync_folder_of(&self.path).map_err(failed)?;
            state.next = Some(next);
        }
        if emptied(writer).await? {
            self.forget_log(state).and_then(|()| self.promote(state)).map_err(failed)?;
        }
        Ok(())
    }

    /// The log is empty: nothing of it is waited for any more.
    fn forget_log(&self, state: &mut State) -> io::Result<()> {
        self.mark.write(Acknowledged::default())?;
        self.mark.sync()?;
        (state.log, state.acknowledged, state.patience) = (Log::default(), Acknowledged::default(), 0);
        Ok(())
    }

    /// The file is surely as it was to become.
    fn promote(&self, state: &mut State) -> io::Result<()> {
        fs::rename(beside(&self.path, "-sums-next"), beside(&self.path, "-sums"))?;
        sync_folder_of(&self.path)?;
        if let Some(next) = state.next.take() {
            state.sums = Some(next);
        }
        Ok(())
    }

    fn acknowledge(&self, state: &mut State) -> io::Result<()> {
        let before = state.log.salt;
        state.log = std::mem::take(&mut state.log).read_on(&beside(&self.path, "-wal"))?;
        if state.log.salt != before && state.next.is_some() {
            // SQLite begins the log anew only when all of it is in the file.
            self.promote(state)?;
        }
        state.acknowledged = Acknowledged::all_of(&state.log);
        self.mark.write(state.acknowledged)
    }

    /// Reads every byte that matters.
    fn look(&self, state: &State) -> Result<(), StoreError> {
        let Some(sums) = &state.sums else { return Ok(()) };
        let log = Log::default().read_on(&beside(&self.path, "-wal")).map_err(|error| self.failed(error))?;
        let acknowledged = state.acknowledged;
        let follows = log.salt == acknowledged.salt || acknowledged.frames == 0;
        if follows && Acknowledged::all_of(&log).frames < acknowledged.frames {
            let place = log.frames.len() + 1;
            return Err(self.damaged(&format!("frame {place} of the log `{}-wal`", self.path.display())));
        }
        if !follows && state.next.is_none() {
            return Err(self.damaged(&format!("the log `{}-wal`", self.path.display())));
        }
        let moved: BTreeSet<u32> = match state.next {
            Some(_) => log.frames.iter().map(|(page, _)| *page).collect(),
            None => BTreeSet::new(),
        };
        // When the log is gone it was moved, and all of it.
        let before = if follows { Some(sums) } else { None };
        let pages = sums.read(&self.file).map_err(|error| self.failed(error))?;
        let known = [before, state.next.as_ref()];
        let longest = known.iter().flatten().map(|sums| sums.count()).max().unwrap_or_default();
        for index in 0..pages.len().max(longest) {
            let number = u32::try_from(index + 1).unwrap_or(u32::MAX);
            let found = pages.get(index).copied();
            let as_written = known.iter().flatten().any(|sums| sums.page(index) == found);
            if !as_written && !moved.contains(&number) {
                return Err(self.damaged(&format!("page {number} of `{}`", self.path.display())));
            }
        }
        Ok(())
    }

    fn damaged(&self, what: &str) -> StoreError {
        StoreError::damaged(format!("{what} is not as it was written"))
    }

    fn failed(&self, source: io::Error) -> StoreError {
        StoreError::File { path: self.path.display().to_string(), source }
    }
}

/// Moves the whole log into the file; `false` when somebody reads in it.
async fn emptied(writer: &AnyPool) -> Result<bool, StoreError> {
    let mut connection = writer.acquire().await?;
    raw_sql("PRAGMA busy_timeout = 200").execute(&mut *connection).await?;
    let moved = query("PRAGMA wal_checkpoint(TRUNCATE)").fetch_one(&mut *connection).await;
    raw_sql("PRAGMA busy_timeout = 10000").execute(&mut *connection).await?;
    Ok(moved?.try_get::<i64, _>(0)? == 0)
}

fn sync_folder_of(path: &Path) -> io::Result<()> {
    File::open(path.parent().unwrap_or(Path::new(".")))?.sync_all()
}
