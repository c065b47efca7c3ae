//! The verbs, one file each: its arguments (their comments are the help), then `run`.

pub(crate) mod check;
pub(crate) mod completions;
pub(crate) mod deploy;
pub(crate) mod down;
pub(crate) mod explain;
pub(crate) mod export;
pub(crate) mod init;
pub(crate) mod internal;
pub(crate) mod leaks;
pub(crate) mod logs;
pub(crate) mod man;
pub(crate) mod plan;
pub(crate) mod rollback;
pub(crate) mod schema;
pub(crate) mod server;
pub(crate) mod status;
pub(crate) mod up;
pub(crate) mod version;
