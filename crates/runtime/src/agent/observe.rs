//! How an object really is: its record, and whether what it runs is well.

use appia_plan::{ObjectState, ObservedObject};

use super::Agent;
use super::record::Standing;
use super::slot::Slot;
use crate::supervisor::container::Phase;

impl Agent {
    /// How an object really is.
    pub(super) fn observe(&self, slot: &Slot) -> ObservedObject {
        let state = slot.state();
        let record = &state.record;
        let phases = state.serving.iter().map(|instance| (instance.phase(), instance));
        let well = |phase: &Phase| matches!(phase, Phase::Healthy | Phase::Complete);
        let seen = match record.standing {
            Standing::Partial => ObjectState::Partial,
            Standing::Paused => ObjectState::Paused,
            Standing::Retained => ObjectState::Retained,
            Standing::Ready if state.trouble.is_some() => {
                ObjectState::Failed(state.trouble.clone().unwrap_or_default())
            }
            Standing::Ready => {
                let mut ill = phases.filter(|(phase, _)| !well(phase)).peekable();
                match ill.find(|(_, instance)| instance.is_hopeless()) {
                    Some((_, instance)) => ObjectState::Failed(instance.trouble()),
                    None if state.serving.iter().all(|instance| well(&instance.phase())) => {
                        ObjectState::Ready
                    }
                    None => ObjectState::Starting,
                }
            }
        };
        ObservedObject { applied: record.applied.clone(), state: seen, outputs: record.outputs.clone() }
    }
}
