//! How an application is: what the agent sees, with what the store knows of the release.

use std::collections::BTreeMap;

use appia_api::documents::{Instance, Rates, ResourceStatus, Status, WorkloadStatus};
use appia_plan::Owner;
use appia_runtime::agent::{self, UnitState};

use crate::platform::Platform;
use crate::{ServerError, wire};

/// How an application is.
pub(crate) async fn status(platform: &Platform, owner: &Owner) -> Result<Status, ServerError> {
    let seen = platform.agent.status(owner).await?;
    let current = platform.store.current(owner).await?;
    Ok(Status {
        app: owner.app.to_string(),
        environment: owner.environment.to_string(),
        release: current.map(|deployment| wire::release(&deployment.release)),
        workloads: seen.workloads.into_iter().map(workload).collect(),
        resources: seen.resources.into_iter().map(resource).collect(),
    })
}

/// Where to look: the loopback address of everything public.
pub(crate) async fn urls(
    platform: &Platform,
    owner: &Owner,
) -> Result<BTreeMap<String, String>, ServerError> {
    let seen = platform.agent.status(owner).await?;
    let public = seen.workloads.into_iter().filter(|workload| !workload.routes.is_empty());
    Ok(public.filter_map(|workload| Some((workload.address.last().to_owned(), workload.url?))).collect())
}

fn workload(seen: agent::WorkloadStatus) -> WorkloadStatus {
    let rates = seen.rates;
    let has_port = seen.url.is_some();
    WorkloadStatus {
        address: seen.address.to_string(),
        state: word(seen.state).to_owned(),
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
        state: word(seen.state).to_owned(),
        pid: seen.pid.and_then(|pid| u32::try_from(pid).ok()),
        port: seen.port,
        restarts: seen.restarts,
        started: i64::try_from(seen.started_micros / 1000).ok().map(wire::time),
    }
}

fn resource(seen: agent::ResourceStatus) -> ResourceStatus {
    ResourceStatus {
        address: seen.address.to_string(),
        kind: seen.kind,
        version: seen.version,
        state: word(seen.state).to_owned(),
    }
}

fn word(state: UnitState) -> &'static str {
    match state {
        UnitState::Starting => "starting",
        UnitState::Healthy => "healthy",
        UnitState::Unhealthy => "unhealthy",
        UnitState::Stopped => "stopped",
        UnitState::Failed => "failed",
    }
}
