//! Making an object run something else without a gap: new instances beside the old ones, the switch, then the end of
//! the old ones. A start that fails leaves the old ones serving.

use std::sync::Arc;

use appia_intent::WorkloadKind;

use super::Agent;
use super::protocol::Failure;
use super::record::Record;
use super::serve::Say;
use super::slot::Slot;
use super::units::{Wanted, unit_name};
use crate::supervisor::container::Phase;
use crate::supervisor::instance::Instance;
use crate::supervisor::spec::WorkloadSpec;

impl Agent {
    /// Makes an object run `spec`, and keeps `next` as its record once it does.
    pub(super) async fn roll_out(
        self: &Arc<Self>,
        slot: &Arc<Slot>,
        spec: WorkloadSpec,
        next: Record,
        say: &Say,
    ) -> Result<(), Failure> {
        let unit = unit_name(&next.id);
        if self.runs_already(slot, &spec) {
            let generation = slot.record().generation;
            return self.commit(slot, Record { generation, ..next }).await;
        }
        let shelf = self.shelf(&next.owner);
        let kept = Failure::system("what should run cannot be kept");
        let generation = shelf.seal(&self.key, &unit, &spec).map_err(kept)?;
        say.line(format!("starting {unit}"));
        let wanted = Wanted { slot, spec: &spec, generation: &generation };
        let started = match self.start_beside_or_instead(&wanted).await {
            Ok(started) => started,
            Err(failure) => {
                let _ = shelf.keep_only(&unit, slot.record().generation.as_deref());
                return Err(failure);
            }
        };
        let old = {
            let mut state = slot.state();
            state.spec = Some(Arc::new(spec.clone()));
            state.clock = None;
            std::mem::replace(&mut state.serving, started)
        };
        self.commit(slot, Record { generation: Some(generation.clone()), ..next }).await?;
        self.start_clock(slot);
        self.retire(&unit, old).await;
        shelf.keep_only(&unit, Some(&generation)).map_err(Failure::system("old specs cannot be removed"))
    }

    /// Writes what is now so, then lets the gateway follow.
    pub(super) async fn commit(&self, slot: &Slot, record: Record) -> Result<(), Failure> {
        self.shelf(&record.owner).save(&record).map_err(Failure::system("the record cannot be kept"))?;
        slot.state().record = record;
        self.apply_ingress().await
    }

    /// Whether the same spec runs and is well: then nothing is made twice.
    fn runs_already(&self, slot: &Slot, spec: &WorkloadSpec) -> bool {
        let state = slot.state();
        let same = state.spec.as_deref().is_some_and(|runs| is_same(runs, spec));
        let waits = spec.kind == WorkloadKind::Cron && state.clock.is_some();
        let well = |instance: &Arc<Instance>| matches!(instance.phase(), Phase::Healthy | Phase::Complete);
        same && (waits || (!state.serving.is_empty() && state.serving.iter().all(well)))
    }

    async fn start_beside_or_instead(&self, wanted: &Wanted<'_>) -> Result<Vec<Arc<Instance>>, Failure> {
        if wanted.spec.kind == WorkloadKind::Cron {
            return Ok(Vec::new());
        }
        if wanted.spec.is_one_at_a_time() {
            return self.start_instead(wanted).await;
        }
        self.start_all(wanted).await
    }

    /// The old ones hold what the new ones need (a port, a data folder): they stop first, and come back when the new
    /// ones do not start.
    async fn start_instead(&self, wanted: &Wanted<'_>) -> Result<Vec<Arc<Instance>>, Failure> {
        let (old, before) = {
            let mut state = wanted.slot.state();
            (std::mem::take(&mut state.serving), state.spec.clone())
        };
        let record = wanted.slot.record();
        self.retire(&unit_name(&record.id), old).await;
        let failure = match self.start_all(wanted).await {
            Ok(started) => return Ok(started),
            Err(failure) => failure,
        };
        if let (Some(spec), Some(generation)) = (before, &record.generation) {
            let again = Wanted { slot: wanted.slot, spec: &spec, generation };
            if let Ok(started) = self.start_all(&again).await {
                wanted.slot.state().serving = started;
                self.apply_ingress().await?;
            }
        }
        Err(failure)
    }
}

fn is_same(one: &WorkloadSpec, other: &WorkloadSpec) -> bool {
    match (serde_json::to_value(one), serde_json::to_value(other)) {
        (Ok(one), Ok(other)) => one == other,
        _ => false,
    }
}
