//! Finishes what a crash left open, once at the start.

use appia_plan::Journal;

use crate::app::operations::resume;
use crate::platform::Platform;

/// Takes over every open operation, oldest first.
pub(crate) async fn recover(platform: Platform) {
    let open = match platform.store.open().await {
        Ok(open) => open,
        Err(error) => {
            tracing::error!(%error, "the journal cannot be read");
            return;
        }
    };
    for operation in open {
        let id = operation.operation.id.clone();
        tracing::info!(operation = %id, "going on with an operation that was left open");
        match resume(&platform, &operation).await {
            Ok(outcome) => tracing::info!(operation = %id, ?outcome, "ended"),
            Err(error) => tracing::error!(operation = %id, %error, "cannot go on"),
        }
    }
}
