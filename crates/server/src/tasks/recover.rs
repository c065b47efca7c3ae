//! Finishes what a crash left open, once at the start, and what the store could not be told the end of.

use std::time::Duration;

use appia_plan::{Journal, OpenOperation, OperationId};

use crate::app::operations::resume;
use crate::platform::Platform;

/// How often it is tried again while the store cannot be written.
const EVERY: Duration = Duration::from_millis(200);

/// Every open operation, oldest first. From now on changes to their environments wait for [`recover`].
pub(crate) async fn open(platform: &Platform) -> Vec<OpenOperation> {
    let open = platform.store.open().await.unwrap_or_else(|error| {
        tracing::error!(%error, "the journal cannot be read");
        Vec::new()
    });
    platform.recovers(open.iter().map(|open| open.operation.owner.clone()).collect());
    open
}

/// Takes over these operations, one after the other.
pub(crate) async fn recover(platform: Platform, open: Vec<OpenOperation>) {
    for operation in open {
        let id = operation.operation.id.clone();
        tracing::info!(operation = %id, "going on with an operation that was left open");
        match resume(&platform, &operation).await {
            Ok(ending) => tracing::info!(operation = %id, ?ending, "ended"),
            Err(error) => tracing::error!(operation = %id, %error, "cannot go on"),
        }
        // One environment has at most one open operation.
        platform.recovered(&operation.operation.owner);
    }
}

/// Takes over an operation of this very server whose journal failed, as on a full disk, until it has ended.
pub(crate) async fn finish(platform: &Platform, id: &OperationId) {
    loop {
        tokio::time::sleep(EVERY).await;
        let Ok(open) = platform.store.open().await else { continue };
        let Some(open) = open.iter().find(|open| open.operation.id == *id) else { return };
        match resume(platform, open).await {
            Ok(ending) => tracing::info!(operation = %id, ?ending, "tried again"),
            Err(error) => tracing::warn!(operation = %id, %error, "the store cannot be told yet"),
        }
    }
}
