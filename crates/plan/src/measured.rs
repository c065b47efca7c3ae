//! What was measured of an application: processor time for each request, its variability, and on what.
//!
//! `appia measure` writes it beside the intent as [`FILE`], the next plan reads it, and sizing takes it before what is
//! stated and before defaults. Nothing here measures. Start reading at [`Measured`].

use std::collections::BTreeMap;

use appia_intent::{ResourceName, WorkloadName};
use serde::{Deserialize, Serialize};

/// The name of the file beside the intent.
pub const FILE: &str = "appia.measured.json";

/// The version of the file's form.
pub const FORMAT: u32 = 1;

/// Everything that one run of `appia measure` found.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Measured {
    /// [`FORMAT`].
    pub format: u32,
    /// The application.
    pub app: String,
    /// The environment that was driven.
    pub environment: String,
    /// When it ended: RFC 3339 in UTC.
    pub measured_at: String,
    /// What it ran on.
    pub machine: Machine,
    /// What it was driven with.
    pub load: Load,
    /// What each workload does for a request that reaches it.
    pub workloads: BTreeMap<WorkloadName, MeasuredWork>,
    /// What each resource does for one use.
    pub resources: BTreeMap<ResourceName, MeasuredWork>,
}

impl Measured {
    /// The first number that cannot be, in words.
    pub fn nonsense(&self) -> Option<String> {
        let workloads = self.workloads.iter().map(|(name, work)| (name.as_str(), work));
        let resources = self.resources.iter().map(|(name, work)| (name.as_str(), work));
        let mut all = workloads.chain(resources);
        all.find_map(|(name, work)| {
            let bad = |field: &str, value: f64| format!("`{field}` of `{name}` is {value}");
            if !(work.demand_ms > 0.0 && work.demand_ms.is_finite()) {
                return Some(bad("demand_ms", work.demand_ms));
            }
            let scv = work.scv.filter(|scv| !(*scv >= 0.0 && scv.is_finite()));
            let calls = work.calls.values().find(|calls| !(**calls >= 0.0 && calls.is_finite()));
            scv.map(|scv| bad("scv", scv)).or_else(|| calls.map(|calls| bad("calls", *calls)))
        })
    }

    /// The day, as the plan shows it.
    pub fn date(&self) -> &str {
        self.measured_at.get(..10).unwrap_or(&self.measured_at)
    }
}

/// What it ran on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Machine {
    /// The processor's model.
    pub cpu: String,
    /// Processors.
    pub cores: u32,
}

/// What it was driven with.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Load {
    /// `web/`, `web/live`: workload and path.
    pub paths: Vec<String>,
    /// Where chance begins.
    pub seed: u64,
    /// Rates that rise, after an idle one.
    pub steps: Vec<LoadStep>,
}

/// A stretch of time at one rate.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct LoadStep {
    /// As scheduled.
    pub offered_rps: f64,
    /// As answered.
    pub answered_rps: f64,
    /// How long.
    pub seconds: f64,
    /// Requests that failed or were answered with 5xx.
    pub errors: u64,
    /// Whether as many were answered as came.
    pub kept_up: bool,
    /// From the moment each was due.
    pub p50_ms: f64,
    /// As [`LoadStep::p50_ms`].
    pub p95_ms: f64,
    /// As [`LoadStep::p50_ms`].
    pub p99_ms: f64,
}

/// What something does for a request.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct MeasuredWork {
    /// Which release of a workload; none for resources.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub release: Option<String>,
    /// Processor time for a request.
    pub demand_ms: f64,
    /// Standard error of the fit.
    pub demand_error_ms: f64,
    /// Thousandths of a processor that it takes without requests.
    pub idle_cpu_millis: f64,
    /// Squared coefficient of variation of its time of service; none: it could not be told.
    pub scv: Option<f64>,
    /// Requests that reached it.
    pub requests: u64,
    /// How often it called others for each request, where it is the only one that calls them.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub calls: BTreeMap<WorkloadName, f64>,
}
