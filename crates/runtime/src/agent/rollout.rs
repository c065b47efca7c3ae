//! Making an object run something else without a gap: new instances beside the old ones, a trial, the switch, then the
//! end of the old ones. A start or a trial (`trial.rs`) that fails leaves the old ones serving.

use std::sync::Arc;

use appia_intent::WorkloadKind;

use super::Agent;
use super::instances::{DRAIN, Wanted, unit_name};
use super::protocol::Failure;
use super::record::Record;
use super::serve::Say;
use super::slot::Slot;
use super::trial::Before;
use crate::supervisor::instance::Instance;
use crate::supervisor::spec::WorkloadSpec;

impl Agent {
    /// Makes an object run `spec`, and keeps `next` as its record once it does. Gives what served before it, if it was
    /// replaced.
    pub(super) async fn roll_out(
        self: &Arc<Self>,
        slot: &Arc<Slot>,
        spec: WorkloadSpec,
        next: Record,
        say: &Say,
    ) -> Result<Option<Before>, Failure> {
        let unit = unit_name(&next.id);
        if self.runs_already(slot, &spec).await {
            let generation = slot.record().generation;
            return self.commit(slot, Record { generation, ..next }).await.map(|()| None);
        }
        let record_folder = self.record_folder(&next.owner);
        let kept = Failure::system("what should run cannot be kept");
        let generation = record_folder.seal(&self.key, &unit, &spec).map_err(kept)?;
        say.line(format!("starting {unit}"));
        let wanted = Wanted { slot, spec: &spec, generation: &generation };
        let before = Before::of(slot);
        let started = match self.start_and_try_out(&wanted, say).await {
            Ok(started) => started,
            Err(failure) => {
                let _ = record_folder.keep_only(&unit, slot.record().generation.as_deref());
                return Err(failure);
            }
        };
        let record = Record { generation: Some(generation.clone()), ..next };
        if let Err(error) = record_folder.save(&record) {
            slot.state().on_trial.clear();
            let _ = self.apply_ingress().await;
            self.remove(&started).await;
            return Err(Failure::Transient(format!("the record cannot be kept: {error}")));
        }
        let old = self.switch(slot, record, spec, started);
        if let Err(failure) = self.apply_ingress().await {
            tracing::error!(unit, ?failure, "the gateway does not follow");
        }
        self.start_clock(slot);
        say.line(format!("{unit} is ready"));
        self.retire(&unit, old, DRAIN).await;
        record_folder
            .keep_only(&unit, Some(&generation))
            .map_err(Failure::system("old specs cannot be removed"))?;
        Ok(before)
    }

    async fn start_and_try_out(&self, wanted: &Wanted<'_>, say: &Say) -> Result<Vec<Arc<Instance>>, Failure> {
        let started = self.start_beside_or_instead(wanted).await?;
        self.try_out(wanted.slot, wanted.spec, &started, say).await?;
        Ok(started)
    }

    /// From here on the new instances serve; the old ones are given back.
    fn switch(
        &self,
        slot: &Slot,
        record: Record,
        spec: WorkloadSpec,
        started: Vec<Arc<Instance>>,
    ) -> Vec<Arc<Instance>> {
        let mut state = slot.state();
        state.renew(record);
        state.spec = Some(Arc::new(spec));
        state.clock = None;
        state.on_trial.clear();
        state.fell_back = None;
        std::mem::replace(&mut state.serving, started)
    }

    /// Writes what is now so, then lets the gateway follow.
    pub(super) async fn commit(&self, slot: &Slot, record: Record) -> Result<(), Failure> {
        self.record_folder(&record.owner)
            .save(&record)
            .map_err(Failure::system("the record cannot be kept"))?;
        slot.state().renew(record);
        self.apply_ingress().await
    }

    /// Whether the same spec runs and is well, or is soon: then nothing is made twice.
    async fn runs_already(&self, slot: &Slot, spec: &WorkloadSpec) -> bool {
        let (serving, waits) = {
            let state = slot.state();
            if !state.spec.as_deref().is_some_and(|runs| is_same(runs, spec)) {
                return false;
            }
            (state.serving.clone(), spec.kind == WorkloadKind::Cron && state.clock.is_some())
        };
        let settled =
            futures::future::try_join_all(serving.iter().map(|instance| instance.settled(None))).await;
        waits || (!serving.is_empty() && settled.is_ok())
    }

    async fn start_beside_or_instead(&self, wanted: &Wanted<'_>) -> Result<Vec<Arc<Instance>>, Failure> {
        if wanted.spec.kind == WorkloadKind::Cron {
            return Ok(Vec::new());
        }
        let has_fixed_port = wanted.slot.state().serving.iter().any(|instance| instance.has_fixed_port());
        if has_fixed_port || wanted.spec.is_one_at_a_time() {
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
        self.retire(&unit_name(&record.id), old, DRAIN).await;
        let failure = match self.start_all(wanted).await {
            Ok(started) => return Ok(started),
            Err(failure) => failure,
        };
        if let (Some(spec), Some(generation)) = (before, &record.generation) {
            wanted.slot.want();
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
