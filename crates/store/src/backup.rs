//! A copy of the store in one file, taken while it is in use, and read back before it counts.

use std::path::Path;

use sqlx::query;

use crate::database::{Database, Engine, make_private};
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
        query("VACUUM INTO $1").bind(text.to_owned()).execute(&self.shared.database.readers).await?;
        self.read_back(path).await
    }

    async fn read_back(&self, path: &Path) -> Result<(), StoreError> {
        let database = Database::open(&Location::File(path.to_owned())).await?;
        let shared = crate::batch::Shared { database, ..self.shared.clone() };
        let copy = Store { writer: crate::writer::Writer::start(shared.clone()), shared };
        let faults = copy.check().await;
        copy.close().await;
        match faults?.first() {
            None => Ok(()),
            Some(fault) => Err(StoreError::BackupBroken(fault.to_string())),
        }
    }
}
