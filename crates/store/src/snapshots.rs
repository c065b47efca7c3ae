//! Copies of the store that it takes of itself: checked before they count, a few kept, the newest good one restored.
//!
//! The server takes one when it has been quiet for a moment after a change; `restore.rs` brings one back.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use sqlx::query;

use crate::batch::Shared;
use crate::copies::{self, beside_sum};
use crate::database::Database;
use crate::writer::Writer;
use crate::{Clock, Fault, Store, StoreError};
use appia_plan::seal::SealKey;

/// The newest are kept, however close in time.
const NEWEST: usize = 3;
/// And the newest of each of so many days before.
const DAYS: usize = 7;
const DAY_MS: i64 = 86_400_000;

/// A copy that the store took of itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Snapshot {
    /// Where it is.
    pub path: PathBuf,
    /// When it was taken, in milliseconds since 1970-01-01 UTC.
    pub taken_at_ms: i64,
    /// How many events the log had.
    pub events: u64,
}

/// The snapshots in a folder, newest first.
///
/// # Errors
/// When the folder cannot be read.
pub fn snapshots(folder: &Path) -> io::Result<Vec<Snapshot>> {
    let entries = match fs::read_dir(folder) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
        other => other?,
    };
    let mut found = Vec::new();
    for entry in entries {
        found.extend(named(entry?.path()));
    }
    found.sort_by_key(|snapshot: &Snapshot| std::cmp::Reverse((snapshot.taken_at_ms, snapshot.events)));
    Ok(found)
}

/// What is wrong with a copy of a store; nothing when it is as it was written. Nothing is made beside it.
///
/// # Errors
/// When it cannot be read as a store at all.
pub async fn faults_of_copy(path: &Path, key: SealKey, clock: Clock) -> Result<Vec<Fault>, StoreError> {
    copies::compare_with_sum(path)?;
    let shared = Shared { database: Database::open_copy(path).await?, key, clock };
    let copy = Store { writer: Writer::start(shared.clone()), shared };
    let faults = copy.check().await;
    copy.close().await;
    faults
}

impl Store {
    /// Takes a copy into this folder, checks it, and removes those that are not needed any more. `None`: an operation
    /// is open, or nothing happened since the newest.
    ///
    /// # Errors
    /// When the copy cannot be written or is not good; then it is not there.
    pub async fn snapshot(&self, folder: &Path) -> Result<Option<Snapshot>, StoreError> {
        let failed = |source| StoreError::File { path: folder.display().to_string(), source };
        let there = snapshots(folder).map_err(failed)?;
        let (open, events) = self.open_and_events().await?;
        if open > 0 || events == 0 || there.first().is_some_and(|newest| newest.events == events) {
            return Ok(None);
        }
        let taken_at_ms = (self.shared.clock)();
        let path = folder.join(format!("{taken_at_ms:013}-{events}.db"));
        self.backup(&path).await?;
        let taken = Snapshot { path, taken_at_ms, events };
        for snapshot in unneeded(&there, &taken) {
            copies::remove(&snapshot.path).map_err(failed)?;
        }
        Ok(Some(taken))
    }

    /// How many operations are open, and how many events the log has.
    pub(crate) async fn open_and_events(&self) -> Result<(u64, u64), StoreError> {
        let row = query(
            "SELECT (SELECT COUNT(*) FROM operations WHERE ended_at_ms IS NULL) AS open,
                 (SELECT CAST(COALESCE(SUM(seq), 0) AS BIGINT) FROM event_heads) AS events",
        )
        .fetch_one(&self.shared.database.readers)
        .await?;
        Ok((crate::rows::count(&row, "open")?, crate::rows::count(&row, "events")?))
    }
}

/// `TIME-EVENTS.db`, with its checksum beside it.
fn named(path: PathBuf) -> Option<Snapshot> {
    let (taken_at_ms, events) = path.file_name()?.to_str()?.strip_suffix(".db")?.split_once('-')?;
    let (taken_at_ms, events) = (taken_at_ms.parse().ok()?, events.parse().ok()?);
    beside_sum(&path).exists().then_some(Snapshot { path, taken_at_ms, events })
}

/// Those that are neither among the newest nor the newest of one of the last days.
fn unneeded(there: &[Snapshot], taken: &Snapshot) -> Vec<Snapshot> {
    let mut days = Vec::new();
    let all = std::iter::once(taken).chain(there).enumerate();
    let unneeded = all.filter(|(place, snapshot)| {
        let day = snapshot.taken_at_ms.div_euclid(DAY_MS);
        let first_of_day = !days.contains(&day) && days.len() < DAYS;
        if first_of_day {
            days.push(day);
        }
        *place >= NEWEST && !first_of_day
    });
    unneeded.map(|(_, snapshot)| snapshot.clone()).collect()
}

#[cfg(test)]
mod tests {
    use super::{DAY_MS, Snapshot, unneeded};

    #[test]
    fn keeps_the_newest_and_one_of_each_day_of_a_week() {
        let mut there: Vec<Snapshot> = Vec::new();
        for step in 0..200_u64 {
            let taken_at_ms = i64::try_from(step).unwrap() * DAY_MS / 10;
            let taken = Snapshot { path: format!("{step}").into(), taken_at_ms, events: step };
            let gone = unneeded(&there, &taken);
            there.retain(|snapshot| !gone.contains(snapshot));
            there.insert(0, taken);
        }
        let kept: Vec<u64> = there.iter().map(|snapshot| snapshot.events).collect();
        assert_eq!(kept, [199, 198, 197, 189, 179, 169, 159, 149, 139]);
    }
}
