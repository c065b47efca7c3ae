//! The local machine as a platform: supervisor, local resources, gateway, telemetry.
//!
//! The server makes a [`LocalDriver`] and hands it to the engine; the driver fills in what only the machine knows and
//! tells the [`agent`], a process of its own that keeps everything running and carries the traffic ([`gateway`]). A
//! [`shim`] holds each program. Nothing here reads an intent or decides what should run.
//! Start reading at `local/driver.rs`, then `agent/take.rs`, then `supervisor/instance.rs`.

pub mod agent;
pub mod damage;
mod durable;
pub mod gateway;
pub mod home;
pub mod leaks;
pub mod load;
pub mod local;
pub mod logs;
mod own_log;
pub mod packages;
pub mod peer;
mod postgres;
mod process_table;
mod program;
mod redis;
mod search;
pub mod shim;
pub mod site;
mod supervisor;
pub mod telemetry;

pub use agent::AgentClient;
pub use home::Home;
pub use leaks::leaks;
pub use local::LocalDriver;
pub use own_log::OwnLog;
pub use process_table::ProcessMark;
pub use program::Program;
