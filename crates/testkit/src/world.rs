//! A simulated place: things with an owner, a state and a serial number, so that what is made twice can be seen.
//!
//! [`SimulatedWorld`] is the driver (`world/driver.rs`); tests put things there, break it, and look at what is left.

mod driver;

use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard};

use appia_plan::{BodyText, Object, ObjectId, ObjectState, Owner, Retention};

use crate::{Chance, Faults, MemoryJournal, Moments};

/// Something that is there.
#[derive(Debug, Clone, PartialEq)]
pub struct Thing {
    /// Never used twice: two things for one object are two serials.
    pub serial: u64,
    /// As it was asked for.
    pub object: Object,
    /// How it is.
    pub state: ObjectState,
}

/// A change of the world that really happened.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Effect {
    /// To which object.
    pub object: ObjectId,
    /// What happened.
    pub kind: EffectKind,
    /// To which thing.
    pub serial: u64,
}

/// What really happened.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum EffectKind {
    /// A new thing is there.
    Made,
    /// A thing is otherwise than before.
    Changed,
    /// A thing is gone, or only its data is left.
    Deleted,
}

/// What is there by object: what it was asked to be, and its state.
pub(crate) type Snapshot = BTreeMap<ObjectId, (BodyText, ObjectState)>;

/// A simulated place and its driver.
#[derive(Debug)]
pub struct SimulatedWorld {
    place: Mutex<Place>,
    /// What goes wrong.
    pub faults: Faults,
    journal: MemoryJournal,
    moments: Moments,
    latency: Option<Mutex<Chance>>,
}

#[derive(Debug, Default)]
struct Place {
    things: BTreeMap<Owner, BTreeMap<ObjectId, Vec<Thing>>>,
    tokens: BTreeMap<Owner, u64>,
    serial: u64,
    effects: Vec<Effect>,
    asked: Vec<ObjectId>,
    violations: Vec<String>,
}

impl SimulatedWorld {
    /// An empty world that answers at once. Effects that `journal` was not told of before are violations.
    pub fn new(journal: &MemoryJournal, moments: &Moments) -> SimulatedWorld {
        SimulatedWorld {
            place: Mutex::default(),
            faults: Faults::default(),
            journal: journal.clone(),
            moments: moments.clone(),
            latency: None,
        }
    }

    /// Calls take a random time, so that steps that run at once end in any order.
    #[must_use]
    pub fn with_latency(mut self, chance: Chance) -> SimulatedWorld {
        self.latency = Some(Mutex::new(chance));
        self
    }

    /// Puts a thing there, as earlier operations left it.
    pub fn put(&self, owner: &Owner, object: &Object, state: ObjectState) {
        let mut place = self.lock();
        place.make(owner, object, state);
        place.effects.clear();
    }

    /// A thing disappears behind everybody's back.
    pub fn lose(&self, owner: &Owner, object: &ObjectId) {
        self.lock().of(owner).remove(object);
    }

    /// Everything that is there for an owner.
    pub fn things(&self, owner: &Owner) -> Vec<Thing> {
        self.lock().of(owner).values().flatten().cloned().collect()
    }

    /// What really happened since the last call.
    pub fn take_effects(&self) -> Vec<Effect> {
        std::mem::take(&mut self.lock().effects)
    }

    /// The objects of all steps it was asked to take since the last call, whether or not anything happened.
    pub fn take_asked(&self) -> Vec<ObjectId> {
        std::mem::take(&mut self.lock().asked)
    }

    /// What was asked of it that nobody should ask: effects without a record, things without what they need.
    pub fn violations(&self) -> Vec<String> {
        self.lock().violations.clone()
    }

    pub(crate) fn snapshot(&self, owner: &Owner) -> Snapshot {
        let told = |thing: Thing| (thing.object.id, (thing.object.body, thing.state));
        self.things(owner).into_iter().map(told).collect()
    }

    fn lock(&self) -> MutexGuard<'_, Place> {
        self.place.lock().expect("nobody panics with it")
    }
}

impl Place {
    fn of(&mut self, owner: &Owner) -> &mut BTreeMap<ObjectId, Vec<Thing>> {
        self.things.entry(owner.clone()).or_default()
    }

    /// A new thing, whatever is there.
    fn make(&mut self, owner: &Owner, object: &Object, state: ObjectState) {
        self.serial += 1;
        let thing = Thing { serial: self.serial, object: object.clone(), state };
        self.effects.push(Effect { object: object.id.clone(), kind: EffectKind::Made, serial: thing.serial });
        self.of(owner).entry(object.id.clone()).or_default().push(thing);
    }

    /// Of all things for one object the one that is as asked for (else the oldest) becomes so; the others go.
    fn settle(&mut self, owner: &Owner, object: &Object, state: &ObjectState) {
        let Some(mut things) = self.of(owner).remove(&object.id) else { return };
        let chosen = things.iter().position(|thing| thing.object.body == object.body).unwrap_or(0);
        let mut thing = things.swap_remove(chosen);
        let mut happened = |kind, serial| {
            self.effects.push(Effect { object: object.id.clone(), kind, serial });
        };
        if thing.object.body != object.body || thing.state != *state {
            happened(EffectKind::Changed, thing.serial);
        }
        for other in things {
            happened(EffectKind::Deleted, other.serial);
        }
        thing.object = object.clone();
        thing.state = state.clone();
        self.of(owner).insert(object.id.clone(), vec![thing]);
    }

    /// All things for one object go; with `keep_data` those that hold data leave it behind.
    fn delete(&mut self, owner: &Owner, object: &ObjectId, keep_data: bool) {
        let Some(things) = self.of(owner).remove(object) else { return };
        for mut thing in things {
            let holds = keep_data && thing.object.retention == Retention::Data;
            if thing.state != ObjectState::Retained || !holds {
                let kind = EffectKind::Deleted;
                self.effects.push(Effect { object: object.clone(), kind, serial: thing.serial });
            }
            if holds {
                thing.state = ObjectState::Retained;
                self.of(owner).entry(object.clone()).or_default().push(thing);
            }
        }
    }

    fn refuse_missing_needs(&mut self, owner: &Owner, object: &Object) {
        for need in &object.needs {
            let there = |thing: &Thing| thing.state == ObjectState::Ready;
            if !self.of(owner).get(need).is_some_and(|things| things.iter().any(there)) {
                self.violations
                    .push(format!("`{}` is made and `{need}`, which it needs, is not there", object.id));
            }
        }
    }

    fn refuse_deleting_needed(&mut self, owner: &Owner, object: &ObjectId) {
        let uses =
            |thing: &&Thing| thing.state != ObjectState::Retained && thing.object.needs.contains(object);
        let user = self.of(owner).values().flatten().find(uses).map(|thing| thing.object.id.clone());
        if let Some(user) = user {
            self.violations.push(format!("`{object}` is deleted and `{user}`, which needs it, is there"));
        }
    }
}
