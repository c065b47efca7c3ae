//! The use cases: what can be asked of the control plane, without HTTP.

pub(crate) mod changes;
pub(crate) mod collect;
pub(crate) mod keeping;
pub(crate) mod operations;
pub(crate) mod status;
pub(crate) mod teller;
pub(crate) mod warnings;
