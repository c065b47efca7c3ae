//! Why the store could not do what it was asked.

use appia_plan::{OperationId, Scope};

/// Why the store could not do what it was asked. Never holds a secret.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// The file or its folder cannot be made or read.
    #[error("the store `{path}` cannot be opened: {source}")]
    File {
        /// Which file.
        path: String,
        /// What the system said.
        #[source]
        source: std::io::Error,
    },
    /// Another program has the file open: an SQLite store belongs to one at a time.
    #[error("the store `{path}` is in use by another program")]
    InUse {
        /// Which file.
        path: String,
    },
    /// A restore of the file was begun and did not end.
    #[error("a restore of the store `{path}` was begun and did not end: give it again")]
    RestoreUnfinished {
        /// Which file.
        path: String,
    },
    /// The database does not answer or refuses.
    #[error("the store's database says: {0}")]
    Database(#[from] sqlx::Error),
    /// Its tables cannot be brought up to date.
    #[error("the store's tables cannot be brought up to date: {0}")]
    Migrate(#[source] sqlx::migrate::MigrateError),
    /// A newer Appia wrote it.
    #[error(
        "the store was written by a newer Appia (its tables are at version {version}): use that one or a newer"
    )]
    Newer {
        /// The migration that this program does not know.
        version: i64,
    },
    /// Everything that waited for one commit was lost with it; nothing of it is there.
    #[error("nothing was written: {0}")]
    Lost(String),
    /// The store was closed.
    #[error("the store is closed")]
    Closed,
    /// A row does not say what it must.
    #[error("the store is damaged: {what}")]
    Damaged {
        /// Which row, and what is wrong with it.
        what: String,
    },
    /// The end of an event chain was not written by a holder of the key.
    #[error("the event log of {} was changed from outside, or the key of this home is another one", scope_words(.0))]
    HeadForged(Scope),
    /// There is no such operation.
    #[error("there is no operation `{0}`")]
    UnknownOperation(OperationId),
    /// The operation ended before.
    #[error("operation `{0}` has ended")]
    Ended(OperationId),
    /// This program holds no lease for the operation: it has to take it over first.
    #[error("operation `{0}` is not held here: take it over first")]
    NotHeld(OperationId),
    /// Somebody newer took the environment over.
    #[error(
        "operation `{operation}` was fenced off by a newer holder of its environment (fencing token {newer})"
    )]
    Fenced {
        /// Who wanted to write.
        operation: OperationId,
        /// The token that is valid now.
        newer: u64,
    },
    /// A step was said to be done that was never begun.
    #[error("step `{0}` was never begun")]
    NeverBegun(String),
    /// The system has no random numbers.
    #[error("the system gives no random numbers: {0}")]
    Randomness(String),
    /// A backup was asked of a database that brings its own tools.
    #[error("this store is a PostgreSQL database: back it up with `pg_dump`")]
    BackupElsewhere,
    /// The backup that was written does not read back.
    #[error("the backup does not read back: {0}")]
    BackupBroken(String),
}

impl StoreError {
    /// Whether something that was written is not as it was written: then only a copy helps.
    pub fn is_damage(&self) -> bool {
        matches!(
            self,
            StoreError::Damaged { .. } | StoreError::HeadForged(_) | StoreError::RestoreUnfinished { .. }
        )
    }

    pub(crate) fn damaged(what: impl Into<String>) -> StoreError {
        StoreError::Damaged { what: what.into() }
    }
}

/// `default/storefront/local`.
pub(crate) fn scope_words(scope: &Scope) -> String {
    let parts = [
        Some(scope.organisation.as_str()),
        scope.app.as_ref().map(|app| app.as_str()),
        scope.environment.as_ref().map(|environment| environment.as_str()),
    ];
    format!("`{}`", parts.into_iter().flatten().collect::<Vec<_>>().join("/"))
}
