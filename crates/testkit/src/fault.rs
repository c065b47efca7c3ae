//! What a driver can do wrong, and to which step.

use std::sync::Mutex;

use appia_plan::{Direction, ObjectId};

/// What goes wrong when a step is taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fault {
    /// So many tries fail and might pass later, before any effect.
    Transient(u32),
    /// So many tries fail and might pass later, although the effect is there.
    TransientAfter(u32),
    /// It fails for good, before any effect.
    Permanent,
    /// It fails for good, half way.
    PermanentAmid,
    /// It fails for good, although the effect is there.
    PermanentAfter,
    /// So many times it says that it goes on elsewhere, then it is there.
    Pending(u32),
    /// It never answers.
    Hang,
    /// The driver itself breaks.
    Panic,
}

impl Fault {
    /// Each kind, in a strength that the engine outlives without giving up, or else never.
    pub const EACH: [Fault; 10] = [
        Fault::Transient(2),
        Fault::TransientAfter(2),
        Fault::Transient(u32::MAX),
        Fault::Permanent,
        Fault::PermanentAmid,
        Fault::PermanentAfter,
        Fault::Pending(3),
        Fault::Pending(u32::MAX),
        Fault::Hang,
        Fault::Panic,
    ];

    /// True when the step is taken in the end.
    pub fn passes(self) -> bool {
        match self {
            Fault::Transient(times) | Fault::TransientAfter(times) | Fault::Pending(times) => times < 5,
            Fault::Permanent | Fault::PermanentAmid | Fault::PermanentAfter | Fault::Hang | Fault::Panic => {
                false
            }
        }
    }

    /// What is left of it after one try.
    fn worn(self) -> Option<Fault> {
        let less = |times: u32| if times == u32::MAX { Some(times) } else { times.checked_sub(1) };
        match self {
            Fault::Transient(times) => less(times).filter(|left| *left > 0).map(Fault::Transient),
            Fault::TransientAfter(times) => less(times).filter(|left| *left > 0).map(Fault::TransientAfter),
            Fault::Pending(times) => less(times).filter(|left| *left > 0).map(Fault::Pending),
            Fault::Permanent | Fault::PermanentAmid | Fault::PermanentAfter | Fault::Hang | Fault::Panic => {
                Some(self)
            }
        }
    }
}

/// Which steps go wrong, and how.
#[derive(Debug, Default)]
pub struct Faults(Mutex<Vec<(ObjectId, Direction, Fault)>>);

impl Faults {
    /// A step on this object shall go wrong.
    pub fn add(&self, object: &ObjectId, direction: Direction, fault: Fault) {
        self.0.lock().expect("nobody panics with it").push((object.clone(), direction, fault));
    }

    /// Nothing goes wrong any more.
    pub fn clear(&self) {
        self.0.lock().expect("nobody panics with it").clear();
    }

    /// What goes wrong this time.
    pub(crate) fn meet(&self, object: &ObjectId, direction: Direction) -> Option<Fault> {
        let mut faults = self.0.lock().expect("nobody panics with it");
        let at = faults.iter().position(|(of, when, _)| of == object && *when == direction)?;
        let (of, when, fault) = faults.swap_remove(at);
        if let Some(worn) = fault.worn() {
            faults.push((of, when, worn));
        }
        Some(fault)
    }
}
