//! Finishes what a crash left open, from the start on, and what the store could not be told the end of.
//!
//! What cannot be finished yet (the store cannot be written, the agent does not answer) is tried again until it can:
//! an accepted operation is never given up. Start at [`recover`].

use std::time::Duration;

use appia_engine::Ending;
use appia_plan::{Journal, JournalError, OpenOperation, Operation, OperationId};

use crate::app::operations::resume;
use crate::platform::Platform;

/// Every open operation, oldest first. From now on changes to their environments wait for [`recover`].
pub(crate) async fn open(platform: &Platform) -> Result<Vec<OpenOperation>, JournalError> {
    let open = platform.store.open().await?;
    platform.recovers(open.iter().map(|open| open.operation.owner.clone()).collect());
    Ok(open)
}

/// Takes over these operations, one after the other; those that cannot be ended yet, until they have ended.
pub(crate) async fn recover(platform: Platform, open: Vec<OpenOperation>) {
    let mut later = Vec::new();
    for open in open {
        let Operation { id, owner, .. } = &open.operation;
        tracing::info!(operation = %id, "going on with an operation that was left open");
        if !has_ended(&platform, &open).await {
            later.push(id.clone());
        }
        // One environment has at most one open operation. Nobody is kept waiting for one that may take long.
        platform.recovered(owner);
    }
    futures::future::join_all(later.iter().map(|id| finish(&platform, id))).await;
}

/// Takes over an operation that could not be ended, as on a full disk, again and again until it has ended.
pub(crate) async fn finish(platform: &Platform, id: &OperationId) {
    for tries in 1.. {
        tokio::time::sleep(wait(platform, tries)).await;
        let Ok(open) = platform.store.open().await else { continue };
        match open.iter().find(|open| open.operation.id == *id) {
            Some(open) if !has_ended(platform, open).await => {}
            Some(_) | None => return,
        }
    }
}

/// Goes on with an operation; `false`: it is still open.
async fn has_ended(platform: &Platform, open: &OpenOperation) -> bool {
    let id = &open.operation.id;
    let why = match resume(platform, open).await {
        Ok(Ending::Open { reason }) => reason,
        Ok(ending) => {
            tracing::info!(operation = %id, ?ending, "ended");
            return true;
        }
        Err(error) => error.to_string(),
    };
    tracing::error!(operation = %id, why, "cannot go on yet");
    false
}

/// How long before the next try, after so many.
fn wait(platform: &Platform, tries: u32) -> Duration {
    platform.settings.retry.wait(tries, &platform.settings.jitter)
}
