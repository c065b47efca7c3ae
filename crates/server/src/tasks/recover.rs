//! Finishes what a crash left open, once at the start.

use appia_plan::{Journal, OpenOperation};

use crate::app::operations::resume;
use crate::platform::Platform;

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
            Ok(outcome) => tracing::info!(operation = %id, ?outcome, "ended"),
            Err(error) => tracing::error!(operation = %id, %error, "cannot go on"),
        }
        // One environment has at most one open operation.
        platform.recovered(&operation.operation.owner);
    }
}
