//! Who wants to hear how an operation comes along: progress on a terminal, live views, logs.

use std::time::Duration;

use appia_plan::{Direction, ObservedObject, Operation, Step};

use crate::{Ending, Failure, StepFailure};

/// Something that happened just now.
#[derive(Debug)]
pub enum Happening<'a> {
    /// The operation is in the journal and its steps are about to be taken.
    Accepted(&'a Operation),
    /// The operation was found open after a crash and is taken over.
    Resumed(&'a Operation),
    /// A step is about to be taken (or taken back).
    Began {
        /// Which. When taken back: the step as it was taken.
        step: &'a Step,
        /// Taken or taken back.
        direction: Direction,
    },
    /// The driver has something to say.
    Said {
        /// About which step.
        step: &'a Step,
        /// One line for people.
        line: &'a str,
    },
    /// A try failed and another follows.
    Retrying {
        /// Which step.
        step: &'a Step,
        /// Why the try failed.
        error: &'a str,
        /// How many tries there were.
        tries: u32,
        /// When the next one follows.
        wait: Duration,
    },
    /// A step was taken (or taken back).
    Done {
        /// Which.
        step: &'a Step,
        /// Taken or taken back.
        direction: Direction,
        /// What is there now; nothing after a deletion.
        object: Option<&'a ObservedObject>,
        /// Time since it began.
        took: Duration,
    },
    /// A step could not be taken (or taken back).
    Failed {
        /// Which.
        step: &'a Step,
        /// Taken or taken back.
        direction: Direction,
        /// Why.
        failure: &'a StepFailure,
        /// Time since it began.
        took: Duration,
    },
    /// A step was waiting and is not asked again, because the operation ends early.
    BrokenOff {
        /// Which.
        step: &'a Step,
    },
    /// What was done is now taken back.
    UndoBegan {
        /// Why.
        failure: &'a Failure,
    },
    /// The operation ended.
    Ended(&'a Ending),
}

/// Hears what happens, as it happens. Must not block.
pub trait Listener: Send + Sync {
    /// Something happened.
    fn hear(&self, happening: &Happening<'_>);
}

/// Nobody listens.
impl Listener for () {
    fn hear(&self, _: &Happening<'_>) {}
}
