//! Starting and ending the instances of one object that runs something.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

use appia_plan::{ObjectId, local};

use super::Agent;
use super::protocol::Failure;
use super::slot::Slot;
use crate::logs;
use crate::shim::now_micros;
use crate::supervisor::instance::Instance;
use crate::supervisor::instance_folders::{Identity, new_id};
use crate::supervisor::spec::WorkloadSpec;

/// Logs of so many ended programs of a unit are kept.
const ENDED_LOGS: usize = 6;
/// How long requests to an instance that is replaced may take.
pub(super) const DRAIN: Duration = Duration::from_secs(30);
/// How long requests to an instance that goes without a successor may take.
pub(super) const SHORT_DRAIN: Duration = Duration::from_secs(2);
/// A job that takes longer has failed.
const LONGEST_JOB: Duration = Duration::from_secs(3600);

/// What instances, logs and sealed specs of an object are named by: the workload, or the address of a resource.
pub(crate) fn unit_name(id: &ObjectId) -> String {
    if id.kind == local::kind::WORKLOAD { id.name.clone() } else { format!("resources.{}", id.name) }
}

/// Servers that others reach directly listen on their endpoint themselves.
fn is_server(id: &ObjectId) -> bool {
    [local::kind::POSTGRES, local::kind::REDIS].contains(&id.kind.as_str())
}

/// What to start: a spec under its generation.
pub(super) struct Wanted<'a> {
    pub(super) slot: &'a Slot,
    pub(super) spec: &'a WorkloadSpec,
    pub(super) generation: &'a str,
}

impl Agent {
    /// Starts one new instance, without waiting for its health.
    pub(super) async fn start_instance(&self, wanted: &Wanted<'_>) -> Result<Arc<Instance>, Failure> {
        let record = wanted.slot.record();
        let unit = unit_name(&record.id);
        let port = match wanted.spec.main_port() {
            Some(_) if is_server(&record.id) => record.endpoints.values().next().copied(),
            Some(_) => Some(self.instance_port()?),
            None => None,
        };
        let identity = Identity {
            id: new_id(&unit),
            unit,
            generation: wanted.generation.to_owned(),
            release: wanted.spec.release.clone(),
            port,
            created_micros: now_micros(),
        };
        self.take_over(wanted, identity).await
    }

    /// Makes an instance of what is in its folder, starting what does not run.
    pub(super) async fn take_over(
        &self,
        wanted: &Wanted<'_>,
        identity: Identity,
    ) -> Result<Arc<Instance>, Failure> {
        let folders = self.instance_folders(&wanted.slot.record().owner);
        let instance = Instance::start(&folders, wanted.spec, identity).await;
        Ok(Arc::new(instance.map_err(Failure::system("the folder of an instance cannot be made"))?))
    }

    /// Starts every replica and waits until all are ready; when one is not, all are removed again.
    pub(super) async fn start_all(&self, wanted: &Wanted<'_>) -> Result<Vec<Arc<Instance>>, Failure> {
        let starting = (0..wanted.spec.replicas.max(1)).map(|_| self.start_instance(wanted));
        let (mut started, mut refused) = (Vec::new(), None);
        for result in futures::future::join_all(starting).await {
            match result {
                Ok(instance) => started.push(instance),
                Err(failure) => refused = Some(failure),
            }
        }
        if let Some(failure) = refused {
            self.remove(&started).await;
            return Err(failure);
        }
        let patience = wanted.spec.runs_to_completion().then_some(LONGEST_JOB);
        let unit = unit_name(&wanted.slot.record().id);
        let settled =
            futures::future::try_join_all(started.iter().map(|instance| instance.settled(patience)));
        let failure = tokio::select! {
            settled = settled => match settled {
                Ok(_) => return Ok(started),
                Err(failure) => failure,
            },
            () = wanted.slot.given_up() => {
                self.remove(&started).await;
                return Err(Failure::permanent(format!("`{unit}` was given up before it was ready")));
            }
        };
        self.remove(&started).await;
        Err(Failure::Permanent {
            message: format!("`{unit}` does not become ready: {}", failure.message),
            detail: failure.last_lines,
            help: vec![format!("see all it wrote: appia logs {unit}")],
        })
    }

    /// Lets requests to instances end, then stops and removes them.
    pub(super) async fn retire(&self, unit: &str, instances: Vec<Arc<Instance>>, drain: Duration) {
        futures::future::join_all(instances.iter().map(|instance| async move {
            self.gateway.drain(&instance.identity.id, drain).await;
            self.remove(std::slice::from_ref(instance)).await;
        }))
        .await;
        if let Some(instance) = instances.first() {
            let living = self.living();
            logs::forget_old(&instance.log_folder(), &living, ENDED_LOGS);
        }
        tracing::debug!(unit, count = instances.len(), "instances retired");
    }

    fn living(&self) -> BTreeSet<String> {
        let slots = self.all_slots();
        let ids = |slot: &Arc<Slot>| -> Vec<String> {
            let state = slot.state();
            let all = state.serving.iter().chain(&state.on_trial);
            all.map(|instance| instance.identity.id.clone()).collect()
        };
        slots.iter().flat_map(ids).collect()
    }
}
