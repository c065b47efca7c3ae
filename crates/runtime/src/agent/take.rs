//! Taking one step on one object. Every step may be repeated; an older lease is refused.
//!
//! What a step does to each kind of object is in the file of its name: `rollout.rs` for workloads, `postgres.rs`,
//! `redis.rs`, `volume.rs`, `delete.rs`.

use std::collections::BTreeMap;
use std::sync::Arc;

use appia_plan::{Object, ObservedObject};

use super::Agent;
use super::instances::{SHORT_DRAIN, unit_name};
use super::protocol::{Action, Content, Failure, Order};
use super::record::{Record, Standing};
use super::serve::Say;
use super::slot::Slot;

impl Agent {
    /// Takes a step; `None` when nothing is there afterwards.
    pub(super) async fn take(
        self: &Arc<Self>,
        order: Order,
        say: &Say,
    ) -> Result<Option<ObservedObject>, Failure> {
        let folder = self.home.owner_folder(&order.owner);
        self.fences.pass(&order.owner, &folder, order.fencing_token)?;
        loop {
            let slot = match &order.action {
                Action::Put { .. } | Action::Reserve { .. } => self.find_or_make(&order.owner, &order.object),
                Action::Pause | Action::Resume => self
                    .find(&order.owner, &order.object)
                    .ok_or_else(|| Failure::permanent(format!("`{}` is not there", order.object)))?,
                Action::Delete(_) => match self.find(&order.owner, &order.object) {
                    Some(slot) => slot,
                    None => return Ok(None),
                },
            };
            let _turn = slot.turn.lock().await;
            let still = self.find(&order.owner, &order.object);
            if still.is_some_and(|still| Arc::ptr_eq(&still, &slot)) {
                self.fences.pass(&order.owner, &folder, order.fencing_token)?;
                slot.want();
                return self.act(&slot, order.action, say).await;
            }
        }
    }

    async fn act(
        self: &Arc<Self>,
        slot: &Arc<Slot>,
        action: Action,
        say: &Say,
    ) -> Result<Option<ObservedObject>, Failure> {
        match action {
            Action::Put { desired, content } => self.put(slot, desired, *content, say).await?,
            Action::Reserve { ports } => {
                self.reserve(slot, &ports)?;
                let outputs = endpoint_outputs(&slot.record(), None);
                slot.state().record.outputs.extend(outputs);
            }
            Action::Pause => self.pause(slot).await?,
            Action::Resume => self.go_on(slot, say).await?,
            Action::Delete(data) => return self.delete(slot, data).await,
        }
        Ok(Some(self.observe(slot)))
    }

    async fn put(
        self: &Arc<Self>,
        slot: &Arc<Slot>,
        desired: Object,
        content: Content,
        say: &Say,
    ) -> Result<(), Failure> {
        let names: Vec<_> = match &content {
            Content::Workload(spec) => spec.ports.keys().cloned().collect(),
            Content::Plain(_) | Content::Volume | Content::Postgres(_) | Content::Redis(_) => Vec::new(),
        };
        self.reserve(slot, &names)?;
        if slot.record().applied.is_none() && names.is_empty() {
            let record_folder = self.record_folder(&slot.record().owner);
            record_folder.begin(&slot.record()).map_err(Failure::system("the record cannot be kept"))?;
        }
        let ready =
            |record: Record| Record { applied: Some(desired.clone()), standing: Standing::Ready, ..record };
        match content {
            Content::Plain(outputs) => {
                self.check_hosts(&desired, &slot.record())?;
                self.commit(slot, Record { outputs, ..ready(slot.record()) }).await
            }
            Content::Volume => self.put_volume(slot, ready(slot.record())).await,
            Content::Postgres(postgres) => {
                self.put_postgres(slot, ready(slot.record()), &postgres, say).await
            }
            Content::Redis(redis) => self.put_redis(slot, ready(slot.record()), &redis, say).await,
            Content::Workload(spec) => {
                let record = slot.record();
                let outputs = endpoint_outputs(&record, spec.main_port().map(|(name, _)| name.as_str()));
                let before = self.roll_out(slot, spec, Record { outputs, ..ready(record) }, say).await?;
                self.fall_back_on_crashes(slot, before);
                Ok(())
            }
        }
    }

    async fn pause(&self, slot: &Slot) -> Result<(), Failure> {
        let record = Record { standing: Standing::Paused, ..slot.record() };
        let unit = unit_name(&record.id);
        self.commit(slot, record).await?;
        let old = {
            let mut state = slot.state();
            state.clock = None;
            std::mem::take(&mut state.serving)
        };
        self.retire(&unit, old, SHORT_DRAIN).await;
        Ok(())
    }

    async fn go_on(self: &Arc<Self>, slot: &Arc<Slot>, say: &Say) -> Result<(), Failure> {
        let record = slot.record();
        if record.standing != Standing::Paused {
            return Ok(());
        }
        let next = Record { standing: Standing::Ready, ..record.clone() };
        match &record.generation {
            None => self.commit(slot, next).await,
            Some(generation) => {
                let opened =
                    self.record_folder(&record.owner).open(&self.key, &unit_name(&record.id), generation);
                let spec = opened.map_err(Failure::system("what it runs cannot be opened"))?;
                self.roll_out(slot, spec, next, say).await.map(drop)
            }
        }
    }
}

/// `url host port` of the main port, and `ports.NAME.*` of each.
fn endpoint_outputs(record: &Record, main: Option<&str>) -> BTreeMap<String, String> {
    let mut outputs = BTreeMap::new();
    let main = main.or_else(|| record.endpoints.keys().next().map(|name| name.as_str()));
    for (name, port) in &record.endpoints {
        let of_main = if main == Some(name.as_str()) { Some(String::new()) } else { None };
        for prefix in [Some(format!("ports.{name}.")), of_main].into_iter().flatten() {
            outputs.insert(format!("{prefix}url"), format!("http://127.0.0.1:{port}"));
            outputs.insert(format!("{prefix}host"), "127.0.0.1".to_owned());
            outputs.insert(format!("{prefix}port"), port.to_string());
        }
    }
    outputs
}
