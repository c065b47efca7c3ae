//! What came out when a plan was played.

use serde::{Deserialize, Serialize};

use super::{Outcome, PlayedState};

/// What came out when a plan was played.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Proof {
    /// The plan's digest.
    pub digest: String,
    /// The target.
    pub target: String,
    /// Where chance began.
    pub seed: u64,
    /// Requests that were counted.
    pub requests: u64,
    /// Years of failures.
    pub years: u32,
    /// For each public workload and percentile.
    pub times: Vec<PlayedTime>,
    /// Null: the place promises nothing about itself.
    pub availability: Option<PlayedShare>,
    /// The plan's promises, as it computes them.
    pub outcomes: Vec<Outcome>,
    /// Where the picture was written; null: nowhere.
    pub picture: Option<String>,
}

/// A percentile as computed and as played.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct PlayedTime {
    /// The public workload.
    pub address: String,
    /// `whole` or `zone_lost`.
    pub state: PlayedState,
    /// 95 for the 95th.
    pub percentile: f64,
    /// As the plan says; null: without end.
    pub computed_ms: Option<f64>,
    /// As played.
    pub played_ms: f64,
    /// It lies above, with 95 % confidence.
    pub low_ms: f64,
    /// It lies below, with 95 % confidence.
    pub high_ms: f64,
    /// What was computed lies inside of the interval or above it.
    pub safe: bool,
}

/// A share of time as played.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct PlayedShare {
    /// As played.
    pub played: f64,
    /// It lies above, with 95 % confidence.
    pub low: f64,
    /// It lies below, with 95 % confidence.
    pub high: f64,
}
