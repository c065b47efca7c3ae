//! The documents that `--output json` prints, key for key as the reference says.
//!
//! Numbers carry their unit in the name; availability is a fraction; money is a decimal string; times are RFC 3339 in
//! UTC; addresses are dotted paths.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::Value;

/// Findings about input files.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Diagnostics {
    /// In the order of file, line and column.
    pub diagnostics: Vec<Diagnostic>,
}

/// One finding.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Diagnostic {
    /// `APP0012`.
    pub code: String,
    /// `error`, `warning`, `note`.
    pub severity: appia_diag::Severity,
    /// One sentence.
    pub message: String,
    /// The file as named by the person; null when it concerns no file.
    pub file: Option<String>,
    /// 1-based.
    pub line: Option<u32>,
    /// 1-based, in characters.
    pub column: Option<u32>,
    /// 1-based.
    pub end_line: Option<u32>,
    /// 1-based, after the last character.
    pub end_column: Option<u32>,
    /// Ways out.
    pub help: Vec<String>,
}

impl From<&appia_diag::Diagnostic> for Diagnostic {
    fn from(found: &appia_diag::Diagnostic) -> Diagnostic {
        let span = found.span.as_ref();
        Diagnostic {
            code: found.code.id.to_owned(),
            severity: found.severity,
            message: found.message.clone(),
            file: span.map(|span| span.file.to_string()),
            line: span.map(|span| span.start.line),
            column: span.map(|span| span.start.column),
            end_line: span.map(|span| span.end.line),
            end_column: span.map(|span| span.end.column),
            help: found.help.clone(),
        }
    }
}

/// A compiled plan, and what it would change.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Plan {
    /// Of the desired state and its inputs only.
    pub digest: String,
    /// The plan that is deployed now; null when none is, or with `--offline`.
    pub parent: Option<String>,
    /// The application.
    pub app: String,
    /// The environment.
    pub environment: String,
    /// The target.
    pub target: String,
    /// What is deployed.
    pub release: Release,
    /// What it was made from, by name.
    pub inputs: BTreeMap<String, Input>,
    /// Workloads, resources, routes and secrets.
    pub nodes: Vec<Node>,
    /// Each promise and what becomes of it.
    pub outcomes: Vec<Outcome>,
    /// Null: not priced.
    pub cost: Option<Value>,
    /// Null: not counted.
    pub carbon: Option<Value>,
    /// What guardrails found.
    pub findings: Vec<Value>,
    /// `apply`, `approve` or `deny`.
    pub verdict: String,
    /// What was found in the input files.
    pub diagnostics: Vec<Diagnostic>,
    /// Null, or why the outcomes cannot be met.
    pub infeasible: Option<Value>,
    /// Null: nothing was sized by a model.
    pub model: Option<Value>,
    /// What it would change now; null with `--offline`.
    pub changes: Option<Changes>,
}

/// A built version.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Release {
    /// The content's digest.
    pub id: String,
    /// The application's own version.
    pub version: Option<String>,
    /// The commit it was built from.
    pub commit: Option<String>,
}

/// A file or table that went into a plan.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Input {
    /// Of its bytes.
    pub digest: String,
    /// For a table: the day it was right.
    pub date: Option<String>,
}

/// One thing the plan is about.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Node {
    /// `workloads.api`.
    pub address: String,
    /// `service`, `postgres`, `route`, `secret`.
    #[serde(rename = "type")]
    pub kind: String,
    /// Addresses that come first.
    pub needs: Vec<String>,
    /// What provides it.
    pub offering: String,
    /// Its numbers and choices.
    pub values: BTreeMap<String, Value>,
    /// What the target makes of it.
    pub objects: Vec<Object>,
}

/// One thing the target makes.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Object {
    /// The target's word.
    pub kind: String,
    /// Unique among its kind.
    pub name: String,
    /// Changes when, and only when, what it shall be changes.
    pub digest: String,
}

/// A promise.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Outcome {
    /// `outcomes.latency_p95`.
    pub address: String,
    /// As stated.
    pub promised: String,
    /// As computed; null: not computed.
    pub computed: Option<String>,
    /// As a fraction of the promise.
    pub margin: Option<f64>,
    /// Whether it is kept; null: not known.
    pub met: Option<bool>,
}

/// What has to be done.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Changes {
    /// What an approval binds.
    pub digest: String,
    /// The generation they start from.
    pub base_generation: u64,
    /// Empty when the world already is as planned.
    pub steps: Vec<Step>,
    /// Addresses that stay as they are.
    pub kept: Vec<String>,
}

/// One change.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Step {
    /// The node.
    pub address: String,
    /// `create change replace adopt pause resume delete`.
    pub action: String,
    /// The object, `workload/api`.
    pub object: String,
    /// Which fields differ and how, for people.
    pub why: Vec<String>,
    /// For a deletion: its data stays.
    pub keeps_data: bool,
}

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
    pub origin: String,
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

/// A percentile as computed and as played.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct PlayedTime {
    /// The public workload.
    pub address: String,
    /// `whole` or `zone_lost`.
    pub state: String,
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
}

/// How a workload is.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct WorkloadStatus {
    /// `workloads.api`.
    pub address: String,
    /// `starting healthy unhealthy stopped failed`.
    pub state: String,
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
    pub state: String,
    /// Its process; null when there is none.
    pub pid: Option<u32>,
    /// Where it listens; null when it does not.
    pub port: Option<u16>,
    /// Since it was deployed.
    pub restarts: u32,
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
    /// `starting healthy unhealthy stopped failed retained`.
    pub state: String,
}

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

/// Which Appia this is.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Version {
    /// The release.
    pub version: String,
    /// The commit it was built from, when known.
    pub commit: Option<String>,
    /// Where plans can go.
    pub targets: Vec<String>,
    /// What is read.
    pub sources: Vec<String>,
}

/// Why a command ended without doing what was asked.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Error {
    /// The exit code.
    pub code: u8,
    /// One sentence.
    pub message: String,
    /// Ways out.
    pub help: Vec<String>,
    /// What led to it, nearest first; a tool's own words as they were.
    pub causes: Vec<String>,
}

/// One line of what happens, or of a log.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Event {
    /// RFC 3339 in UTC.
    pub at: String,
    /// What happened: `step_began`, `step_done`, `log` ...
    pub verb: String,
    /// To what.
    pub address: Option<String>,
    /// For people.
    pub message: String,
    /// How long it took.
    pub duration_ms: Option<u64>,
}

/// How a command that changes things ended.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Result {
    /// `up deploy rollback down init`.
    pub action: String,
    /// The application.
    pub app: String,
    /// The environment.
    pub environment: String,
    /// The operation; null when there was nothing to do.
    pub operation: Option<String>,
    /// The generation the environment is at.
    pub generation: u64,
    /// What is deployed.
    pub release: Option<Release>,
    /// How many steps were taken.
    pub steps: usize,
    /// Where to look: for each public workload a loopback address that any program can open.
    pub urls: BTreeMap<String, String>,
    /// The names of the same, for programs that resolve `*.localhost`.
    #[serde(default)]
    pub routes: BTreeMap<String, Vec<String>>,
    /// How to take it back, as something to type.
    pub undo: Option<String>,
    /// What a person should know all the same: another version than asked for, a program that is not well.
    #[serde(default)]
    pub warnings: Vec<String>,
}

/// What was written where.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Export {
    /// The folder.
    pub folder: String,
    /// Files in it.
    pub files: Vec<String>,
    /// What was found in the input files.
    pub diagnostics: Vec<Diagnostic>,
}

/// Whether everything that is kept is as it was written.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Doctor {
    /// `good` or `damaged`.
    pub state: String,
    /// The store's file.
    pub store: String,
    /// What is not as it was written.
    pub faults: Vec<StoreFault>,
    /// Copies that the server took of the store by itself, newest first.
    pub snapshots: Vec<Snapshot>,
    /// What was done about it; null without `--restore`, or when nothing was wrong.
    pub restored: Option<Restore>,
    /// Files of the agent that were put aside; `appia up` brings anew what they held.
    pub put_aside: Vec<String>,
}

/// Something that is not as it was written.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct StoreFault {
    /// `store` or `agent`.
    #[serde(rename = "where")]
    pub place: String,
    /// What.
    pub what: String,
}

/// A copy that the server took of the store by itself.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Snapshot {
    /// Where it is.
    pub path: String,
    /// When it was taken.
    pub taken: String,
    /// How many events the log had.
    pub events: u64,
    /// `good` or `damaged`.
    pub state: String,
}

/// A copy of the store, and where it is.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Backup {
    /// The file; its checksum is in `PATH.sha256`.
    pub path: String,
    /// Its size.
    pub bytes: u64,
    /// What has to be kept with it: without this key it does not open.
    pub key: String,
}

/// A copy of the store in the place of the store.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Restore {
    /// The copy.
    pub from: String,
    /// Where what was there before is kept; null when nothing was there.
    pub kept: Option<String>,
    /// Operations that the copy does not know; null when what was there cannot be read.
    pub lost: Option<Vec<LostOperation>>,
}

/// An operation that a copy does not know. Whatever it made is still there, and the next plan tells it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct LostOperation {
    /// Its identity.
    pub operation: String,
    /// `up deploy rollback down`.
    pub action: String,
    /// The application.
    pub app: String,
    /// The environment.
    pub environment: String,
    /// When it began.
    pub began: String,
}

/// Whether the server and the agent run.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Server {
    /// `running` or `stopped`.
    pub state: String,
    /// Its process.
    pub pid: Option<u32>,
    /// `running` or `stopped`.
    pub agent: String,
    /// The agent's process.
    pub agent_pid: Option<u32>,
    /// The folder that everything is kept in.
    pub home: String,
    /// The server's version.
    pub version: Option<String>,
    /// The address on loopback on which it answers too, to whoever shows the token.
    #[serde(default)]
    pub address: Option<String>,
}
