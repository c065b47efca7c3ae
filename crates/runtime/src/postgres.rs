//! PostgreSQL on this machine: finding its programs, making a cluster, creating a role and its database.
//!
//! The agent runs the server under its supervisor like any program (`agent/postgres.rs`); here is what is special to
//! PostgreSQL. Nothing here starts a server. Start reading at [`programs::Programs::find`].

pub(crate) mod cluster;
pub(crate) mod database;
pub(crate) mod programs;
