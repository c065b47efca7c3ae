//! Which plan a rollback goes back to. What it changes is worked out as for any other plan, in `changes.rs`.

use appia_plan::{Owner, Plan};
use appia_store::{Deployment, MOST_PER_PAGE};

use crate::ServerError;
use crate::platform::Platform;

/// The plan to go back to: of a generation that was named, else of what was deployed before.
pub(crate) async fn earlier_plan(
    platform: &Platform,
    owner: &Owner,
    generation: Option<u64>,
) -> Result<Plan, ServerError> {
    let deployment = match generation {
        Some(generation) => at_generation(platform, owner, generation).await?,
        None => platform.store.previous(owner).await?,
    };
    let plan = match deployment {
        Some(deployment) => platform.store.deployed_plan(&deployment.operation).await?,
        None => None,
    };
    plan.ok_or_else(|| match generation {
        Some(generation) => ServerError::request(
            format!("generation {generation} of `{}` deployed nothing", owner.app),
            "`appia rollback` without `--to` goes back to what was deployed before",
        ),
        None => ServerError::request(
            format!("`{}` in `{}` has no earlier deployment to go back to", owner.app, owner.environment),
            "`appia down` takes everything back",
        ),
    })
}

/// Looks through the history, newest first.
async fn at_generation(
    platform: &Platform,
    owner: &Owner,
    generation: u64,
) -> Result<Option<Deployment>, ServerError> {
    let mut before = None;
    loop {
        let page = platform.store.deployments(owner, before, MOST_PER_PAGE).await?;
        let Some(last) = page.last() else { return Ok(None) };
        before = Some(last.seq);
        if let Some(found) = page.into_iter().find(|deployment| deployment.generation == Some(generation)) {
            return Ok(Some(found));
        }
    }
}
