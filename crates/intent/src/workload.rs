//! Workloads: what runs, in containers, on ports, with probes.

use std::collections::BTreeMap;

use appia_diag::{Span, Spanned};
use serde::{Deserialize, Serialize};

use crate::units::{Bytes, Cpu, Duration};
use crate::{ContainerName, PortName, ResourceName, Template, WorkloadName};

/// Something that runs.
#[derive(Debug, Clone, PartialEq)]
pub struct Workload {
    /// Its name in the application.
    pub name: Spanned<WorkloadName>,
    /// How it runs.
    pub kind: Spanned<WorkloadKind>,
    /// One or more programs that run side by side. Boxed: a map keeps room for eleven of what it holds.
    pub containers: BTreeMap<ContainerName, Box<Container>>,
    /// Where it listens, by name.
    pub ports: BTreeMap<PortName, Port>,
    /// Reachable from outside of the application.
    pub public: Option<Spanned<Exposure>>,
    /// Which workloads it calls, and how often for each request it serves.
    pub calls: BTreeMap<WorkloadName, Call>,
    /// How it uses resources, where stated.
    pub uses: BTreeMap<ResourceName, Use>,
    /// A stated number of replicas.
    pub replicas: Option<Spanned<u32>>,
    /// Its share of the public load, where stated.
    pub share: Option<Spanned<f64>>,
    /// What an answer has on average, where stated.
    pub payload: Option<Spanned<Bytes>>,
    /// When a `cron` runs, in crontab form.
    pub schedule: Option<Spanned<String>>,
    /// Which replica gets the next request, where stated.
    pub balance: Option<Spanned<Balance>>,
    /// How long a new release is watched beside the one before it, where stated.
    pub watch: Option<Spanned<Duration>>,
    /// Stated labels and notes, kept for targets.
    pub annotations: BTreeMap<String, String>,
}

/// Which replica gets the next request.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Balance {
    /// Each in its turn.
    RoundRobin,
    /// The one with the fewest requests in flight.
    LeastConnections,
}

impl Balance {
    /// Every way with its word in files.
    pub const ALL: &[(&str, Balance)] =
        &[("round-robin", Balance::RoundRobin), ("least-connections", Balance::LeastConnections)];
}

/// How a workload runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum WorkloadKind {
    /// Runs always and answers requests.
    Service,
    /// Runs always and takes work from somewhere.
    Worker,
    /// Runs once to completion at each deployment.
    Job,
    /// Runs to completion on a schedule.
    Cron,
    /// Runs when it is asked.
    Function,
    /// Static files.
    Site,
}

impl WorkloadKind {
    /// Every kind with its word in files.
    pub const ALL: &[(&str, WorkloadKind)] = &[
        ("service", WorkloadKind::Service),
        ("worker", WorkloadKind::Worker),
        ("job", WorkloadKind::Job),
        ("cron", WorkloadKind::Cron),
        ("function", WorkloadKind::Function),
        ("site", WorkloadKind::Site),
    ];

    /// The word in files.
    pub fn as_str(self) -> &'static str {
        match self {
            WorkloadKind::Service => "service",
            WorkloadKind::Worker => "worker",
            WorkloadKind::Job => "job",
            WorkloadKind::Cron => "cron",
            WorkloadKind::Function => "function",
            WorkloadKind::Site => "site",
        }
    }
}

/// One program of a workload.
#[derive(Debug, Clone, PartialEq)]
pub struct Container {
    /// Its name in the workload; `main` in the short form.
    pub name: Spanned<ContainerName>,
    /// A container image. Either this or `build`.
    pub image: Option<Spanned<String>>,
    /// A folder to build. Either this or `image`.
    pub build: Option<Spanned<Build>>,
    /// Replaces the program that the image or build would start.
    pub command: Option<Vec<Spanned<String>>>,
    /// Replaces its arguments.
    pub args: Option<Vec<Spanned<String>>>,
    /// Environment variables.
    pub env: BTreeMap<String, Spanned<Template>>,
    /// Files to put in place, by path.
    pub files: BTreeMap<String, Spanned<FileMount>>,
    /// Volumes to mount, by path.
    pub volumes: BTreeMap<String, Spanned<VolumeMount>>,
    /// How to tell whether it lives and whether it is ready.
    pub probes: Probes,
    /// What it asks for and what it may use at most.
    pub cpu: Limits<Cpu>,
    /// What it asks for and what it may use at most.
    pub memory: Limits<Bytes>,
    /// Threads that run requests at the same time, where stated.
    pub threads: Option<Spanned<u32>>,
    /// CPU time for one request, where stated.
    pub demand: Option<Spanned<Duration>>,
    /// Containers of this workload that start only after this one has come so far.
    pub before: BTreeMap<ContainerName, Spanned<Ready>>,
}

/// A stated request and limit.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Limits<T> {
    /// What it is given.
    pub request: Option<Spanned<T>>,
    /// The most it may take.
    pub limit: Option<Spanned<T>>,
}

impl<T> Default for Limits<T> {
    fn default() -> Self {
        Limits { request: None, limit: None }
    }
}

/// How far a container must have come before another one starts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Ready {
    /// Its process runs.
    Started,
    /// Its readiness probe passes.
    Healthy,
    /// It has ended with status 0.
    Complete,
}

/// A folder to build and how.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Build {
    /// The folder, relative to the file that names it.
    pub context: String,
    /// How; found by looking at the folder when not stated.
    pub builder: Option<Spanned<Builder>>,
    /// What to run: instead of a builder, or with `node` and `python` after their packages are installed.
    pub command: Option<Spanned<String>>,
    /// For a `command`, a site: the folder that holds the result.
    pub output: Option<Spanned<String>>,
    /// For `cargo` and `go`: which package or binary, when there are several.
    pub binary: Option<Spanned<String>>,
    /// For an image: another Dockerfile than `Dockerfile`.
    pub dockerfile: Option<Spanned<String>>,
}

/// How a folder is built.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Builder {
    /// A Rust package.
    Cargo,
    /// A Node.js package.
    Node,
    /// A Python program in its own virtual environment.
    Python,
    /// A Go module, or the tools that it names.
    Go,
    /// A Maven project, or the jars that it depends on.
    Maven,
    /// Files served as they are.
    Static,
    /// Any command.
    Command,
    /// A Dockerfile; needs a container engine.
    Dockerfile,
}

impl Builder {
    /// Every builder with its word in files.
    pub const ALL: &[(&str, Builder)] = &[
        ("cargo", Builder::Cargo),
        ("node", Builder::Node),
        ("python", Builder::Python),
        ("go", Builder::Go),
        ("maven", Builder::Maven),
        ("static", Builder::Static),
        ("command", Builder::Command),
        ("dockerfile", Builder::Dockerfile),
    ];
}

/// A port of a workload.
#[derive(Debug, Clone, PartialEq)]
pub struct Port {
    /// The port that callers use.
    pub port: Spanned<u16>,
    /// The port that the program listens on; the same unless stated.
    pub target: Option<Spanned<u16>>,
    /// What is spoken on it.
    pub protocol: Protocol,
}

/// What is spoken on a port.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Protocol {
    /// HTTP/1.1 or HTTP/2.
    Http,
    /// Any byte stream.
    Tcp,
    /// Datagrams.
    Udp,
}

impl Protocol {
    /// Every protocol with its word in files.
    pub const ALL: &[(&str, Protocol)] =
        &[("http", Protocol::Http), ("tcp", Protocol::Tcp), ("udp", Protocol::Udp)];
}

/// How a workload is reached from outside.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Exposure {
    /// Host name; the environment's own scheme when not stated.
    pub host: Option<Spanned<String>>,
    /// Path prefix; everything when not stated.
    pub path: Option<Spanned<String>>,
}

/// One workload calling another.
#[derive(Debug, Clone, PartialEq)]
pub struct Call {
    /// Calls for each request that the caller serves.
    pub visits: Spanned<f64>,
    /// The calls run at the same time, not one after the other.
    pub parallel: bool,
}

/// One workload using a resource.
#[derive(Debug, Clone, PartialEq)]
pub struct Use {
    /// Where it is written.
    pub span: Span,
    /// Uses for each request that the workload serves.
    pub visits: Option<Spanned<f64>>,
    /// Time of the resource for each use.
    pub demand: Option<Spanned<Duration>>,
}

/// A file to put in place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FileMount {
    /// Permission bits, such as 0o644.
    pub mode: Option<u32>,
    /// What is in it.
    pub content: FileContent,
}

/// What is in a mounted file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum FileContent {
    /// Text with placeholders.
    Text(Template),
    /// Bytes as they are.
    Binary(Vec<u8>),
}

/// A volume at a path.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct VolumeMount {
    /// Which volume.
    pub source: VolumeSource,
    /// A folder inside the volume.
    pub path: Option<String>,
    /// Not written to.
    pub read_only: bool,
}

/// Where a mounted volume comes from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum VolumeSource {
    /// A resource of the application.
    Resource(ResourceName),
    /// A name of the platform's own, kept as written.
    Named(String),
}

/// How to tell whether a container lives and is ready.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Probes {
    /// Not passing: it gets no requests.
    pub readiness: Option<Spanned<Probe>>,
    /// Not passing: it is restarted.
    pub liveness: Option<Spanned<Probe>>,
}

/// A check and its rhythm. What is not stated takes the target's default.
#[derive(Debug, Clone, PartialEq)]
pub struct Probe {
    /// What to do.
    pub check: ProbeCheck,
    /// Time between two checks.
    pub interval: Option<Spanned<Duration>>,
    /// Time that one check may take.
    pub timeout: Option<Spanned<Duration>>,
    /// Time that the first pass may take.
    pub start_within: Option<Spanned<Duration>>,
    /// Failures in a row until it counts as failed.
    pub failures: Option<Spanned<u32>>,
}

/// What a probe does.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ProbeCheck {
    /// A GET that answers 200 to 399.
    Http {
        /// The path.
        path: String,
        /// The container's port; the workload's first when not stated.
        port: Option<u16>,
        /// `http` or `https`.
        scheme: String,
        /// The `Host` to ask for.
        host: Option<String>,
        /// More headers.
        headers: Vec<(String, String)>,
    },
    /// A connection that is accepted.
    Tcp {
        /// The container's port; the workload's first when not stated.
        port: Option<u16>,
    },
    /// A command that ends with status 0.
    Exec {
        /// Program and arguments.
        command: Vec<String>,
    },
}
