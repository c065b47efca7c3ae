//! Deleting an object, and keeping or deleting the data that it holds.

use appia_plan::{DataFate, ObservedObject, Retention, local};

use super::Agent;
use super::instances::{SHORT_DRAIN, unit_name};
use super::protocol::Failure;
use super::record::{Record, Standing};
use super::slot::Slot;
use crate::durable;

impl Agent {
    /// What holds data is kept unless the data's own deletion is asked for.
    pub(super) async fn delete(
        &self,
        slot: &Slot,
        data: DataFate,
    ) -> Result<Option<ObservedObject>, Failure> {
        let record = slot.record();
        let unit = unit_name(&record.id);
        let holds_data = match &record.applied {
            Some(object) => object.retention == Retention::Data,
            // Half made, so that nothing was written of it but its kind: rather too much is kept than too little.
            None => [local::kind::POSTGRES, local::kind::REDIS, local::kind::VOLUME]
                .contains(&record.id.kind.as_str()),
        };
        let keeps = holds_data && data == DataFate::Kept;
        let standing = if keeps { Standing::Retained } else { Standing::Partial };
        self.commit(slot, Record { standing, generation: None, ..record.clone() }).await?;
        let old = {
            let mut state = slot.state();
            state.clock = None;
            state.spec = None;
            std::mem::take(&mut state.serving)
        };
        self.retire(&unit, old, SHORT_DRAIN).await;
        let record_folder = self.record_folder(&record.owner);
        let failed = Failure::system("it cannot be removed");
        record_folder.keep_only(&unit, None).map_err(&failed)?;
        if keeps {
            return Ok(Some(self.observe(slot)));
        }
        let folder = self.home.owner_folder(&record.owner);
        for leftover in ["logs", "data"] {
            durable::remove(&folder.join(leftover).join(&unit)).map_err(&failed)?;
        }
        if record.id.kind == local::kind::VOLUME {
            durable::remove(&self.volume_folder(&record)).map_err(&failed)?;
        }
        record_folder.remove(&record.id).map_err(&failed)?;
        self.forget(&record.owner, &record.id);
        self.apply_ingress().await?;
        Ok(None)
    }
}
