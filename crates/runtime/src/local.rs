//! Between the plan and the agent: fills in what only this machine knows, and nothing else.
//!
//! The engine calls [`LocalDriver`] for every object of `targets/local`. Placeholders become hosts, ports and passwords
//! here ([`expand`]), artefacts become commands ([`workload`]); the agent gets the complete description over its socket.
//! Secrets are revealed at this one place and never kept by the driver. Start reading at `driver.rs`.

mod driver;
mod expand;
mod workload;

pub use driver::LocalDriver;
