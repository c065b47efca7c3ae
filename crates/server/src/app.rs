//! The use cases: what can be asked of the control plane, without HTTP.

pub(crate) mod applications;
pub(crate) mod backup;
pub(crate) mod changes;
pub(crate) mod collect;
pub(crate) mod doctor;
pub(crate) mod operations;
pub(crate) mod progress;
mod rollback;
pub(crate) mod status;
pub(crate) mod warnings;
