//! Running a cron workload when its time has come.

use std::sync::Arc;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use appia_intent::WorkloadKind;
use tokio_util::task::AbortOnDropHandle;

use super::Agent;
use super::instances::{SHORT_DRAIN, Wanted, unit_name};
use super::slot::Slot;
use crate::supervisor::crontab::Crontab;

impl Agent {
    /// Gives a cron workload its clock; others have none.
    pub(super) fn start_clock(self: &Arc<Self>, slot: &Arc<Slot>) {
        let Some(spec) = slot.state().spec.clone() else { return };
        if spec.kind != WorkloadKind::Cron {
            return;
        }
        let Some(Ok(crontab)) = spec.schedule.as_deref().map(Crontab::parse) else { return };
        let (agent, of) = (Arc::clone(self), Arc::downgrade(slot));
        let clock = tokio::spawn(async move {
            loop {
                let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
                let Some(next) = crontab.next_after(now.as_secs()) else { return };
                tokio::time::sleep(Duration::from_secs(next).saturating_sub(now)).await;
                let Some(slot) = of.upgrade() else { return };
                agent.run_once(&slot).await;
            }
        });
        slot.state().clock = Some(AbortOnDropHandle::new(clock));
    }

    /// One run beside earlier ones that have not ended. The run goes on when the clock is taken away.
    async fn run_once(self: &Arc<Self>, slot: &Arc<Slot>) {
        let (Some(spec), Some(generation)) = (slot.state().spec.clone(), slot.record().generation) else {
            return;
        };
        let unit = unit_name(&slot.record().id);
        let wanted = Wanted { slot, spec: &spec, generation: &generation };
        let instance = match self.start_instance(&wanted).await {
            Ok(instance) => instance,
            Err(failure) => {
                tracing::error!(unit, ?failure, "a run does not start");
                return;
            }
        };
        slot.state().serving.push(Arc::clone(&instance));
        let (agent, slot) = (Arc::clone(self), Arc::clone(slot));
        let work = Arc::clone(self);
        work.work.spawn(async move {
            instance.over().await;
            slot.state().serving.retain(|other| !Arc::ptr_eq(other, &instance));
            agent.retire(&unit, vec![instance], SHORT_DRAIN).await;
        });
    }
}
