//! The control plane: it decides, the agent runs things.
//!
//! [`serve`] is one process a home, started by the command line when a verb needs it. `http/` is thin, `app/` holds the
//! use cases, `tasks/` what goes on by itself. When this process ends, whatever runs goes on, and the next one adopts
//! it. Start reading at [`serve`], then `app/changes.rs` and `app/operations.rs`.

mod app;
mod error;
mod http;
mod listen;
pub mod offline;
mod platform;
mod redact;
mod serve;
mod tasks;
mod token;
pub mod wire;

pub use app::changes::first_changes;
pub use error::ServerError;
pub use serve::{AnotherServer, log_to, serve};
