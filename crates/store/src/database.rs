//! Opens the database: connections with their settings, the file with its mode, the migrations.
//!
//! Called by `store.rs`. There is one connection that writes and a few that only read, on both databases.

use std::fs::{self, DirBuilder, File, OpenOptions, Permissions};
use std::io;
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt, PermissionsExt};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use sqlx::any::{AnyPoolOptions, install_default_drivers};
use sqlx::migrate::{MigrateError, Migration, MigrationType, Migrator};
use sqlx::{Any, AnyConnection, AnyPool, Connection, SqlSafeStr, Transaction, raw_sql};

use crate::checksums::Checksums;
use crate::{Location, StoreError};

/// Connections that only read.
const READERS: u32 = 4;

/// Numbered, forward only; a released one is never edited.
const MIGRATIONS: [(i64, &str, &str); 1] = [(1, "first", include_str!("../migrations/0001_first.sql"))];

/// WAL with a full sync at each commit: what was committed survives a power cut, and readers never wait.
/// The log is moved into the file by `checksums.rs` alone.
const SQLITE_WRITER: &str = "PRAGMA journal_mode = WAL; PRAGMA wal_autocheckpoint = 0; PRAGMA synchronous = FULL; \
     PRAGMA busy_timeout = 10000; PRAGMA foreign_keys = ON; PRAGMA secure_delete = ON;";
const SQLITE_READER: &str = "PRAGMA busy_timeout = 10000; PRAGMA query_only = ON;";
const POSTGRES_WRITER: &str = "SET synchronous_commit = on";
const POSTGRES_READER: &str = "SET default_transaction_read_only = on";

/// What runs below.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Engine {
    Sqlite,
    Postgres,
}

/// An open database.
#[derive(Debug, Clone)]
pub(crate) struct Database {
    pub(crate) engine: Engine,
    pub(crate) writer: AnyPool,
    pub(crate) readers: AnyPool,
    /// Of an SQLite file that is in use; a PostgreSQL database looks after its own bytes.
    pub(crate) checksums: Option<Arc<Checksums>>,
}

impl Database {
    /// Opens, makes and brings up to date.
    pub(crate) async fn open(location: &Location) -> Result<Database, StoreError> {
        install_default_drivers();
        match location {
            Location::File(path) => Database::open_file(path).await,
            Location::Postgres(url) => {
                let writer = connect(url, POSTGRES_WRITER, 1).await?;
                migrate(&writer).await?;
                let readers = connect(url, POSTGRES_READER, READERS).await?;
                Ok(Database { engine: Engine::Postgres, writer, readers, checksums: None })
            }
        }
    }

    async fn open_file(path: &Path) -> Result<Database, StoreError> {
        let path = made(path)?;
        let url = format!("sqlite://{}?mode=rw", escaped(&path)?);
        let checksums = Arc::new(Checksums::open(&path).await?);
        let opened = async {
            let writer = connect(&url, SQLITE_WRITER, 1).await?;
            migrate(&writer).await?;
            Ok((writer, connect(&url, SQLITE_READER, READERS).await?))
        };
        match opened.await {
            Ok((writer, readers)) => {
                Ok(Database { engine: Engine::Sqlite, writer, readers, checksums: Some(checksums) })
            }
            Err(error) => {
                checksums.let_go();
                Err(error)
            }
        }
    }

    /// A file that nobody writes, only to be read; nothing is made beside it.
    pub(crate) async fn open_copy(path: &Path) -> Result<Database, StoreError> {
        install_default_drivers();
        let url = format!("sqlite://{}?mode=ro&immutable=1", escaped(path)?);
        let readers = connect(&url, SQLITE_READER, 1).await?;
        Ok(Database { engine: Engine::Sqlite, writer: readers.clone(), readers, checksums: None })
    }

    /// Refuses to go on when the database's bytes are not as they were written.
    pub(crate) async fn attest(&self) -> Result<(), StoreError> {
        match &self.checksums {
            Some(checksums) => checksums.attest().await,
            None => Ok(()),
        }
    }

    /// Reads from one moment, whatever is written meanwhile.
    pub(crate) async fn snapshot(&self) -> Result<Transaction<'static, Any>, StoreError> {
        let statement = match self.engine {
            Engine::Sqlite => "BEGIN",
            Engine::Postgres => "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY",
        };
        Ok(self.readers.begin_with(statement).await?)
    }

    pub(crate) async fn close(&self) {
        self.readers.close().await;
        let Some(checksums) = &self.checksums else { return self.writer.close().await };
        if !checksums.close(&self.writer).await
            && let Ok(connection) = self.writer.acquire().await
        {
            std::mem::forget(connection.detach());
        }
        self.writer.close().await;
        checksums.let_go();
    }
}

/// A file with nothing looked after, for its restore.
pub(crate) async fn connect_to_file(path: &Path) -> Result<AnyPool, StoreError> {
    install_default_drivers();
    connect(&format!("sqlite://{}?mode=rw", escaped(path)?), "PRAGMA busy_timeout = 10000", 1).await
}

/// Connections stay open as long as the store: when the last one to an SQLite file is closed, also for being idle or old,
/// SQLite moves the log into the file by itself, and its pages are no longer what their checksums say.
async fn connect(url: &str, settings: &'static str, most: u32) -> Result<AnyPool, StoreError> {
    let options = AnyPoolOptions::new()
        .max_connections(most)
        .idle_timeout(None)
        .max_lifetime(None)
        .after_connect(move |connection, _| Box::pin(async move { prepare(connection, settings).await }))
        // On a full disk SQLite ends the transaction by itself, and the library waits for its end forever: such a
        // connection is closed and another one opened.
        .before_acquire(|connection, _| Box::pin(std::future::ready(Ok(!connection.is_in_transaction()))));
    Ok(options.connect(url).await?)
}

async fn prepare(connection: &mut AnyConnection, settings: &'static str) -> Result<(), sqlx::Error> {
    raw_sql(settings).execute(connection).await.map(|_| ())
}

async fn migrate(pool: &AnyPool) -> Result<(), StoreError> {
    let migrations = MIGRATIONS.map(|(version, name, sql)| {
        Migration::new(version, name.into(), MigrationType::Simple, sql.into_sql_str(), false)
    });
    Migrator::with_migrations(migrations.to_vec()).run(pool).await.map_err(|error| match error {
        MigrateError::VersionMissing(version) => StoreError::Newer { version },
        other => StoreError::Migrate(other),
    })
}

/// Makes the file for its owner alone. SQLite gives its side files the mode of the file.
fn made(path: &Path) -> Result<PathBuf, StoreError> {
    let failed = |source| StoreError::File { path: path.display().to_string(), source };
    make_private(path).map_err(failed)?;
    fs::canonicalize(path).map_err(failed)
}

/// Makes a file with mode 0600, and its folder with 0700, where they are not there; mends the mode where it is wider.
pub(crate) fn make_private(path: &Path) -> io::Result<()> {
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    DirBuilder::new().recursive(true).mode(0o700).create(folder)?;
    let file = OpenOptions::new().write(true).create(true).truncate(false).mode(0o600).open(path)?;
    file.set_permissions(Permissions::from_mode(0o600))?;
    // A file survives a power cut only when its name does.
    File::open(folder)?.sync_all()
}

/// Percent-encodes all that could mean something in a URL.
fn escaped(path: &Path) -> Result<String, StoreError> {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"/-_.~".contains(&byte);
    let named = path.to_str().ok_or_else(|| StoreError::File {
        path: path.display().to_string(),
        source: io::Error::other("its name is not UTF-8"),
    });
    let encoded = |byte: u8| if plain(byte) { char::from(byte).to_string() } else { format!("%{byte:02X}") };
    Ok(named?.bytes().map(encoded).collect())
}

#[cfg(test)]
mod tests {
    use sqlx::{Row, query};

    use super::{Database, escaped};

    #[tokio::test]
    async fn syncs_each_commit_and_lets_one_connection_write() {
        let folder = tempfile::tempdir().unwrap();
        let database = Database::open(&folder.path().join("store.db").into()).await.unwrap();
        let mut writer = database.writer.acquire().await.unwrap();
        let mut told = Vec::new();
        for pragma in ["PRAGMA synchronous", "PRAGMA foreign_keys"] {
            told.push(query(pragma).fetch_one(&mut *writer).await.unwrap().get::<i64, _>(0));
        }
        assert_eq!(told, [2, 1], "FULL is 2");
        let mode: String = query("PRAGMA journal_mode").fetch_one(&mut *writer).await.unwrap().get(0);
        assert_eq!(mode, "wal");
        let refused = query("DELETE FROM secrets").execute(&database.readers).await.unwrap_err();
        assert!(refused.to_string().contains("readonly"), "{refused}");
        assert_eq!(database.writer.options().get_max_connections(), 1);
    }

    #[tokio::test]
    async fn a_full_disk_leaves_no_connection_behind_that_cannot_write_any_more() {
        let folder = tempfile::tempdir().unwrap();
        let database = Database::open(&folder.path().join("store.db").into()).await.unwrap();
        let mut full = database.writer.begin_with("BEGIN IMMEDIATE").await.unwrap();
        query("CREATE TABLE heap (bytes BLOB)").execute(&mut *full).await.unwrap();
        query("PRAGMA max_page_count = 1").fetch_one(&mut *full).await.unwrap();
        let refused =
            query("INSERT INTO heap VALUES (zeroblob(100000))").execute(&mut *full).await.unwrap_err();
        assert!(refused.to_string().contains("full"), "{refused}");
        assert!(full.rollback().await.is_err(), "the transaction is over already");
        for _ in 0..2 {
            let mut again = database.writer.begin_with("BEGIN IMMEDIATE").await.unwrap();
            query("CREATE TABLE heap (bytes BLOB)").execute(&mut *again).await.unwrap();
            again.rollback().await.unwrap();
        }
    }

    /// The pool's own limits are ten minutes and thirty: a store that nobody asked for so long was taken for damaged.
    #[tokio::test]
    async fn no_connection_is_closed_for_being_idle_or_old() {
        let folder = tempfile::tempdir().unwrap();
        let database = Database::open(&folder.path().join("store.db").into()).await.unwrap();
        for pool in [&database.writer, &database.readers] {
            let options = pool.options();
            assert_eq!((options.get_idle_timeout(), options.get_max_lifetime()), (None, None));
        }
    }

    #[test]
    fn escapes_what_means_something_in_a_url() {
        let name = escaped("/home/a b/50%?x#é.db".as_ref()).unwrap();
        assert_eq!(name, "/home/a%20b/50%25%3Fx%23%C3%A9.db");
    }
}
