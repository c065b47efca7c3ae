//! What a target can give, what it costs and how it fails: the facts that sizing chooses from.
//!
//! Each target states a [`Capacity`]; the compiler reads it and nothing else about a place. Figures are [`Fact`]s with
//! a source, prices also have a day. Start reading at [`Capacity`].

use std::borrow::Cow;

use appia_intent::units::{Bytes, Cpu, Duration};
use serde::{Deserialize, Serialize};

use crate::Fact;

/// Hours in a month, as price lists count them.
pub const HOURS_A_MONTH: u64 = 730;

/// What a target can give.
#[derive(Debug, Clone, PartialEq)]
pub struct Capacity {
    /// Processor shares that one replica can be given, smallest first.
    pub sizes: Vec<Cpu>,
    /// How requests are spread over replicas.
    pub discipline: Fact<Discipline>,
    /// A call between two workloads, there and back.
    pub network: Fact<Duration>,
    /// How it fails; none: one machine, of which nothing is promised.
    pub failures: Option<Failures>,
    /// What replicas cost; none: nothing.
    pub price: Option<ReplicaPrice>,
    /// Resources that requests wait for.
    pub servers: Vec<Server>,
}

impl Capacity {
    /// What is known about resources of a type.
    pub fn server(&self, kind: &str) -> Option<&Server> {
        self.servers.iter().find(|server| server.kind == kind)
    }
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

/// What an hour of a replica costs.
#[derive(Debug, Clone, PartialEq)]
pub struct ReplicaPrice {
    /// Of one processor.
    pub cpu: Price,
    /// Of one GiB of memory.
    pub memory: Price,
}

/// A price for an hour.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Price {
    /// What is bought.
    pub sku: Cow<'static, str>,
    /// Of which there are how many: `vcpu-hour`.
    pub unit: Cow<'static, str>,
    /// Billionths of a USD.
    pub nano_usd: u64,
    /// The day it was right.
    pub as_of: Cow<'static, str>,
    /// Where it comes from.
    pub source: Cow<'static, str>,
}

/// A resource that requests wait for.
#[derive(Debug, Clone, PartialEq)]
pub struct Server {
    /// The type of resource.
    pub kind: &'static str,
    /// Processor shares that it can be given, smallest first.
    pub sizes: Vec<Cpu>,
    /// Memory for each processor, at least that of its default.
    pub memory: Fact<Bytes>,
    /// How old its data may be after its zone or its disk is gone; none: there is no other copy.
    pub recovery_point: Option<Fact<Duration>>,
    /// Time until it is back after its zone or its disk is gone; none: it never is.
    pub recovery_time: Option<Fact<Duration>>,
}
