//! Brings a copy back in the place of a store that nobody has open, and keeps what was there.
//!
//! Fencing tokens of the restored store are above all that the lost time gave out, so that agents which saw newer ones
//! obey it; what was open when the copy was taken is ended, because it went on without it. Start at [`restore`].

use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};

use appia_plan::seal::SealKey;
use appia_plan::{Journal, OperationResult};
use sqlx::{Row, query};

use crate::checksums::{RESTORING, beside};
use crate::database::{Database, connect_to_file, make_private};
use crate::snapshots::faults_of_copy;
use crate::{Clock, Store, StoreError};

/// Tokens between one life of a store and the next.
const LIFE: &str = "UPDATE leases SET fencing_token = fencing_token + 4294967296";
/// What ends operations that were open in the copy.
const CUT: &str = "the store was restored to a time at which this was not finished";

/// An operation that the copy does not know.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Forgotten {
    /// Its identity.
    pub operation: String,
    /// What a person asked for.
    pub kind: String,
    /// Which application.
    pub app: String,
    /// Where.
    pub environment: String,
    /// When it began, in milliseconds since 1970-01-01 UTC.
    pub began_at_ms: i64,
}

/// What a store forgets when it goes back to a copy, as far as its own file can still be read; `None`: it cannot.
pub async fn forgets(database: &Path, copy: &Path) -> Option<Vec<Forgotten>> {
    let known = operations(copy).await.ok()?;
    let folder = beside(database, "-look");
    let there = read_aside(database, &folder).await;
    let _ = fs::remove_dir_all(&folder);
    Some(there.ok()?.into_iter().filter(|operation| !known.contains(operation)).collect())
}

/// Puts a copy in the place of a store; gives the name under which what was there is kept, if anything was.
///
/// # Errors
/// When the copy is not good (then nothing was changed), or a file cannot be written: the same call again goes on.
pub async fn restore(
    copy: &Path,
    database: &Path,
    key: SealKey,
    clock: Clock,
) -> Result<Option<PathBuf>, StoreError> {
    if let Some(fault) = faults_of_copy(copy, key.clone(), clock.clone()).await?.first() {
        return Err(StoreError::BackupBroken(fault.to_string()));
    }
    let failed = |source| StoreError::File { path: database.display().to_string(), source };
    let restoring = beside(database, RESTORING);
    prepare(copy, &restoring).await?;
    let kept = replace(&restoring, database, clock()).map_err(failed)?;
    let store = Store::open(database.to_owned(), key, clock).await?;
    let ended = end_open(&store).await;
    store.close().await;
    ended.map(|()| kept)
}

/// A whole copy with new tokens, under the name that says that a restore has begun.
async fn prepare(copy: &Path, restoring: &Path) -> Result<(), StoreError> {
    let failed = |source| StoreError::File { path: restoring.display().to_string(), source };
    let unfinished = beside(restoring, ".unfinished");
    make_private(&unfinished).and_then(|()| fs::copy(copy, &unfinished)).map_err(failed)?;
    make_private(&unfinished).map_err(failed)?;
    let connection = connect_to_file(&unfinished).await?;
    let renewed = query(LIFE).execute(&connection).await;
    connection.close().await;
    renewed?;
    File::open(&unfinished).and_then(|file| file.sync_all()).map_err(failed)?;
    fs::rename(&unfinished, restoring).map_err(failed)
}

/// From the first rename to the last the store does not open, because the file of the restore is there.
fn replace(restoring: &Path, database: &Path, now_ms: i64) -> io::Result<Option<PathBuf>> {
    let kept = beside(database, &format!(".before-{now_ms}"));
    let there = database.try_exists()?;
    for suffix in ["-wal", "-sums", ""] {
        rename_if_there(&beside(database, suffix), &beside(&kept, suffix))?;
    }
    for suffix in ["-shm", "-sums-next", "-mark"] {
        remove_if_there(&beside(database, suffix))?;
    }
    fs::rename(restoring, database)?;
    File::open(database.parent().unwrap_or(Path::new(".")))?.sync_all()?;
    Ok(there.then_some(kept))
}

async fn end_open(store: &Store) -> Result<(), StoreError> {
    for open in store.open_operations().await? {
        let id = open.operation.id;
        let failed = |error: appia_plan::JournalError| StoreError::damaged(error.to_string());
        store.resume(&id).await.map_err(failed)?;
        let result = OperationResult::Stuck { reason: CUT.to_owned() };
        store.finish(&id, &result).await.map_err(failed)?;
    }
    Ok(())
}

/// Reads a store that may be damaged, in a copy, so that nothing of it changes.
async fn read_aside(database: &Path, folder: &Path) -> Result<Vec<Forgotten>, StoreError> {
    let failed = |source| StoreError::File { path: folder.display().to_string(), source };
    let aside = folder.join("store.db");
    make_private(&aside).map_err(failed)?;
    for suffix in ["", "-wal"] {
        let from = beside(database, suffix);
        if from.try_exists().map_err(failed)? {
            fs::copy(&from, beside(&aside, suffix)).map_err(failed)?;
        }
    }
    let connection = connect_to_file(&aside).await?;
    let read = read_operations(&connection).await;
    connection.close().await;
    read
}

async fn operations(copy: &Path) -> Result<Vec<Forgotten>, StoreError> {
    let database = Database::open_copy(copy).await?;
    let read = read_operations(&database.readers).await;
    database.close().await;
    read
}

async fn read_operations(connection: &sqlx::AnyPool) -> Result<Vec<Forgotten>, StoreError> {
    let rows =
        query("SELECT id, kind, app, environment, began_at_ms FROM operations ORDER BY began_at_ms, id")
            .fetch_all(connection)
            .await?;
    rows.iter()
        .map(|row| {
            Ok(Forgotten {
                operation: row.try_get("id")?,
                kind: row.try_get("kind")?,
                app: row.try_get("app")?,
                environment: row.try_get("environment")?,
                began_at_ms: row.try_get("began_at_ms")?,
            })
        })
        .collect()
}

fn rename_if_there(from: &Path, to: &Path) -> io::Result<()> {
    match fs::rename(from, to) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
        other => other,
    }
}

fn remove_if_there(path: &Path) -> io::Result<()> {
    match fs::remove_file(path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
        other => other,
    }
}
