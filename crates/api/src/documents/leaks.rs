//! What exists without an owner.

use serde::{Deserialize, Serialize};

/// What exists without an owner.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Leaks {
    /// Each thing.
    pub leaks: Vec<Leak>,
}

/// One thing without an owner.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Leak {
    /// What it is.
    pub what: String,
    /// Where it is.
    pub r#where: String,
    /// RFC 3339 in UTC, when known.
    pub since: Option<String>,
    /// What it costs a month; null on a machine of one's own.
    pub monthly_usd: Option<String>,
}
