//! The compiler: an Intent in, a Plan out, through ordered passes.
//!
//! [`compile`] is called by every verb that needs a plan. It is pure: the same intent, inputs and target give the same
//! bytes on every machine. What is wrong with the intent goes to the list of diagnostics, and the passes go on to find
//! the rest. Start reading at [`mod@pipeline`].

mod assemble;
pub mod availability;
mod carbon;
mod check;
pub mod measure;
mod meter;
pub mod pipeline;
mod price;
pub mod prove;
pub mod queueing;
mod releases;
mod resolve;
mod size;

pub use check::{Nonsense, check};
pub use pipeline::{CompileError, Request, compile, export, find_more};
