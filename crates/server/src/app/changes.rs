//! What a goal would change now: the plan held against what is really there. Changes nothing.

use appia_api::documents::StepAction;
use appia_api::protocol::{ChangeAnswer, ChangeRequest, Goal};
use appia_plan::{
    Changes, DataFate, Driver, Object, ObjectState, Observed, ObservedObject, Owner, Plan, Retention,
    Similarity, diff,
};
use appia_store::Deployment;

use super::rollback;
use crate::platform::{Platform, owner};
use crate::{ServerError, wire};

/// What has to be done for a goal, and the plan it comes from.
pub(crate) struct Proposal {
    /// Whose environment.
    pub(crate) owner: Owner,
    /// The plan to bring about; `None`: everything goes.
    pub(crate) plan: Option<Plan>,
    /// What has to be done.
    pub(crate) changes: Changes,
    /// What is deployed now.
    pub(crate) current: Option<Deployment>,
    /// Data kept from before, by address.
    pub(crate) retained: Vec<String>,
}

/// Compares a goal with what is there.
pub(crate) async fn propose(platform: &Platform, request: &ChangeRequest) -> Result<Proposal, ServerError> {
    let owner = owner(&request.app, &request.environment)?;
    platform.until_recovered(&owner).await;
    platform.until_started_after_boot(&owner).await?;
    let mut plan = goal_plan(platform, &owner, &request.goal).await?;
    let data = match request.goal {
        Goal::Down { data: true } => DataFate::Deleted,
        Goal::Down { data: false } | Goal::Plan(_) | Goal::Rollback { .. } => DataFate::Kept,
    };
    let generation = platform.store.generation(&owner).await?;
    let observed = platform.driver.observe(&owner).await?;
    let desired: Vec<Object> = plan.iter().flat_map(Plan::objects).cloned().collect();
    let compare = |desired: &Object, there: &ObservedObject| platform.driver.preview(desired, there);
    let steps = diff(&desired, &observed, &compare, data);
    let current = platform.store.current(&owner).await?;
    if let Some(plan) = &mut plan {
        plan.parent = current.as_ref().map(|deployment| deployment.plan.clone());
    }
    let retained = retained(&observed);
    Ok(Proposal { owner, plan, changes: Changes::new(steps, generation), current, retained })
}

/// What a plan would change where nothing was ever made: everything is new, and nobody has to be asked.
pub fn first_changes(plan: &Plan) -> ChangeAnswer {
    let desired: Vec<Object> = plan.objects().cloned().collect();
    let new = |_: &Object, _: &ObservedObject| Similarity::Changed(Vec::new());
    let changes = Changes::new(diff(&desired, &Observed::default(), &new, DataFate::Kept), 0);
    ChangeAnswer {
        changes: wire::changes(&changes, &[]),
        current: None,
        parent: None,
        desired: Some(wire::release(&plan.release)),
        retained: Vec::new(),
    }
}

/// The answer to a person who asks what would change.
pub(crate) fn answer(proposal: &Proposal) -> ChangeAnswer {
    let addresses: Vec<String> =
        proposal.plan.iter().flat_map(|plan| &plan.nodes).map(|node| node.address.to_string()).collect();
    let mut changes = wire::changes(&proposal.changes, &addresses);
    for step in &mut changes.steps {
        if step.action == StepAction::Create && proposal.retained.contains(&step.address) {
            step.why.push("its data, kept from before, is used again".to_owned());
        }
    }
    ChangeAnswer {
        changes,
        current: proposal.current.as_ref().map(|deployment| wire::release(&deployment.release)),
        parent: proposal.current.as_ref().map(|deployment| deployment.plan.to_string()),
        desired: proposal.plan.as_ref().map(|plan| wire::release(&plan.release)),
        retained: proposal.retained.clone(),
    }
}

async fn goal_plan(platform: &Platform, owner: &Owner, goal: &Goal) -> Result<Option<Plan>, ServerError> {
    match goal {
        Goal::Down { .. } => Ok(None),
        Goal::Plan(value) => {
            let plan: Plan = serde_json::from_value(value.clone()).map_err(|error| {
                ServerError::request(format!("the plan cannot be read: {error}"), "plan again")
            })?;
            if plan.compute_digest() != plan.digest {
                return Err(ServerError::request("the plan was changed after it was made", "plan again"));
            }
            Ok(Some(plan))
        }
        Goal::Rollback { generation } => rollback::earlier_plan(platform, owner, *generation).await.map(Some),
    }
}

fn retained(observed: &Observed) -> Vec<String> {
    let kept = observed.objects.values().filter(|object| object.state == ObjectState::Retained);
    let holding = kept.filter_map(|object| object.applied.as_ref());
    let holding = holding.filter(|object| object.retention == Retention::Data);
    holding.map(|object| object.address.to_string()).collect()
}
