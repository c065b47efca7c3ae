//! What a station could be: every processor share with as many replicas as are worth considering.
//!
//! Called by `choose` for each thing. Sorted by weight (price, then replicas, then processors); whatever is dearer and
//! no faster than something else is left out. Start reading at [`of`].

use appia_intent::units::{Bytes, Cpu};
use appia_plan::{Capacity, Discipline, HOURS_A_MONTH, ReplicaPrice};

use super::load::{Thing, Work};
use crate::queueing::Queue;

/// Replica counts that are considered for each processor share.
const COUNTS: u32 = 40;

/// More replicas are not worth considering when they gain less than this part of the response time.
const GAIN: f64 = 0.002;

/// What a station could be.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Candidate {
    pub(super) replicas: u32,
    /// Replicas left when the zone with most of them is lost.
    pub(super) left: u32,
    /// Processor share of the serving container.
    pub(super) cpu: Cpu,
    pub(super) memory: Bytes,
    /// Requests that one replica serves at the same time.
    pub(super) servers: u32,
    pub(super) slowdown: f64,
    /// Seconds of service.
    pub(super) service: f64,
    pub(super) discipline: Discipline,
    /// Billionths of a USD a month.
    pub(super) nano_usd: u128,
    /// What the choice minimises.
    pub(super) weight: f64,
    /// Mean response plus two standard deviations with a zone lost: less is faster.
    pub(super) slowness: f64,
    rate: f64,
    scv: f64,
}

impl Candidate {
    /// The queue that a request meets when so many replicas are there.
    pub(super) fn queue(&self, replicas: u32) -> Queue {
        let (service, scv) = (self.service, self.scv);
        if replicas == 0 {
            // Nobody serves: as full as can be.
            return Queue { servers: 1, rate: 1.0 / service, service, scv };
        }
        match self.discipline {
            Discipline::Pooled => Queue { servers: self.servers * replicas, rate: self.rate, service, scv },
            Discipline::Random => {
                Queue { servers: self.servers, rate: self.rate / f64::from(replicas), service, scv }
            }
        }
    }

    /// How busy it is with all replicas there.
    pub(super) fn utilisation(&self) -> f64 {
        self.queue(self.replicas).utilisation()
    }
}

/// What candidates are made for.
#[derive(Debug, Clone, Copy)]
pub(super) struct Terms<'a> {
    pub(super) capacity: &'a Capacity,
    /// Zones that have to be able to be lost; 1: none has to.
    pub(super) zones: u32,
}

/// Every candidate that is worth considering, cheapest first; never empty.
pub(super) fn of(thing: &Thing, terms: Terms<'_>) -> Vec<Candidate> {
    let mut all = Vec::new();
    for cpu in &thing.work.sizes {
        match &thing.work.stated_replicas {
            Some((replicas, _)) => all.push(one(thing, (*replicas, *cpu), terms)),
            None => counts(thing, *cpu, terms, &mut all),
        }
    }
    worth_considering(all)
}

/// One candidate, whether it is enough or not.
pub(super) fn one(thing: &Thing, (replicas, cpu): (u32, Cpu), terms: Terms<'_>) -> Candidate {
    let work = &thing.work;
    let vcpu = cpu.millis() as f64 / 1000.0;
    let whole = u32::try_from(cpu.millis() / 1000).unwrap_or(u32::MAX).max(1);
    let servers = threads(work).map_or(whole, |threads| threads.min(whole));
    let slowdown = work.scalability.slowdown(servers);
    let discipline = if work.most == 1 { Discipline::Pooled } else { terms.capacity.discipline.value };
    let nano_usd = price(work, (replicas, cpu), terms.capacity.price.as_ref());
    let mut candidate = Candidate {
        replicas,
        left: left(work, replicas, terms.zones),
        cpu,
        memory: work.memory,
        servers,
        slowdown,
        service: work.demand.value / vcpu.min(1.0) * slowdown,
        discipline,
        nano_usd,
        weight: nano_usd as f64 / 1e9 + f64::from(replicas) * 1e-3 + f64::from(replicas) * vcpu * 1e-6,
        slowness: 0.0,
        rate: thing.rate,
        scv: work.scv.value,
    };
    let response = candidate.queue(candidate.left).response();
    candidate.slowness = response.mean + 2.0 * libm::sqrt(response.variance);
    candidate
}

fn threads(work: &Work) -> Option<u32> {
    let threads = work.threads.as_ref()?.value;
    Some(if threads >= f64::from(u32::MAX) { u32::MAX } else { threads as u32 }.max(1))
}

/// Resources are one and stay in their zone: what is lost with it is no matter of waiting.
fn left(work: &Work, replicas: u32, zones: u32) -> u32 {
    if zones <= 1 || work.most == 1 { replicas } else { replicas - replicas.div_ceil(zones) }
}

/// Of replicas that run all month, exactly: thousandths of processors and bytes times billionths of a USD.
fn price(work: &Work, (replicas, cpu): (u32, Cpu), price: Option<&ReplicaPrice>) -> u128 {
    let Some(price) = price else { return 0 };
    let hours = u128::from(replicas) * u128::from(HOURS_A_MONTH);
    let millis = u128::from(cpu.millis() + work.beside.millis());
    let cpu = hours * millis * u128::from(price.cpu.nano_usd) / 1000;
    let memory = (hours * u128::from(work.memory.get()) * u128::from(price.memory.nano_usd)) >> 30;
    cpu + memory
}

/// From the fewest replicas whose line ends, in steps that grow with their number, until more gain next to nothing.
fn counts(thing: &Thing, cpu: Cpu, terms: Terms<'_>, all: &mut Vec<Candidate>) {
    let fewest = fewest(thing, cpu, terms);
    let mut replicas = fewest;
    let mut before = f64::INFINITY;
    for _ in 0..COUNTS {
        if replicas > thing.work.most {
            break;
        }
        let candidate = one(thing, (replicas, cpu), terms);
        let slowness = candidate.slowness;
        all.push(candidate);
        if before - slowness < GAIN * slowness {
            break;
        }
        before = slowness;
        replicas += (replicas / 20).max(1);
    }
    if all.is_empty() {
        all.push(one(thing, (thing.work.most, cpu), terms));
    }
}

/// By the load in Erlangs; what is over is found by trying.
fn fewest(thing: &Thing, cpu: Cpu, terms: Terms<'_>) -> u32 {
    let single = one(thing, (1, cpu), terms);
    let busy = thing.rate * single.service / f64::from(single.servers);
    let least = libm::floor(busy.min(f64::from(thing.work.most))) as u32 + 1;
    let zones = if thing.work.most == 1 { 1 } else { terms.zones };
    let mut replicas = if zones <= 1 { least } else { least + least.div_ceil(zones - 1) };
    // The largest zone loses a rounded-up share, so one or two fewer may already be enough.
    while replicas > 1 && left(&thing.work, replicas - 1, zones) >= least {
        replicas -= 1;
    }
    replicas
}

/// Sorted by weight, each faster than all cheaper ones. One whose line never ends stays only where all do.
fn worth_considering(mut all: Vec<Candidate>) -> Vec<Candidate> {
    all.sort_by(|a, b| a.weight.total_cmp(&b.weight).then(a.slowness.total_cmp(&b.slowness)));
    if all.iter().any(|candidate| candidate.slowness.is_finite()) {
        all.retain(|candidate| candidate.slowness.is_finite());
    }
    let mut kept: Vec<Candidate> = Vec::new();
    for candidate in all {
        let faster = kept.last().is_none_or(|last| candidate.slowness < last.slowness);
        if faster {
            kept.push(candidate);
        }
    }
    kept
}
