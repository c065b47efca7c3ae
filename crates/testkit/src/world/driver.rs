//! The driver of the simulated world: in two halves with moments around, so that it can be stopped half way.

use std::collections::BTreeMap;
use std::time::Duration;

use appia_plan::{
    DataFate, Direction, Driver, DriverError, Lease, Object, ObjectState, Observed, ObservedObject, Owner,
    Progress, Similarity, Step, Taken, Verb,
};
use async_trait::async_trait;

use super::{Place, SimulatedWorld, Thing};
use crate::Fault;

#[async_trait]
impl Driver for SimulatedWorld {
    async fn observe(&self, owner: &Owner) -> Result<Observed, DriverError> {
        self.answer_slowly().await;
        let mut place = self.lock();
        let objects = place.of(owner).iter().filter_map(|(id, things)| Some((id.clone(), seen(things)?)));
        Ok(Observed { objects: objects.collect() })
    }

    /// Bodies that differ in `place` need a new thing.
    fn preview(&self, desired: &Object, observed: &ObservedObject) -> Similarity {
        match &observed.applied {
            Some(applied) if applied.body == desired.body => Similarity::Same,
            Some(applied) if applied.body.to_value().get("place") != desired.body.to_value().get("place") => {
                Similarity::NeedsReplacement(vec!["place".to_owned()])
            }
            Some(_) | None => Similarity::Changed(vec!["size".to_owned()]),
        }
    }

    async fn take(&self, step: &Step, lease: &Lease, progress: &dyn Progress) -> Result<Taken, DriverError> {
        self.admit(lease)?;
        self.lock().asked.push(step.object.clone());
        self.answer_slowly().await;
        progress.say("at work");
        let fault = self.meet_fault(step, lease);
        if let Some(answer) = before_effect(fault).await {
            return answer;
        }
        self.moments.pass().await;
        self.admit(lease)?;
        self.lock().first_half(step, &lease.owner);
        self.moments.pass().await;
        if fault == Some(Fault::PermanentAmid) {
            return Err(DriverError::permanent("it broke half way"));
        }
        self.admit(lease)?;
        let object = self.lock().second_half(step, &lease.owner);
        self.moments.pass().await;
        match fault {
            Some(Fault::TransientAfter(_)) => Err(DriverError::transient("the connection broke")),
            Some(Fault::PermanentAfter) => Err(DriverError::permanent("it does not become healthy")),
            Some(_) | None => Ok(Taken::Done(object)),
        }
    }
}

impl SimulatedWorld {
    /// Refuses an older fencing token than one seen before.
    fn admit(&self, lease: &Lease) -> Result<(), DriverError> {
        let mut place = self.lock();
        let newest = place.tokens.entry(lease.owner.clone()).or_default();
        if lease.fencing_token < *newest {
            return Err(DriverError::Fenced { newer: *newest });
        }
        *newest = lease.fencing_token;
        Ok(())
    }

    fn meet_fault(&self, step: &Step, lease: &Lease) -> Option<Fault> {
        let announced = self.journal.announced(&lease.operation, &step.object);
        if announced.is_none() {
            self.lock().violations.push(format!("`{}` is touched and no record says so", step.object));
        }
        self.faults.meet(&step.object, announced.unwrap_or(Direction::Forward))
    }

    async fn answer_slowly(&self) {
        let wait = match &self.latency {
            Some(chance) => chance.lock().expect("nobody panics with it").below(6),
            None => return,
        };
        tokio::time::sleep(Duration::from_millis(wait)).await;
    }
}

/// What a faulty driver answers instead of doing anything.
async fn before_effect(fault: Option<Fault>) -> Option<Result<Taken, DriverError>> {
    match fault? {
        Fault::Transient(_) => Some(Err(DriverError::transient("it does not answer"))),
        Fault::Permanent => Some(Err(DriverError::Permanent {
            message: "no room".to_owned(),
            detail: vec!["0 of 3 places are free".to_owned()],
            help: vec!["ask for less".to_owned()],
        })),
        Fault::Pending(_) => Some(Ok(Taken::Pending("ticket".to_owned()))),
        Fault::Hang => std::future::pending().await,
        // As `panic!`, without its message in the output of a test that expects it.
        Fault::Panic => std::panic::resume_unwind(Box::new("an invariant did not hold")),
        Fault::TransientAfter(_) | Fault::PermanentAmid | Fault::PermanentAfter => None,
    }
}

fn seen(things: &[Thing]) -> Option<ObservedObject> {
    let (first, more) = things.split_first()?;
    Some(ObservedObject {
        applied: Some(first.object.clone()),
        state: if more.is_empty() { first.state.clone() } else { ObjectState::Partial },
        outputs: BTreeMap::new(),
    })
}

impl Place {
    /// What makes something new: it is there, half made.
    fn first_half(&mut self, step: &Step, owner: &Owner) {
        let Some(desired) = &step.desired else { return };
        let things = self.of(owner).get(&step.object).map_or(&[][..], Vec::as_slice);
        let is_there = match step.verb {
            Verb::Replace => things.iter().any(|thing| thing.object.body == desired.body),
            Verb::Create | Verb::Change | Verb::Adopt | Verb::Pause | Verb::Resume | Verb::Delete => {
                !things.is_empty()
            }
        };
        if !is_there {
            self.refuse_missing_needs(owner, desired);
            self.make(owner, desired, ObjectState::Partial);
        }
    }

    /// What was begun is ended, and what it replaces goes.
    fn second_half(&mut self, step: &Step, owner: &Owner) -> Option<ObservedObject> {
        match (step.verb, &step.desired) {
            (Verb::Delete, _) | (_, None) => {
                self.refuse_deleting_needed(owner, &step.object);
                self.delete(owner, &step.object, step.data == DataFate::Kept);
            }
            (Verb::Pause, Some(desired)) => self.settle(owner, desired, &ObjectState::Paused),
            (Verb::Create | Verb::Change | Verb::Replace | Verb::Adopt | Verb::Resume, Some(desired)) => {
                self.refuse_missing_needs(owner, desired);
                self.settle(owner, desired, &ObjectState::Ready);
            }
        }
        seen(self.of(owner).get(&step.object)?)
    }
}
