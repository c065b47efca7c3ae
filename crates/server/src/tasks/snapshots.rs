//! Takes a copy of the store whenever it has been quiet for a moment after a change, and at the end.

use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use appia_store::{Store, StoreError};

/// So long nothing was written.
const QUIET: Duration = Duration::from_millis(500);
/// After a copy that took so long, so many times as long passes until the next one.
const REST: u32 = 9;

/// Takes copies until the store is closed.
pub(crate) async fn keep(store: Store, folder: PathBuf) {
    let mut commits = store.commits();
    loop {
        while let Ok(Ok(())) = tokio::time::timeout(QUIET, commits.changed()).await {}
        let began = Instant::now();
        take(&store, &folder).await;
        tokio::time::sleep(began.elapsed() * REST).await;
        if commits.changed().await.is_err() {
            return;
        }
    }
}

/// Takes one copy, if anything happened since the last and nothing is being done.
pub(crate) async fn take(store: &Store, folder: &Path) {
    match store.snapshot(folder).await {
        Ok(_) | Err(StoreError::BackupElsewhere) => {}
        Err(error) => tracing::warn!(%error, "no copy of the store could be taken"),
    }
}
