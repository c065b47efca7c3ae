//! A copy of the store in one file, taken while it is in use, and read back before it counts.

use std::fs::{self, File};
use std::path::Path;

use sqlx::{Connection, query, raw_sql};

use crate::copies::{self, unfinished};
use crate::database::{Engine, make_private};
use crate::snapshots::faults_of_copy;
use crate::{Store, StoreError};

impl Store {
    /// Writes a copy to a file that is not there yet, and checks the copy from end to end. SQLite only. The copy opens
    /// with the same key; the key is not in it. Beside it lies its checksum, `FILE.sha256`.
    ///
    /// # Errors
    /// When the file is there already, cannot be written or does not read back, or the store is a PostgreSQL database.
    pub async fn backup(&self, path: &Path) -> Result<(), StoreError> {
        match self.shared.database.engine {
            Engine::Postgres => return Err(StoreError::BackupElsewhere),
            Engine::Sqlite => {}
        }
        let failed = |source| StoreError::File { path: path.display().to_string(), source };
        if path.try_exists().map_err(failed)? {
            return Err(failed(std::io::ErrorKind::AlreadyExists.into()));
        }
        self.attest().await?;
        let unfinished = unfinished(path);
        // What an earlier try left.
        if unfinished.try_exists().map_err(failed)? {
            fs::remove_file(&unfinished).map_err(failed)?;
        }
        // SQLite fills an empty file: so the copy is private from its first byte.
        make_private(&unfinished).map_err(failed)?;
        let copied = match self.copy_to(&unfinished).await {
            Ok(()) => self.read_back(&unfinished).await,
            Err(error) => Err(error),
        };
        let finished = copied.and_then(|()| copies::finish(path).map_err(failed));
        if finished.is_err() {
            // What is no good copy must not lie there as one.
            let _ = fs::remove_file(&unfinished);
        }
        finished
    }

    async fn copy_to(&self, path: &Path) -> Result<(), StoreError> {
        let failed = |source| StoreError::File { path: path.display().to_string(), source };
        let text = path.to_str().ok_or_else(|| failed(std::io::Error::other("its name is not UTF-8")))?;
        // A reader that may write for once, so that the one writer goes on meanwhile.
        let mut connection = self.shared.database.readers.acquire().await?.detach();
        raw_sql("PRAGMA query_only = OFF").execute(&mut connection).await?;
        let copied = query("VACUUM INTO $1").bind(text.to_owned()).execute(&mut connection).await;
        connection.close().await?;
        copied?;
        File::open(path).and_then(|file| file.sync_all()).map_err(failed)
    }

    async fn read_back(&self, path: &Path) -> Result<(), StoreError> {
        let faults = faults_of_copy(path, self.shared.key.clone(), self.shared.clock.clone()).await?;
        match faults.first() {
            None => Ok(()),
            Some(fault) => Err(StoreError::BackupBroken(fault.to_string())),
        }
    }
}
