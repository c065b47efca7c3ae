//! The same intent on several targets, side by side.

use serde::{Deserialize, Serialize};

use super::Outcome;

/// The same intent on several targets.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Comparison {
    /// In the order in which they were asked for.
    pub targets: Vec<ComparedTarget>,
}

/// What an intent becomes on one target.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ComparedTarget {
    /// The target.
    pub target: String,
    /// Where it would go; null: the target has no regions.
    pub region: Option<String>,
    /// Null: not priced.
    pub monthly_usd: Option<String>,
    /// Null: not counted.
    pub monthly_kg_co2e: Option<f64>,
    /// Each promise and what becomes of it; empty when there is no plan.
    pub outcomes: Vec<Outcome>,
    /// What the target cannot do.
    pub missing: Vec<String>,
}
