//! Test-only: a simulated world, a journal in memory, faults and crashes on demand, golden files, temporary homes.
//!
//! A [`Trial`] runs one [`Scenario`] of the engine in a [`SimulatedWorld`] with a [`MemoryJournal`], makes things go wrong
//! as told, and then checks what must hold whatever went wrong. Every call that may be cut short passes a moment of
//! [`Moments`], so a test can stop the engine at each of them. Nothing here reads a clock or the network.
//! Start reading at [`Trial`]; [`golden`], [`temp_home`] and [`did_not_run`] are for everybody's tests.

#![expect(
    clippy::panic,
    clippy::expect_used,
    reason = "a broken expectation of test code has to fail the test on the spot"
)]

mod chance;
mod fault;
mod golden;
mod home;
mod journal;
mod missing;
mod moments;
mod scenario;
mod trial;
mod world;

pub use chance::Chance;
pub use fault::{Fault, Faults};
pub use golden::golden;
pub use home::{TempHome, temp_home};
pub use journal::{MemoryJournal, WriteFault};
pub use missing::did_not_run;
pub use moments::Moments;
pub use scenario::{Scenario, owner};
pub use trial::{Trial, quick_settings};
pub use world::{Effect, EffectKind, SimulatedWorld, Thing};
