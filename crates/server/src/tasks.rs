//! What goes on by itself.

pub(crate) mod agent;
pub(crate) mod recover;
pub(crate) mod snapshots;
