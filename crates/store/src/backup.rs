//! A copy of the store in one file, taken while it is in use, and read back before it counts.

use std::fs::{self, File};
use std::path::Path;

use sqlx::{Connection, query, raw_sql};

use crate::batch::Shared;
use crate::database::{Database, Engine, make_private};
use crate::writer::Writer;
use crate::{Location, Store, StoreError};

impl Store {
    /// Writes a copy to a file that is not there yet, and checks the copy from end to end. SQLite only. The copy opens
    /// with the same key; the key is not in it.
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
        let text = path.to_str().ok_or_else(|| failed(std::io::Error::other("its name is not UTF-8")))?;
        // SQLite fills an empty file: so the copy is private from its first byte.
        make_private(path).map_err(failed)?;
        let copied = match self.copy_to(text).await {
            Ok(()) => self.read_back(path).await,
            Err(error) => Err(error),
        };
        if copied.is_err() {
            // What is no good copy must not lie there as one.
            fs::remove_file(path).map_err(failed)?;
        }
        copied
    }

    async fn copy_to(&self, path: &str) -> Result<(), StoreError> {
        // A reader that may write for once, so that the one writer goes on meanwhile.
        let mut connection = self.shared.database.readers.acquire().await?.detach();
        raw_sql("PRAGMA query_only = OFF").execute(&mut connection).await?;
        query("VACUUM INTO $1").bind(path.to_owned()).execute(&mut connection).await?;
        connection.close().await?;
        let synced = File::open(path).and_then(|file| file.sync_all());
        synced.map_err(|source| StoreError::File { path: path.to_owned(), source })
    }

    async fn read_back(&self, path: &Path) -> Result<(), StoreError> {
        let shared = Shared {
            database: Database::open(&Location::File(path.to_owned())).await?,
            key: self.shared.key.clone(),
            clock: self.shared.clock.clone(),
        };
        let copy = Store { writer: Writer::start(shared.clone()), shared };
        let faults = copy.check().await;
        copy.close().await;
        match faults?.first() {
            None => Ok(()),
            Some(fault) => Err(StoreError::BackupBroken(fault.to_string())),
        }
    }
}
