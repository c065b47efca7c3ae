//! What a person should know of a change that ended well: other versions than asked for, programs that are not well,
//! limits that this machine cannot set.

use std::collections::BTreeSet;

use appia_plan::local::{self, Body};
use appia_plan::{Owner, Plan};
use appia_runtime::agent::{OwnerStatus, UnitState};

use crate::ServerError;
use crate::platform::Platform;

/// Sentences for the end of an operation; none when everything is as planned.
pub(crate) async fn warnings(
    platform: &Platform,
    owner: &Owner,
    plan: Option<&Plan>,
) -> Result<Vec<String>, ServerError> {
    let Some(plan) = plan else { return Ok(Vec::new()) };
    let status = platform.status(owner).await?;
    let mut all: Vec<String> = unmet(plan).into_iter().collect();
    all.extend(other_versions(plan, &status));
    all.extend(not_well(&status));
    all.extend(limits(&status));
    Ok(all)
}

/// This machine is where an application is tried out: what cannot be met here keeps nobody from that, and is told.
fn unmet(plan: &Plan) -> Option<String> {
    let found = plan.infeasible.as_ref()?;
    Some(format!("an outcome cannot be met on this machine: {}", found.message))
}

fn other_versions(plan: &Plan, status: &OwnerStatus) -> Vec<String> {
    let asked = |address: &str| {
        let object = plan.objects().find(|object| object.address.as_str() == address)?;
        match object.body.read().ok()? {
            Body::Postgres(postgres) => Some(("PostgreSQL", postgres.version)),
            Body::Redis(redis) => Some(("Redis", redis.version)),
            Body::Secret(_) | Body::Volume(_) | Body::Workload(_) | Body::Route(_) | Body::External(_) => {
                None
            }
        }
    };
    let told = status.resources.iter().filter_map(|resource| {
        let (runs, (what, asked)) = (resource.version.as_ref()?, asked(resource.address.as_str())?);
        (*runs != asked.to_string()).then(|| {
            let name = resource.address.last();
            format!("`{name}`: {}", local::another_version(what, asked, runs))
        })
    });
    told.collect()
}

/// Said once, however many programs it is about: it is the machine's doing.
fn limits(status: &OwnerStatus) -> BTreeSet<String> {
    status.workloads.iter().flat_map(|workload| workload.notes.iter().cloned()).collect()
}

fn not_well(status: &OwnerStatus) -> Vec<String> {
    let ill = status.workloads.iter().filter_map(|workload| {
        let state = match workload.state {
            UnitState::Healthy | UnitState::Stopped => return None,
            UnitState::Starting => "is still starting",
            UnitState::Unhealthy => "is not healthy",
            UnitState::Failed => "has failed",
        };
        let why = workload.trouble.as_ref().map(|why| format!(": {why}")).unwrap_or_default();
        Some(format!("`{}` {state}{why}", workload.address.last()))
    });
    ill.collect()
}
