//! The application between two passes of the compiler. Each pass takes one type and returns the next, so nothing can
//! read a number before it exists: Intent → [`ResolvedApp`] → [`SizedApp`] → [`LoweredApp`] → [`PricedApp`] →
//! [`CountedApp`] → [`crate::Plan`].

use std::collections::BTreeMap;

use appia_intent::units::{Bytes, Cpu};
use appia_intent::{
    Address, AppName, Constraints, ContainerName, EnvironmentName, Outcomes, Resource, ResourceName,
    TeamName, Workload, WorkloadName,
};

use serde_json::Value;

use crate::model::{Carbon, Cost, Infeasible, Model};
use crate::{ArtifactId, Derived, Inputs, Object, Offering, OutcomeResult, Reasons, Usage};

/// What every phase carries.
#[derive(Debug, Clone)]
pub struct Frame {
    /// The application.
    pub app: AppName,
    /// Its owner.
    pub owner: Option<TeamName>,
    /// The environment it is planned for.
    pub environment: EnvironmentName,
    /// The target's name.
    pub target: &'static str,
    /// What it promises.
    pub outcomes: Outcomes,
    /// What it has to keep.
    pub constraints: Constraints,
    /// The files and artefacts it is compiled from.
    pub inputs: Inputs,
    /// Why each value is what it is.
    pub reasons: Reasons,
}

/// Every workload and resource is bound to an offering, and every reference names something.
#[derive(Debug, Clone)]
pub struct ResolvedApp {
    /// What every phase carries.
    pub frame: Frame,
    /// What runs.
    pub workloads: BTreeMap<WorkloadName, ResolvedWorkload>,
    /// What it needs.
    pub resources: BTreeMap<ResourceName, ResolvedResource>,
}

/// A workload with the offering that runs it.
#[derive(Debug, Clone)]
pub struct ResolvedWorkload {
    /// As stated.
    pub stated: Workload,
    /// The offering's name, and why this one.
    pub offering: Derived<String>,
    /// Workloads and resources it depends on: by calls, uses, placeholders and volumes.
    pub needs: Vec<Address>,
}

/// A resource with the offering that provides it.
#[derive(Debug, Clone)]
pub struct ResolvedResource {
    /// As stated.
    pub stated: Resource,
    /// The offering, and why this one.
    pub offering: Derived<String>,
    /// What the offering is.
    pub offered: Offering,
    /// Resources its parameters refer to.
    pub needs: Vec<Address>,
}

/// Every workload and resource has its numbers.
#[derive(Debug, Clone)]
pub struct SizedApp {
    /// What every phase carries.
    pub frame: Frame,
    /// What runs.
    pub workloads: BTreeMap<WorkloadName, SizedWorkload>,
    /// What it needs.
    pub resources: BTreeMap<ResourceName, SizedResource>,
    /// The region it goes to; none: the target has no regions.
    pub region: Option<Derived<String>>,
    /// Losing a zone has to be possible.
    pub spread: bool,
    /// What follows from its outcomes; none when they ask for no numbers.
    pub promise: Option<Promise>,
}

/// What follows from outcomes: numbers beside those that are stated, and whether every promise is kept.
#[derive(Debug, Clone)]
pub struct Promise {
    /// More values of nodes, by address: load, utilisation, response times, availability.
    pub values: BTreeMap<Address, Vec<(&'static str, Derived<Value>)>>,
    /// Each promise and what becomes of it.
    pub outcomes: Vec<OutcomeResult>,
    /// What requests come to, for prices by use.
    pub usage: Usage,
    /// What sizing took it to cost, in millionths of a USD a month.
    pub micro_usd: u128,
    /// What sizing took it to emit, in kilograms a month; none: it did not ask.
    pub carbon_kg: Option<f64>,
    /// Why outcomes cannot be met.
    pub infeasible: Option<Infeasible>,
    /// What all of that was computed from.
    pub model: Model,
}

/// A workload with its numbers.
#[derive(Debug, Clone)]
pub struct SizedWorkload {
    /// As resolved.
    pub resolved: ResolvedWorkload,
    /// How many run; at most, where they come and go with the load.
    pub replicas: Derived<u32>,
    /// How far they come and go with the load; none: always as many.
    pub scale: Option<Scale>,
    /// The target's name of what each is given; none: it has no names, or the kind does not run all the time.
    pub size: Option<Derived<String>>,
    /// What each container gets.
    pub containers: BTreeMap<ContainerName, SizedContainer>,
}

/// How far replicas come and go with the load.
#[derive(Debug, Clone)]
pub struct Scale {
    /// The fewest.
    pub floor: Derived<u32>,
    /// The use of the processors that they are given, in hundredths, at which there are more.
    pub busy_percent: u32,
}

/// What a container gets.
#[derive(Debug, Clone)]
pub struct SizedContainer {
    /// Processor share it is given.
    pub cpu: Derived<Cpu>,
    /// Most processor share it may take; none: no limit.
    pub cpu_limit: Option<Derived<Cpu>>,
    /// Memory it is given.
    pub memory: Derived<Bytes>,
    /// Most memory it may take.
    pub memory_limit: Derived<Bytes>,
    /// For a build: what it makes, by content; not known when planned without its files.
    pub artifact: Option<ArtifactId>,
}

/// A resource with its numbers.
#[derive(Debug, Clone)]
pub struct SizedResource {
    /// As resolved.
    pub resolved: ResolvedResource,
    /// Its parameters, stated or default.
    pub values: BTreeMap<String, Derived<Value>>,
    /// What it is, where outcomes ask for numbers; the target's own default otherwise.
    pub size: Option<SizedServer>,
}

/// What a resource that requests wait for is.
#[derive(Debug, Clone)]
pub struct SizedServer {
    /// The target's name of its class; empty: it has none.
    pub class: Derived<String>,
    /// A second one stands by and takes over.
    pub standby: bool,
    /// Processor share.
    pub cpu: Derived<Cpu>,
    /// Memory.
    pub memory: Derived<Bytes>,
}

/// The target's objects are known, complete, not yet text.
#[derive(Debug, Clone)]
pub struct LoweredApp {
    /// As sized.
    pub sized: SizedApp,
    /// What the target makes.
    pub objects: Vec<Object>,
}

/// The target's objects are counted.
#[derive(Debug, Clone)]
pub struct PricedApp {
    /// As lowered.
    pub lowered: LoweredApp,
    /// What they cost; none when outcomes ask for no numbers.
    pub cost: Option<Cost>,
}

/// What its objects emit is known.
#[derive(Debug, Clone)]
pub struct CountedApp {
    /// As priced.
    pub priced: PricedApp,
    /// What they emit; none where nobody knows, or when outcomes ask for no numbers.
    pub carbon: Option<Carbon>,
    /// By workload and resource, each with its reason.
    pub values: BTreeMap<Address, Vec<(&'static str, Derived<Value>)>>,
}
