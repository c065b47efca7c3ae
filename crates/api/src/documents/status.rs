//! How an application is right now.

use serde::{Deserialize, Serialize};

use super::{Action, Release, State};

/// How an application is right now.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Status {
    /// The application.
    pub app: String,
    /// The environment.
    pub environment: String,
    /// What is deployed; null when nothing is.
    pub release: Option<Release>,
    /// What runs.
    pub workloads: Vec<WorkloadStatus>,
    /// What it needs.
    pub resources: Vec<ResourceStatus>,
    /// What was tried last, when it failed and nothing was done since.
    #[serde(default)]
    pub last_failure: Option<FailedOperation>,
}

/// A change that failed.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct FailedOperation {
    /// `up deploy rollback`.
    pub action: Action,
    /// The operation.
    pub operation: String,
    /// Who asked.
    pub actor: String,
    /// When it ended, RFC 3339 in UTC.
    pub at: String,
    /// What it was to deploy.
    pub release: Release,
    /// Why it failed.
    pub reason: String,
    /// Whether all is as it was before.
    pub is_taken_back: bool,
}

/// Every application of a home of which anything is there: it runs, or its data is kept.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Applications {
    /// Each environment of each, by name.
    pub applications: Vec<Application>,
}

/// One environment of an application.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Application {
    /// The application.
    pub app: String,
    /// The environment.
    pub environment: String,
    /// What is deployed; null when nothing is.
    pub release: Option<Release>,
    /// The state of what runs that is worst: `healthy starting unhealthy failed`; `stopped` when nothing runs.
    pub state: State,
    /// How many workloads.
    pub workloads: usize,
    /// How many resources.
    pub resources: usize,
    /// Loopback addresses of what is public.
    pub urls: Vec<String>,
}

/// How a workload is.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct WorkloadStatus {
    /// `workloads.api`.
    pub address: String,
    /// `starting healthy unhealthy stopped failed`.
    pub state: State,
    /// One that any program on the machine can open; null without a port.
    pub url: Option<String>,
    /// Names in the gateway.
    pub routes: Vec<String>,
    /// Over the last five minutes; null without a port.
    pub rates: Option<Rates>,
    /// Processor use, thousandths of one.
    pub cpu_millis: u64,
    /// Memory use.
    pub memory_mib: u64,
    /// Each running copy.
    pub instances: Vec<Instance>,
    /// Why it is not healthy.
    pub reason: Option<String>,
}

/// Requests over the last five minutes.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Rates {
    /// Requests a second.
    pub rps: f64,
    /// Failed requests a second.
    pub errors_per_s: f64,
    /// Median.
    pub p50_ms: f64,
    /// 95 of 100 are faster.
    pub p95_ms: f64,
    /// 99 of 100 are faster.
    pub p99_ms: f64,
}

/// One running copy of a workload.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Instance {
    /// Its name.
    pub id: String,
    /// The release it runs.
    pub release: String,
    /// `starting healthy unhealthy stopped failed`.
    pub state: State,
    /// Its process; null when there is none.
    pub pid: Option<u32>,
    /// Where it listens; null when it does not.
    pub port: Option<u16>,
    /// Since it was deployed.
    pub restarts: u32,
    /// How its last run ended, when one has: `was killed by SIGKILL`.
    #[serde(default)]
    pub last_exit: Option<String>,
    /// RFC 3339 in UTC.
    pub started: Option<String>,
}

/// How a resource is.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ResourceStatus {
    /// `resources.db`.
    pub address: String,
    /// `postgres`.
    #[serde(rename = "type")]
    pub kind: String,
    /// As it runs.
    pub version: Option<String>,
    /// `starting healthy unhealthy stopped failed`.
    pub state: State,
}
