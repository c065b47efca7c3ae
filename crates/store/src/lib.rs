//! What Appia knows and must not forget, and the only SQL of the project.
//!
//! [`Store`] fulfils `plan::Journal` and `plan::Secrets` and keeps deployments, releases, tombstones and the event log,
//! on SQLite or PostgreSQL with one SQL text. Every change goes through one writer (`writer.rs`), which puts all that
//! wait into one transaction, and is told by one event in that same transaction. The store decides nothing about the
//! world, knows no HTTP and keeps no secret but sealed.
//! Start reading at `store.rs`, then `writer.rs`, then `accept.rs`.

mod accept;
mod backup;
mod batch;
mod chain;
mod check;
mod checksums;
mod clock;
mod copies;
mod database;
mod deployments;
mod environments;
mod error;
mod events;
mod finish;
mod journal;
mod location;
mod operations;
mod redaction;
mod releases;
mod restore;
mod rows;
mod secrets;
mod snapshots;
mod steps;
mod store;
mod tombstones;
mod writer;

pub use accept::AcceptError;
pub use chain::ChainFault;
pub use check::Fault;
pub use clock::{Clock, system_clock};
pub use deployments::Deployment;
pub use environments::{Environment, EnvironmentClass};
pub use error::StoreError;
pub use events::{EventDraft, MOST_PER_PAGE};
pub use location::{Location, LocationError};
pub use operations::OperationRecord;
pub use redaction::Redaction;
pub use releases::ReleaseRecord;
pub use restore::{Forgotten, forgets, restore};
pub use snapshots::{Snapshot, faults_of_copy, snapshots};
pub use store::Store;
pub use tombstones::Tombstone;
