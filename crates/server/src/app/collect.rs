//! Removing what was built and nobody can go back to any more.
//!
//! Called after an operation has ended well. Kept are the artifacts of the last releases of every environment, and
//! everything that was built or deployed a short while ago.

use std::collections::BTreeSet;
use std::time::Duration;

use appia_drivers::build::{BuildCache, ContentHash};
use appia_plan::{Owner, Plan};
use appia_store::{MOST_PER_PAGE, StoreError};

use crate::platform::{ORGANISATION, Platform};

/// So many deployments of an environment can be gone back to without building again.
const KEPT_DEPLOYMENTS: usize = 10;

/// What is younger may belong to a plan that somebody reads right now.
const YOUNG: Duration = Duration::from_secs(24 * 3600);

/// Removes what is not needed. A failure is noted: the next operation tries again.
pub(crate) async fn collect(platform: &Platform) {
    match needed(platform).await {
        Ok(needed) => {
            let cache = BuildCache::new(platform.home.artifacts());
            let removing = tokio::task::spawn_blocking(move || cache.collect(&needed, YOUNG)).await;
            match removing {
                Ok(Ok(removed)) if removed.is_empty() => {}
                Ok(Ok(removed)) => tracing::info!(count = removed.len(), "artifacts without a use removed"),
                Ok(Err(error)) => tracing::warn!(%error, "artifacts without a use stay"),
                Err(error) => tracing::warn!(%error, "artifacts without a use stay"),
            }
        }
        Err(error) => tracing::warn!(%error, "which artifacts are needed cannot be told"),
    }
}

async fn owners(platform: &Platform) -> Result<Vec<Owner>, StoreError> {
    let mut all: Vec<Owner> = Vec::new();
    loop {
        let page = platform.store.environments(ORGANISATION, all.last(), MOST_PER_PAGE).await?;
        if page.is_empty() {
            return Ok(all);
        }
        all.extend(page.into_iter().map(|environment| environment.owner));
    }
}

async fn needed(platform: &Platform) -> Result<BTreeSet<ContentHash>, StoreError> {
    let mut needed = BTreeSet::new();
    for owner in owners(platform).await? {
        let mut plans = BTreeSet::new();
        for deployment in platform.store.deployments(&owner, None, MOST_PER_PAGE).await? {
            if plans.len() >= KEPT_DEPLOYMENTS {
                break;
            }
            if !plans.insert(deployment.plan) {
                continue;
            }
            if let Some(plan) = platform.store.deployed_plan(&deployment.operation).await? {
                needed.extend(artifacts(&plan));
            }
        }
        if let Some(current) = platform.store.current(&owner).await?
            && let Some(plan) = platform.store.deployed_plan(&current.operation).await?
        {
            needed.extend(artifacts(&plan));
        }
    }
    Ok(needed)
}

fn artifacts(plan: &Plan) -> impl Iterator<Item = ContentHash> {
    let ids = plan.inputs.artifacts.values().flat_map(|containers| containers.values());
    ids.filter_map(|id| id.0.strip_prefix("sha256:").unwrap_or(&id.0).parse().ok())
}
