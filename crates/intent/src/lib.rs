//! The Intent: what an application is and what it promises, never how.
//!
//! `sources` read files into an [`Intent`]; `compile` turns it into a plan. Every leaf knows where it was written, so
//! that each later finding can point at the line at fault. Nothing here chooses, sizes or knows a target.
//! Start reading at [`Intent`], then [`Workload`], [`Resource`] and [`Template`].

mod address;
mod name;
mod outcome;
mod ports;
mod resource;
mod secret;
mod template;
pub mod units;
mod workload;

use std::collections::BTreeMap;

pub use address::Address;
pub use name::{
    AppName, ContainerName, EnvironmentName, NameError, PortName, ResourceName, TeamName, WorkloadName,
};
pub use outcome::{
    Availability, BadAvailability, Budget, BudgetPeriod, Carbon, Compliance, Constraints, DataClass, Demand,
    Latency, Outcomes, Recovery, RegionName,
};
pub use ports::main_port;
pub use resource::{Param, ParamKey, Resource, ResourceType};
pub use secret::SecretRef;
pub use template::{Reference, Segment, Template, TemplateError};
pub use workload::{
    Balance, Build, Builder, Call, Container, Exposure, FileContent, FileMount, Limits, Port, Probe,
    ProbeCheck, Probes, Protocol, Ready, Use, VolumeMount, VolumeSource, Workload, WorkloadKind,
};

use appia_diag::Spanned;

/// What a team wants to run, for whom, and under which promises.
#[derive(Debug, Clone, PartialEq)]
pub struct Intent {
    /// The application's name.
    pub app: Spanned<AppName>,
    /// The team that owns it, when stated.
    pub owner: Option<Spanned<TeamName>>,
    /// Measurable promises.
    pub outcomes: Outcomes,
    /// Limits that any plan has to keep.
    pub constraints: Constraints,
    /// What runs.
    pub workloads: BTreeMap<WorkloadName, Workload>,
    /// What it needs.
    pub resources: BTreeMap<ResourceName, Resource>,
}
