//! How an application is: what the agent sees, with what the store knows of the release.

use std::collections::BTreeMap;

use appia_api::documents::{FailedOperation, Instance, Rates, ResourceStatus, State, Status, WorkloadStatus};
use appia_plan::{OperationResult, Owner};
use appia_runtime::agent::{self, UnitState};

use crate::platform::Platform;
use crate::{ServerError, wire};

/// How an application is.
pub(crate) async fn status(platform: &Platform, owner: &Owner) -> Result<Status, ServerError> {
    let seen = platform.status(owner).await?;
    let current = platform.store.current(owner).await?;
    Ok(Status {
        app: owner.app.to_string(),
        environment: owner.environment.to_string(),
        release: current.map(|deployment| wire::release(&deployment.release)),
        workloads: seen.workloads.into_iter().map(workload).collect(),
        resources: seen.resources.into_iter().map(resource).collect(),
        last_failure: last_failure(platform, owner).await?,
    })
}

/// What was tried last, when it failed and nothing was done since: whoever comes later learns why all is as before.
async fn last_failure(platform: &Platform, owner: &Owner) -> Result<Option<FailedOperation>, ServerError> {
    let Some(tried) = platform.store.deployments(owner, None, 1).await?.pop() else { return Ok(None) };
    let (at_ms, reason, is_taken_back) = match tried.ended {
        Some((at_ms, OperationResult::Undone { reason })) => (at_ms, reason, true),
        Some((at_ms, OperationResult::Stuck { reason })) => (at_ms, reason, false),
        Some((_, OperationResult::Done)) | None => return Ok(None),
    };
    let base = platform.store.operation(&tried.operation).await?.map(|one| one.operation.base_generation);
    if base != Some(platform.store.generation(owner).await?) {
        return Ok(None);
    }
    Ok(Some(FailedOperation {
        action: wire::action(tried.kind),
        operation: tried.operation.to_string(),
        actor: tried.actor.name,
        at: wire::time(at_ms),
        release: wire::release(&tried.release),
        reason,
        is_taken_back,
    }))
}

/// Where to look, by workload.
#[derive(Default)]
pub(crate) struct Places {
    /// The loopback address.
    pub(crate) urls: BTreeMap<String, String>,
    /// The same by name.
    pub(crate) routes: BTreeMap<String, Vec<String>>,
}

/// Where everything public is.
pub(crate) async fn places(platform: &Platform, owner: &Owner) -> Result<Places, ServerError> {
    let mut places = Places::default();
    for workload in platform.status(owner).await?.workloads {
        let name = workload.address.last().to_owned();
        if let Some(url) = workload.url.filter(|_| !workload.routes.is_empty()) {
            places.urls.insert(name.clone(), url);
            places.routes.insert(name, workload.routes);
        }
    }
    Ok(places)
}

/// The name under which a workload or resource writes its logs; an error that names what there is.
pub(crate) async fn log_name(platform: &Platform, owner: &Owner, name: &str) -> Result<String, ServerError> {
    let seen = platform.status(owner).await?;
    let workloads = seen.workloads.iter().map(|workload| workload.address.last().to_owned());
    let resources = seen.resources.iter().map(|resource| resource.address.to_string());
    let known: Vec<String> = workloads.chain(resources).collect();
    let wanted = name.strip_prefix("workloads.").unwrap_or(name);
    let as_resource = format!("resources.{wanted}");
    if let Some(found) = known.iter().find(|known| *known == wanted || **known == as_resource) {
        return Ok(found.clone());
    }
    let message = format!("nothing called `{name}` runs in `{}` of `{}`", owner.environment, owner.app);
    let help = match known.as_slice() {
        [] => "nothing is deployed there; `appia up` deploys it".to_owned(),
        known => format!("there are {}", known.join(", ")),
    };
    Err(ServerError::request(message, help))
}

fn workload(seen: agent::WorkloadStatus) -> WorkloadStatus {
    let rates = seen.rates;
    let has_port = seen.url.is_some();
    WorkloadStatus {
        address: seen.address.to_string(),
        state: state(seen.state),
        url: seen.url,
        routes: seen.routes,
        rates: has_port.then_some(Rates {
            rps: rates.rps,
            errors_per_s: rates.errors_per_s,
            p50_ms: rates.p50_ms,
            p95_ms: rates.p95_ms,
            p99_ms: rates.p99_ms,
        }),
        cpu_millis: seen.cpu_millis,
        memory_mib: seen.memory_mib,
        instances: seen.instances.into_iter().map(instance).collect(),
        reason: seen.trouble,
    }
}

fn instance(seen: agent::InstanceStatus) -> Instance {
    Instance {
        id: seen.id,
        release: seen.release,
        state: state(seen.state),
        pid: seen.pid.and_then(|pid| u32::try_from(pid).ok()),
        port: seen.port,
        restarts: seen.restarts,
        last_exit: seen.last_exit,
        started: i64::try_from(seen.started_micros / 1000).ok().map(wire::time),
    }
}

fn resource(seen: agent::ResourceStatus) -> ResourceStatus {
    ResourceStatus {
        address: seen.address.to_string(),
        kind: seen.kind,
        version: seen.version,
        state: state(seen.state),
    }
}

pub(super) fn state(state: UnitState) -> State {
    match state {
        UnitState::Starting => State::Starting,
        UnitState::Healthy => State::Healthy,
        UnitState::Unhealthy => State::Unhealthy,
        UnitState::Stopped => State::Stopped,
        UnitState::Failed => State::Failed,
    }
}
