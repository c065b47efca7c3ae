//! Every application of this home of which anything is there: for whoever does not know what runs, or lost its folder.

use appia_api::documents::{Application, Applications};
use appia_plan::Owner;
use appia_runtime::agent::{OwnerStatus, UnitState};
use appia_store::MOST_PER_PAGE;

use super::status::state;
use crate::platform::{ORGANISATION, Platform};
use crate::{ServerError, wire};

/// Every application of which anything is there: it runs, or its data is kept.
pub(crate) async fn applications(platform: &Platform) -> Result<Applications, ServerError> {
    let mut applications = Vec::new();
    let mut after: Option<Owner> = None;
    loop {
        let page = platform.store.environments(ORGANISATION, after.as_ref(), MOST_PER_PAGE).await?;
        let Some(last) = page.last() else { return Ok(Applications { applications }) };
        after = Some(last.owner.clone());
        for environment in page {
            applications.extend(application(platform, &environment.owner).await?);
        }
    }
}

async fn application(platform: &Platform, owner: &Owner) -> Result<Option<Application>, ServerError> {
    let seen = platform.status(owner).await?;
    if seen.workloads.is_empty() && seen.resources.is_empty() {
        return Ok(None);
    }
    let current = platform.store.current(owner).await?;
    Ok(Some(Application {
        app: owner.app.to_string(),
        environment: owner.environment.to_string(),
        release: current.map(|deployment| wire::release(&deployment.release)),
        state: state(worst(&seen)),
        workloads: seen.workloads.len(),
        resources: seen.resources.len(),
        urls: seen
            .workloads
            .into_iter()
            .filter_map(|workload| workload.url.filter(|_| !workload.routes.is_empty()))
            .collect(),
    }))
}

/// The state that a person has to know of first.
fn worst(seen: &OwnerStatus) -> UnitState {
    let workloads = seen.workloads.iter().map(|workload| workload.state);
    let rank = |state: &UnitState| match state {
        UnitState::Failed => 0,
        UnitState::Unhealthy => 1,
        UnitState::Starting => 2,
        UnitState::Healthy => 3,
        UnitState::Stopped => 4,
    };
    let resources = seen.resources.iter().map(|resource| resource.state);
    workloads.chain(resources).min_by_key(rank).unwrap_or(UnitState::Stopped)
}
