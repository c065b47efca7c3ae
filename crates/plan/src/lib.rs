//! The Plan: exactly how, complete, with a reason for every number; and the traits that others fulfil.
//!
//! `compile` makes a [`Plan`] through the phases in [`phase`]; a [`Target`] lowers it to [`Object`]s; [`diff`] holds
//! it against what is [`Observed`]; the engine takes the resulting [`Step`]s through a [`Driver`], writing each to a
//! [`Journal`] first. Nothing here does I/O or decides anything at random, and no target is known but for the shapes in
//! [`local`], which the local target and the runtime share because neither may know the other.
//! Start reading at [`Plan`], then [`Derived`], then [`Step`].

mod body;
mod canonical;
mod capacity;
mod changes;
mod day;
mod desired;
mod driver;
mod emissions;
mod event;
pub mod exchange;
mod explain;
mod journal;
pub mod local;
pub mod measured;
pub mod model;
mod object;
pub mod phase;
mod plan;
mod price;
mod rate;
mod reason;
pub mod seal;
mod secrets;
mod step;
mod target;

pub use body::BodyText;
pub use canonical::{Digest, canonical_json};
pub use capacity::{Capacity, Class, Discipline, Failures, Form, Managed, Region, Runner, Server, Size};
pub use changes::{Changes, Compare, diff};
pub use day::{BadDay, Day};
pub use driver::{
    Driver, DriverError, Lease, ObjectState, Observed, ObservedObject, Owner, Progress, Similarity, Taken,
};
pub use emissions::{Emissions, Footprint, Hardware, Machine, TIB_HOURS_A_GIB_MONTH};
pub use event::{Actor, ActorKind, Event, EventFact, Scope};
pub use explain::{ExplainError, Explanation, explain};
pub use journal::{
    Journal, JournalError, OpenOperation, Operation, OperationKind, OperationResult, StepRecord,
};
pub use object::{Object, ObjectId, Retention};
pub use plan::{ArtifactId, InputFile, Inputs, Node, OutcomeResult, PLAN_FORMAT, Plan, Release, Verdict};
pub use price::{Bill, Charge, HOURS_A_MONTH, Line, Price, Prices, Unpriced, cents};
pub use rate::{Bought, Per, Rate};
pub use reason::{Alternative, Derived, Input, Origin, Reason, ReasonId, Reasons};
pub use secrets::{SecretError, Secrets};
pub use step::{DataFate, Direction, OperationId, Step, StepKey, Undo, Verb};
pub use target::{
    Fact, Facts, NameRule, Offering, Outline, Output, ParamKind, ParamSpec, Provides, RenderedFiles, Target,
    Usage, Use,
};
