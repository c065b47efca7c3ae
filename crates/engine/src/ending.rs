//! What became of an operation, in words that can be shown to people.

use std::fmt;

use appia_intent::Address;
use appia_plan::{DriverError, JournalError, ObjectId, OperationResult, Step, Verb};

/// What became of an operation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Ending {
    /// The world is as planned.
    Done,
    /// It failed and what it did was taken back.
    Undone {
        /// Why it failed.
        failure: Failure,
        /// What it made and left on purpose: it harms nobody, and the next try uses it.
        kept: Vec<ObjectId>,
    },
    /// It failed and something could not be taken back.
    Stuck {
        /// Why it failed.
        failure: Failure,
        /// What is not as it was before.
        left: Vec<Left>,
    },
    /// The journal (or the driver, on taking over) could not be reached: nothing more was done, the operation is open,
    /// and [`crate::Engine::recover`] finishes it.
    Open {
        /// Why, in one line.
        reason: String,
    },
    /// Somebody newer has taken over this environment and finishes the operation.
    Superseded {
        /// Their fencing token.
        newer: u64,
    },
}

impl Ending {
    /// What the journal keeps of it; `None` when the operation is still open.
    pub fn result(&self) -> Option<OperationResult> {
        match self {
            Ending::Done => Some(OperationResult::Done),
            Ending::Undone { failure, .. } => Some(OperationResult::Undone { reason: failure.to_string() }),
            Ending::Stuck { failure, left } => {
                let left: Vec<String> = left.iter().map(Left::to_string).collect();
                Some(OperationResult::Stuck { reason: format!("{failure}; left: {}", left.join(", ")) })
            }
            Ending::Open { .. } | Ending::Superseded { .. } => None,
        }
    }

    /// Why it failed, when it did.
    pub fn failure(&self) -> Option<&Failure> {
        match self {
            Ending::Undone { failure, .. } | Ending::Stuck { failure, .. } => Some(failure),
            Ending::Done | Ending::Open { .. } | Ending::Superseded { .. } => None,
        }
    }
}

/// Why an operation failed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Failure {
    /// A step could not be taken.
    Step(Box<StepFailure>),
    /// A person asked for it.
    Interrupted,
    /// It failed before a crash; taking back had begun, and the journal does not keep why.
    BeforeCrash,
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Failure::Step(step) => step.fmt(f),
            Failure::Interrupted => f.write_str("interrupted"),
            Failure::BeforeCrash => f.write_str("it failed before a crash"),
        }
    }
}

/// A step that could not be taken, in its driver's words.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StepFailure {
    /// The node of the plan that asked for the step.
    pub address: Address,
    /// Its object.
    pub object: ObjectId,
    /// What was to be done.
    pub verb: Verb,
    /// What happened.
    pub message: String,
    /// The last lines of a log, a tool's own words.
    pub detail: Vec<String>,
    /// Ways out.
    pub help: Vec<String>,
}

impl StepFailure {
    pub(crate) fn new(step: &Step, message: impl Into<String>) -> StepFailure {
        StepFailure {
            address: step.address.clone(),
            object: step.object.clone(),
            verb: step.verb,
            message: message.into(),
            detail: Vec::new(),
            help: Vec::new(),
        }
    }
}

/// ``cannot create `workloads.api` (workload/api): ...``
impl fmt::Display for StepFailure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "cannot {} `{}` ({}): {}", self.verb.as_str(), self.address, self.object, self.message)
    }
}

/// Something that is not as it was before, after an operation that failed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Left {
    /// The node of the plan it belongs to.
    pub address: Address,
    /// Which object.
    pub object: ObjectId,
    /// Why it is left, for people.
    pub why: String,
}

impl Left {
    pub(crate) fn new(step: &Step, why: impl Into<String>) -> Left {
        Left { address: step.address.clone(), object: step.object.clone(), why: why.into() }
    }
}

/// ``workload/api (it does not stop)``
impl fmt::Display for Left {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} ({})", self.object, self.why)
    }
}

/// Why a step ended otherwise than done.
#[derive(Debug)]
pub(crate) enum Halt {
    /// It was waiting, and the operation ends early.
    BrokenOff,
    /// It could not be taken.
    Failed(Box<StepFailure>),
    /// The journal could not be written.
    Journal(JournalError),
    /// Somebody newer acts.
    Fenced(u64),
}

impl Halt {
    pub(crate) fn from_driver(step: &Step, error: DriverError) -> Halt {
        match error {
            DriverError::Transient { message } => Halt::Failed(Box::new(StepFailure::new(step, message))),
            DriverError::Permanent { message, detail, help } => {
                Halt::Failed(Box::new(StepFailure { detail, help, ..StepFailure::new(step, message) }))
            }
            DriverError::Fenced { newer } => Halt::Fenced(newer),
        }
    }

    /// Of several the one that says most about what may still be done; of equals the first.
    pub(crate) fn graver(self, other: Halt) -> Halt {
        if other.gravity() > self.gravity() { other } else { self }
    }

    fn gravity(&self) -> u8 {
        match self {
            Halt::BrokenOff => 0,
            Halt::Failed(_) => 1,
            Halt::Journal(_) => 2,
            Halt::Fenced(_) => 3,
        }
    }
}
