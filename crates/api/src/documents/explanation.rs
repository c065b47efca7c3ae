//! Why a value of a plan is what it is.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::Origin;

/// Why a value is what it is.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Explanation {
    /// What was asked for.
    pub address: String,
    /// Its value.
    pub value: Value,
    /// Nearest reason first.
    pub because: Vec<Reason>,
    /// What was not taken.
    pub alternatives: Vec<Alternative>,
}

/// One reason.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Reason {
    /// Which rule decided.
    pub rule: String,
    /// One sentence.
    pub text: String,
    /// What it was computed from.
    pub inputs: Vec<ReasonInput>,
}

/// Something a value was computed from.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ReasonInput {
    /// Its address.
    pub name: String,
    /// Its value.
    pub value: Value,
    /// `stated measured default table computed`.
    pub origin: Origin,
    /// Where it was stated.
    pub file: Option<String>,
    /// 1-based.
    pub line: Option<u32>,
    /// The source of a default or table row.
    pub source: Option<String>,
    /// The day of a measurement or table.
    pub as_of: Option<String>,
}

/// What was considered and not taken.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Alternative {
    /// The value it would have been.
    pub value: Value,
    /// Its price; null: not priced.
    pub monthly_usd: Option<String>,
    /// Why it was not taken.
    pub rejected: String,
}
