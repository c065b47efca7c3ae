//! What a place can give, what it costs and how it fails: the catalogue that sizing chooses from.
//!
//! A target states one [`Capacity`] for each of its regions; the compiler reads it and nothing else about a place. Figures
//! are [`Fact`]s with a source, prices also have a day. Start reading at [`Capacity`].

use std::borrow::Cow;
use std::sync::Arc;

use appia_intent::WorkloadKind;
use appia_intent::units::{Bytes, Cpu, Duration};
use serde::{Deserialize, Serialize};

use crate::{Emissions, Fact, Prices, Rate};

/// What a place can give.
#[derive(Debug, Clone, PartialEq)]
pub struct Capacity {
    /// Which of the target's regions; none: it has no regions.
    pub region: Option<Region>,
    /// How workloads run.
    pub runners: Vec<Runner>,
    /// A call between two workloads, there and back.
    pub network: Fact<Duration>,
    /// How it fails; none: one machine, of which nothing is promised.
    pub failures: Option<Failures>,
    /// Resources that requests wait for.
    pub servers: Vec<Server>,
    /// What stands between people and public workloads, and may fail.
    pub entrance: Vec<Managed>,
    /// What everything costs here.
    pub prices: Prices,
    /// What it emits; none: nobody knows.
    pub emissions: Option<Emissions>,
}

impl Capacity {
    /// How workloads of a kind run; none: the target chooses nothing for that kind.
    pub fn runner(&self, kind: WorkloadKind) -> Option<&Runner> {
        self.runners.iter().find(|runner| runner.kinds.contains(&kind))
    }

    /// What is known about resources of a type.
    pub fn server(&self, kind: &str) -> Option<&Server> {
        self.servers.iter().find(|server| server.kind == kind)
    }
}

/// A region.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Region {
    /// The target's own name of it.
    pub name: Cow<'static, str>,
    /// Where it is, for people.
    pub place: Cow<'static, str>,
    /// The country, as two letters.
    pub country: Cow<'static, str>,
    /// Whose law holds there: `EU`, `US`.
    pub jurisdiction: Cow<'static, str>,
}

/// How some kinds of workloads run.
#[derive(Debug, Clone, PartialEq)]
pub struct Runner {
    /// The kinds.
    pub kinds: &'static [WorkloadKind],
    /// What one replica can be given, smallest first.
    pub sizes: Vec<Size>,
    /// What a replica costs.
    pub rates: Arc<[Rate]>,
    /// How requests are spread over replicas.
    pub discipline: Fact<Discipline>,
    /// The most replicas.
    pub most: u32,
    /// Whether there is one line before a number of replicas, or as many instances as there are requests.
    pub form: Form,
    /// What the place promises of it whatever happens to single replicas; none: nothing of its own.
    pub availability: Option<Fact<f64>>,
    /// Time from more load until one more replica answers; none: it starts none by itself.
    pub start: Option<Fact<Duration>>,
}

/// How a workload meets more requests.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Form {
    /// By a number of replicas that is chosen.
    Replicas,
    /// By an instance for each request, without anyone choosing.
    Elastic,
    /// Not at all: it runs to its end, how long is not known, and it is not priced.
    Once,
}

/// What one replica can be given.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Size {
    /// The target's own name of it; empty: it has none.
    pub name: Cow<'static, str>,
    /// Processors.
    pub cpu: Cpu,
    /// Memory, which is paid for whether used or not; none: as much as is asked for.
    pub memory: Option<Bytes>,
}

/// How requests are spread over replicas.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Discipline {
    /// To whichever is free: one line before all of them.
    Pooled,
    /// Without looking: a line before each, at an equal share of the load. Taking turns counts as this, on the safe side.
    Random,
}

/// How a place fails.
#[derive(Debug, Clone, PartialEq)]
pub struct Failures {
    /// Zones that replicas are spread over.
    pub zones: Fact<u32>,
    /// The availability of a zone.
    pub zone: Fact<f64>,
    /// Time until a zone is back.
    pub zone_repair: Fact<Duration>,
    /// Time between two failures of one replica.
    pub between: Fact<Duration>,
    /// Time until it is back.
    pub repair: Fact<Duration>,
}

/// A part that the place runs itself and promises something of.
#[derive(Debug, Clone, PartialEq)]
pub struct Managed {
    /// What it is called in the plan.
    pub name: &'static str,
    /// It stands before workloads of these kinds.
    pub kinds: &'static [WorkloadKind],
    /// Its availability, as published.
    pub availability: Fact<f64>,
    /// Time until it is back.
    pub repair: Fact<Duration>,
}

/// A resource that requests wait for.
#[derive(Debug, Clone, PartialEq)]
pub struct Server {
    /// The type of resource.
    pub kind: &'static str,
    /// What it can be, smallest first.
    pub classes: Vec<Class>,
}

/// What a resource can be.
#[derive(Debug, Clone, PartialEq)]
pub struct Class {
    /// The target's own name of it; empty: it has none.
    pub name: Cow<'static, str>,
    /// Processors that it can use all the time: of one that may burst, what it earns.
    pub cpu: Cpu,
    /// Memory.
    pub memory: Fact<Bytes>,
    /// Connections at the same time; none: not limited by its size.
    pub connections: Option<u32>,
    /// A second one stands by and takes over.
    pub standby: bool,
    /// What it costs.
    pub rates: Arc<[Rate]>,
    /// What the place promises of it, zones included; none: it lives and dies with its zone.
    pub availability: Option<Fact<f64>>,
    /// How old its data may be after its zone or its disk is gone; none: there is no other copy.
    pub recovery_point: Option<Fact<Duration>>,
    /// Time until it is back after its zone or its disk is gone; none: it never is.
    pub recovery_time: Option<Fact<Duration>>,
}
