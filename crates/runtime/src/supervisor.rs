//! Keeps programs running: start order, probes, restarts with back-off, stopping, limits, exit reasons.
//!
//! The agent makes an [`instance::Instance`] of a [`spec::WorkloadSpec`] and watches its status; each of its containers is a
//! task ([`container`]) over one process ([`process`]), which a shim holds. Nothing here knows plans, gateways or where
//! its orders come from. Start reading at [`instance::Instance::start`].

pub(crate) mod backoff;
pub(crate) mod container;
pub(crate) mod crontab;
pub(crate) mod instance;
pub(crate) mod instance_folders;
pub(crate) mod ports;
pub(crate) mod probe;
pub(crate) mod process;
pub(crate) mod program_folder;
pub(crate) mod spec;
pub(crate) mod usage;
