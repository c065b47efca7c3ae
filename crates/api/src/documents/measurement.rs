//! What was measured of a running application.

use serde::{Deserialize, Serialize};
use serde_json::Value;

/// What was measured of a running application.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Measurement {
    /// The application.
    pub app: String,
    /// The environment that was driven.
    pub environment: String,
    /// When it ended.
    pub measured_at: String,
    /// `cpu`, `cores`.
    pub machine: Value,
    /// `paths[]`, `seed`, `steps[]` of `{offered_rps, answered_rps, seconds, errors, kept_up, p50_ms, p95_ms, p99_ms}`.
    pub load: Value,
    /// By name: `demand_ms`, `demand_error_ms`, `idle_cpu_millis`, `scv`, `requests`, `release`, `calls{}`.
    pub workloads: Value,
    /// By name, as of workloads.
    pub resources: Value,
    /// What should be known about it.
    pub notes: Vec<String>,
    /// Where it was written; null: nowhere.
    pub file: Option<String>,
}
