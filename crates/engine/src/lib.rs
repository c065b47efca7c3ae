//! The engine: the only thing that changes the world, step by step, through a [`Driver`](appia_plan::Driver) and with
//! a [`Journal`](appia_plan::Journal) written before each effect. The server calls it; it knows no cloud, SQL or HTTP.
//!
//! # What happens to an operation
//! 1. [`Engine::apply`] checks that its steps can be ordered and writes it to the journal, which gives a lease.
//! 2. **Forward.** A step starts when the steps of what it needs are done; up to [`Settings::parallelism`] run at once.
//!    Each is written (`intend`), taken, and written again (`done`). What is `Pending` is asked again; a transient error
//!    is retried with growing waits. Deletions start only when everything else is done.
//! 3. **Failure or [`Interrupt`].** Nothing new starts; driver calls that run are waited for; then every step that began
//!    is taken back, users before what they use. What stays (by its own wish, or because it could not go) keeps what it
//!    needs. Once a deletion began that nobody can take back, nothing is taken back: all else is as planned by then, and
//!    going back would serve neither the old nor the new.
//! 4. `finish` closes the operation in the journal, and an [`Ending`] tells people what became of it.
//!
//! After a crash [`Engine::recover`] takes over what is open under a newer lease: it finishes what was accepted, or, when
//! taking back had begun, finishes that. A step that was written and not known to be done is taken again, which drivers
//! allow. When a driver says `Fenced`, somebody newer acts: the engine stops and leaves everything to them.
//!
//! Start reading at [`Engine`], then `run.rs` (forward), `undo.rs` (back) and `attempt.rs` (one step).

mod attempt;
mod ending;
mod engine;
mod graph;
mod interrupt;
mod ledger;
mod listener;
mod run;
mod settings;
mod undo;
mod walk;

pub use ending::{Ending, Failure, Left, StepFailure};
pub use engine::{Engine, EngineError};
pub use graph::OrderError;
pub use interrupt::Interrupt;
pub use listener::{Happening, Listener};
pub use settings::{Backoff, Jitter, Settings};
