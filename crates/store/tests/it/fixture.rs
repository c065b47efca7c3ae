//! What a case stands on: an empty database, a key, a clock that says what the case says, and raw SQL to tamper with.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use appia_plan::seal::SealKey;
use appia_store::{Clock, Location, Store};
use sqlx::any::AnyPoolOptions;
use sqlx::{AnyPool, AssertSqlSafe, Row, query, raw_sql};
use tempfile::TempDir;

use crate::postgres::Postgres;

pub(crate) const KEY: [u8; 32] = [7; 32];
/// 2025-11-21T13:00:00Z.
pub(crate) const NOON: i64 = 1_763_730_000_000;

pub(crate) struct Fixture {
    pub(crate) location: Location,
    url: String,
    now_ms: Arc<AtomicI64>,
    pub(crate) folder: TempDir,
    data: PathBuf,
}

impl Fixture {
    pub(crate) fn on_sqlite() -> Fixture {
        let folder = tempfile::tempdir().unwrap();
        let data = folder.path().join("home");
        let file = data.join("store.db");
        let url = format!("sqlite://{}?mode=rw", file.display());
        Fixture { location: Location::File(file), url, now_ms: clock(), folder, data }
    }

    pub(crate) async fn on_postgres() -> Option<Fixture> {
        let server = Postgres::get()?;
        let url = server.database().await;
        let folder = tempfile::tempdir().unwrap();
        let location = Location::parse(&url).unwrap();
        Some(Fixture { location, url, now_ms: clock(), folder, data: server.data() })
    }

    pub(crate) async fn open(&self) -> Store {
        self.open_with(SealKey::new(KEY)).await
    }

    /// What another program sees that comes after, or beside it where the database can be shared.
    pub(crate) async fn open_after(&self, store: &Store) -> Store {
        if self.is_sqlite() {
            store.close().await;
        }
        self.open().await
    }

    pub(crate) async fn open_with(&self, key: SealKey) -> Store {
        Store::open(self.location.clone(), key, self.clock()).await.unwrap()
    }

    /// Each look at it is a millisecond later.
    pub(crate) fn clock(&self) -> Clock {
        let now_ms = self.now_ms.clone();
        Arc::new(move || now_ms.fetch_add(1, Ordering::Relaxed))
    }

    /// What `Location::parse` reads.
    pub(crate) fn address(&self) -> String {
        match &self.location {
            Location::File(path) => path.display().to_string(),
            Location::Postgres(url) => url.clone(),
        }
    }

    pub(crate) fn is_sqlite(&self) -> bool {
        matches!(self.location, Location::File(_))
    }

    /// Statements past the store.
    pub(crate) async fn raw(&self, sql: impl Into<String>) {
        let pool = self.pool().await;
        raw_sql(AssertSqlSafe(sql.into())).execute(&pool).await.unwrap();
        pool.close().await;
    }

    /// As if the file had never been looked after: what was written past the store is not held against it.
    pub(crate) fn forget_sums(&self) {
        if let Location::File(path) = &self.location {
            std::fs::remove_file(format!("{}-sums", path.display())).unwrap();
        }
    }

    /// The first column of every row, as text.
    pub(crate) async fn texts(&self, sql: impl Into<String>) -> Vec<String> {
        let pool = self.pool().await;
        let rows = query(AssertSqlSafe(sql.into())).fetch_all(&pool).await.unwrap();
        let texts = rows.iter().map(|row| row.try_get::<String, _>(0).unwrap()).collect();
        pool.close().await;
        texts
    }

    pub(crate) async fn number(&self, sql: impl Into<String>) -> i64 {
        let pool = self.pool().await;
        let row = query(AssertSqlSafe(sql.into())).fetch_one(&pool).await.unwrap();
        pool.close().await;
        row.try_get(0).unwrap()
    }

    /// Every byte that the database keeps in files, its logs of writes among them.
    pub(crate) async fn bytes(&self) -> Vec<u8> {
        if !self.is_sqlite() {
            self.raw("CHECKPOINT").await;
        }
        let mut bytes = Vec::new();
        gather(&self.data, &mut bytes);
        bytes
    }

    async fn pool(&self) -> AnyPool {
        sqlx::any::install_default_drivers();
        AnyPoolOptions::new().max_connections(1).connect(&self.url).await.unwrap()
    }
}

fn clock() -> Arc<AtomicI64> {
    Arc::new(AtomicI64::new(NOON))
}

fn gather(folder: &Path, bytes: &mut Vec<u8>) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            gather(&path, bytes);
        } else {
            // PostgreSQL's own temporary files come and go.
            bytes.extend(std::fs::read(&path).unwrap_or_default());
        }
    }
}
