//! What a plan's numbers were computed from, so that a stranger can compute them again: the plan's `model`, its cost,
//! what it emits, and why outcomes cannot be met.
//!
//! Made by the sizing pass, kept in the plan, printed as it is. Times are milliseconds, rates are per second, money is
//! a decimal string of USD. Start reading at [`Model`].

use std::collections::BTreeMap;

use appia_intent::Address;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::Discipline;

/// Everything that is needed to recompute load, percentiles, availability and the choice.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Model {
    /// What the load at peak follows from: `rps`, or `users` and `think_time_s`.
    pub load: BTreeMap<String, f64>,
    /// Where load comes in.
    pub entries: Vec<Entry>,
    /// Who calls whom, callers in the order of their addresses.
    pub edges: Vec<Edge>,
    /// Where requests wait and are served; whoever is called stands before its callers.
    pub stations: Vec<Station>,
    /// What has to be there for the application to answer.
    pub blocks: Vec<Block>,
    /// What each station could have been, cheapest first.
    pub candidates: Vec<Candidate>,
    /// Where replicas come and go with the load.
    #[serde(default)]
    pub ranges: Vec<ScaleRange>,
    /// Connections that replicas keep to databases.
    #[serde(default)]
    pub pools: Vec<Pool>,
    /// What the place emits; null: nobody knows.
    #[serde(default)]
    pub emissions: Option<PlaceEmissions>,
}

/// How far replicas come and go. The floor is the least number that is no slower (mean plus two standard deviations of the
/// station's own response) at `base_rps x headroom`, with a zone lost, than the ceiling at peak.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ScaleRange {
    /// The workload.
    pub address: Address,
    /// Arrivals on average: those at peak divided by `peak_to_mean`.
    pub base_rps: f64,
    /// How much that may grow while a replica starts: `1 + (peak_to_mean - 1) x start / ramp`.
    pub headroom: f64,
    /// Time until one more replica answers.
    pub start_s: f64,
    /// Time in which the load may grow from its average to its peak.
    pub ramp_s: f64,
    /// The fewest replicas.
    pub floor: u32,
    /// The most: those that carry the peak.
    pub ceiling: u32,
    /// The use of processors at which there are more.
    pub busy_percent: u32,
    /// Replicas that the price and the carbon count, all month.
    pub counted: u32,
}

/// Connections that each replica of a workload keeps to a database: `min(wanted, its share of what is useful and of what
/// there is)`, and one at least.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Pool {
    /// The workload.
    pub from: Address,
    /// The database.
    pub to: Address,
    /// Replicas that share the load with a zone lost.
    pub replicas: u32,
    /// Connections of one of them that are busy on average at peak: queries a second times the database's mean response.
    pub busy: f64,
    /// Room for all but one moment in a hundred: `busy + 2.326 x sqrt(busy)`, rounded up.
    pub wanted: u64,
    /// Connections of all together beyond which the database does less: `sqrt((1 - sigma) / kappa)`.
    pub useful: Option<f64>,
    /// The most that the database takes; null: not limited.
    pub max_connections: Option<f64>,
    /// The pool of one replica.
    pub size: u32,
}

/// What a place emits, as [`CarbonItem`]s are computed from it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct PlaceEmissions {
    /// Of a kWh of the grid.
    pub grid_kg_per_kwh: f64,
    /// What the data centre takes for each unit that its machines take.
    pub pue: f64,
    /// Of a GiB of memory.
    pub memory_w_per_gib: f64,
    /// Of a TiB of storage.
    pub storage_kwh_per_tib_hour: f64,
    /// Of a GiB that leaves.
    pub network_kwh_per_gib: f64,
}

/// A public workload.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Entry {
    /// The workload.
    pub address: Address,
    /// Its part of the load at peak.
    pub rate_rps: f64,
    /// What an answer has that leaves.
    #[serde(default)]
    pub payload_bytes: f64,
    /// Response time with everything there; null: without end.
    pub response_p50_ms: Option<f64>,
    /// As above.
    pub response_p95_ms: Option<f64>,
    /// As above.
    pub response_p99_ms: Option<f64>,
    /// The 95th percentile with one zone lost; null: without end, or one zone only.
    pub zone_lost_p95_ms: Option<f64>,
}

/// Calls for each request.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Edge {
    /// The caller.
    pub from: Address,
    /// The callee.
    pub to: Address,
    /// How often; a fraction is the probability of one more.
    pub visits: f64,
    /// At the same time as other parallel calls.
    pub parallel: bool,
    /// There and back on the network.
    pub network_ms: f64,
}

/// Where requests wait and are served.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Station {
    /// The workload or resource.
    pub address: Address,
    /// Arrivals at peak.
    pub rate_rps: f64,
    /// Processor time of one request.
    pub demand_ms: f64,
    /// Squared coefficient of variation of the service.
    pub scv: f64,
    /// Copies.
    pub replicas: u32,
    /// Copies left when the zone with most of them is lost.
    pub replicas_zone_lost: u32,
    /// Processor share of each.
    pub cpu_millis: u64,
    /// Requests that each serves at the same time.
    pub servers_per_replica: u32,
    /// Share of the work that only one can do at a time (Universal Scalability Law).
    pub sigma: f64,
    /// Cost of keeping each other up to date (Universal Scalability Law).
    pub kappa: f64,
    /// How much longer a request takes because others are served at the same time.
    pub slowdown: f64,
    /// Time of service: demand / speed x slowdown, where speed is the smaller of 1 and the processor share.
    pub service_ms: f64,
    /// One line before all replicas, or one before each.
    pub discipline: Discipline,
    /// Its own response time, from arrival to answer, without its calls; null: without end.
    pub response_p50_ms: Option<f64>,
    /// As above.
    pub response_p95_ms: Option<f64>,
    /// As above.
    pub response_p99_ms: Option<f64>,
}

/// Equal parts of which some have to be there.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Block {
    /// The workload or resource.
    pub address: Address,
    /// Parts.
    pub all: u32,
    /// Parts that have to be there.
    pub needed: u32,
    /// Availability of each while its zone lives.
    pub availability: f64,
    /// Seconds until one is back.
    pub repair_s: f64,
    /// Zones it is spread over, counted from the first; 0: it is of the whole place, and no zone takes it down.
    pub zones: u32,
    /// Zones of the place.
    pub zones_of_place: u32,
    /// Availability of each zone.
    pub zone_availability: f64,
    /// Seconds until a zone is back.
    pub zone_repair_s: f64,
}

/// What a station could have been.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Candidate {
    /// The workload or resource.
    pub address: Address,
    /// Copies.
    pub replicas: u32,
    /// Copies left when the zone with most of them is lost.
    pub replicas_zone_lost: u32,
    /// Requests that each serves at the same time.
    pub servers_per_replica: u32,
    /// Time of service.
    pub service_ms: f64,
    /// Processor share of each.
    pub cpu_millis: u64,
    /// The target's name of its size; empty: it has none.
    pub size: String,
    /// A second one stands by and takes over.
    pub standby: bool,
    /// What the place promises of it, zones included; null: it lives and dies with its zone.
    pub availability: Option<f64>,
    /// Memory of each.
    pub memory_mib: u64,
    /// What it costs.
    pub monthly_usd: String,
    /// What the choice minimises: the price, then copies, then processors.
    pub weight: f64,
    /// It is in the plan.
    pub chosen: bool,
}

/// What a plan costs.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Cost {
    /// The sum.
    pub monthly_usd: String,
    /// Line by line, by address and what is bought; with tiers a line each.
    pub items: Vec<CostItem>,
}

/// One line of a bill.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct CostItem {
    /// The workload or resource.
    pub address: Address,
    /// What is bought.
    pub sku: String,
    /// How much a month.
    pub quantity: f64,
    /// Of what.
    pub unit: String,
    /// For one.
    pub unit_usd: String,
    /// For all.
    pub monthly_usd: String,
    /// The day the price was right.
    pub as_of: String,
    /// `confirmed`: somebody read it at the source; else `unconfirmed`.
    pub status: String,
    /// Where the price comes from.
    pub source: String,
}

/// What a plan emits.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Carbon {
    /// The sum, by energy and by making the machines.
    pub monthly_kg_co2e: f64,
    /// Line by line, in the order of the bill.
    pub items: Vec<CarbonItem>,
}

/// What a line of a bill emits: energy is `((idle + utilisation x (full - idle)) x vcpu_hours / 1000 + memory + storage +
/// network) x pue`, carbon is `energy x grid + embodied x vcpu_hours`, with the figures of [`PlaceEmissions`].
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct CarbonItem {
    /// The workload or resource.
    pub address: Address,
    /// What is bought.
    pub sku: String,
    /// Processors, over a month.
    pub vcpu_hours: f64,
    /// Memory, over a month.
    pub memory_gib_hours: f64,
    /// Storage with its copies, over a month.
    pub storage_tib_hours: f64,
    /// What leaves.
    pub network_gib: f64,
    /// How busy the processors are on average.
    pub utilisation: f64,
    /// Watts of a processor that rests.
    pub idle_w: f64,
    /// Watts of a processor that never rests.
    pub full_w: f64,
    /// Of making the machine, for each processor and hour.
    pub embodied_kg_per_vcpu_hour: f64,
    /// Energy.
    pub kwh: f64,
    /// All of it.
    pub monthly_kg_co2e: f64,
    /// Where the figures of the machine come from; empty where there are no processors.
    pub source: String,
}

/// Why outcomes cannot be met, and what would help.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Infeasible {
    /// The outcome that cannot be met.
    pub binding: Address,
    /// One sentence for people.
    pub message: String,
    /// For each outcome: the smallest change of it alone that makes the rest possible.
    pub relaxations: Vec<Relaxation>,
    /// The cheapest change; none is known when even all relaxations together do not help.
    pub cheapest: Option<Change>,
}

/// A change of one outcome or stated number.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Relaxation {
    /// What is changed.
    pub address: Address,
    /// As stated.
    pub from: Value,
    /// As it would have to be.
    pub to: Value,
    /// What the plan would cost then.
    pub monthly_usd: String,
}

/// The cheapest change.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Change {
    /// What is changed, together.
    pub changes: Vec<Relaxation>,
    /// What the plan would cost then.
    pub monthly_usd: String,
}
