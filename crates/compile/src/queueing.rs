//! The mathematics of waiting: pure functions of numbers, each with the source of its formula.
//!
//! Called by the sizing pass. Nothing here knows a workload, a target or a unit of money; times are seconds and rates
//! are per second throughout. Transcendental functions come from `libm`, so that every machine gets the same bits.
//! Start reading at [`Queue`], then [`Journeys`].

mod complex;
mod erlang;
mod fork;
mod gamma;
mod inversion;
mod journey;
mod laws;
mod meeting;
mod queue;
mod scalability;

pub use complex::Complex;
pub use erlang::{erlang_b, erlang_c};
pub use gamma::{gamma_cdf, gamma_percentile};
pub use inversion::{percentile, tail};
pub use journey::{Journeys, Stop, Visit};
pub use laws::{little, users_to_rate};
pub use queue::{Moments, Queue};
pub use scalability::Scalability;
