//! The store itself: opened once, cheap to clone, closed when the last clone is gone.
//!
//! What it can do stands in one file a resource: `accept.rs` and `journal.rs` for operations, `deployments.rs`,
//! `environments.rs`, `releases.rs`, `tombstones.rs`, `events.rs`, `secrets.rs`, `check.rs`, `backup.rs`.

use std::fmt;

use appia_plan::seal::SealKey;
use tokio::sync::watch;

use crate::batch::Shared;
use crate::database::{Database, Engine};
use crate::writer::Writer;
use crate::{Clock, Location, StoreError};

/// What Appia knows and must not forget.
#[derive(Clone)]
pub struct Store {
    pub(crate) shared: Shared,
    pub(crate) writer: Writer,
}

impl Store {
    /// Opens a store, makes it when it is not there, and brings its tables up to date. Needs a Tokio runtime. The key
    /// seals secrets and the ends of the event log; the same store opens with the same key only.
    ///
    /// # Errors
    /// When the file or the database cannot be opened, or was written by a newer Appia.
    pub async fn open(
        location: impl Into<Location>,
        key: SealKey,
        clock: Clock,
    ) -> Result<Store, StoreError> {
        let database = Database::open(&location.into()).await?;
        let shared = Shared { database, key, clock };
        let store = Store { writer: Writer::start(shared.clone()), shared };
        match store.settle().await {
            Ok(()) => Ok(store),
            Err(error) => {
                store.close().await;
                Err(error)
            }
        }
    }

    /// Refuses the store when a byte of its files is not as it was written. Whoever answers from it asks before; it
    /// looks again only when the last look is long enough ago that a tenth of the time goes into looking.
    ///
    /// # Errors
    /// When something is not as it was written, and the message says what.
    pub async fn attest(&self) -> Result<(), StoreError> {
        self.shared.database.attest().await
    }

    /// The file is known from here on; one that nothing was known of is read from end to end first.
    async fn settle(&self) -> Result<(), StoreError> {
        let Some(checksums) = &self.shared.database.checksums else { return Ok(()) };
        if checksums.is_new().await
            && let Some(fault) = self.check().await?.first()
        {
            return Err(StoreError::damaged(fault.to_string()));
        }
        checksums.settle(&self.shared.database.writer).await
    }

    /// Changes with every commit: what shows the log live waits for it and then reads what is new.
    pub fn commits(&self) -> watch::Receiver<u64> {
        self.writer.commits()
    }

    /// Closes the database. What was answered is durable; what still waits is told that nothing was written.
    pub async fn close(&self) {
        self.shared.database.close().await;
    }
}

/// Never shows the key or where the database is.
impl fmt::Debug for Store {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let engine = match self.shared.database.engine {
            Engine::Sqlite => "SQLite",
            Engine::Postgres => "PostgreSQL",
        };
        write!(f, "Store({engine})")
    }
}
