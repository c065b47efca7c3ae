//! What a station could be: every processor share with as many replicas as are worth considering.
//!
//! Called by `choose` for each thing. Sorted by weight (price, then replicas, then processors); whatever is dearer and
//! no faster than something else is left out. Start reading at [`of`].

use appia_plan::{Bought, Capacity, Discipline, Form};

use super::load::{Fit, Thing, Work};
use crate::queueing::Queue;

/// Replica counts that are considered for each processor share.
const COUNTS: u32 = 40;

/// More replicas are not worth considering when they gain less than this part of the response time.
const GAIN: f64 = 0.002;

/// What a station could be.
#[derive(Debug, Clone)]
pub(super) struct Candidate {
    pub(super) replicas: u32,
    /// Replicas left when the zone with most of them is lost.
    pub(super) left: u32,
    /// What each is.
    pub(super) fit: Fit,
    /// Requests that one replica serves at the same time.
    pub(super) servers: u32,
    pub(super) slowdown: f64,
    /// Seconds of service.
    pub(super) service: f64,
    pub(super) discipline: Discipline,
    /// Millionths of a USD a month.
    pub(super) micro_usd: u128,
    /// What the choice minimises.
    pub(super) weight: f64,
    /// Kilograms of CO2 equivalent a month, where outcomes ask.
    pub(super) kg: Option<f64>,
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

    /// Mean response plus two standard deviations with so many replicas, at a part of the load.
    pub(super) fn slowness_at(&self, replicas: u32, share: f64) -> f64 {
        let mut queue = self.queue(replicas);
        if replicas > 0 {
            queue.rate *= share;
        }
        slowness(&queue)
    }

    /// What is bought of it.
    pub(super) fn bought(&self, thing: &Thing) -> Bought {
        bought(thing, (self.replicas, &self.fit), self.service)
    }

    /// Equal in what a person sees of it.
    pub(super) fn is_like(&self, other: &Candidate) -> bool {
        self.replicas == other.replicas
            && self.fit.name == other.fit.name
            && self.fit.cpu == other.fit.cpu
            && self.fit.standby == other.fit.standby
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
    /// What a kilogram of CO2 equivalent weighs in the choice.
    pub(super) usd_per_kg: f64,
}

/// Every candidate that is worth considering, cheapest first; never empty.
pub(super) fn of(thing: &Thing, terms: Terms<'_>) -> Vec<Candidate> {
    let mut all = Vec::new();
    for fit in &thing.work.fits {
        match (&thing.work.stated_replicas, thing.work.form) {
            (Some((replicas, _)), _) => all.push(one(thing, (*replicas, fit), terms)),
            (None, Form::Elastic) => all.push(one(thing, (1, fit), terms)),
            (None, Form::Replicas | Form::Once) => counts(thing, fit, terms, &mut all),
        }
    }
    worth_considering(all)
}

/// One candidate, whether it is enough or not.
pub(super) fn one(thing: &Thing, (replicas, fit): (u32, &Fit), terms: Terms<'_>) -> Candidate {
    let work = &thing.work;
    let vcpu = fit.cpu.millis() as f64 / 1000.0;
    let serial = work.demand.value / vcpu.min(1.0);
    let servers = match work.form {
        Form::Elastic => instances(thing.rate * serial),
        Form::Replicas | Form::Once => parallel(work, fit),
    };
    let slowdown = work.scalability.slowdown(servers);
    let discipline = if work.most == 1 { Discipline::Pooled } else { work.discipline.value };
    let service = serial * slowdown;
    let micro_usd = price(thing, (replicas, fit), service);
    let mut candidate = Candidate {
        replicas,
        left: left(work, replicas, terms.zones),
        fit: fit.clone(),
        servers,
        slowdown,
        service,
        discipline,
        micro_usd,
        weight: micro_usd as f64 / 1e6 + f64::from(replicas) * 1e-3 + f64::from(replicas) * vcpu * 1e-6,
        kg: None,
        slowness: 0.0,
        rate: thing.rate,
        scv: work.scv.value,
    };
    candidate.kg = emitted(thing, &candidate);
    candidate.weight += terms.usd_per_kg * candidate.kg.unwrap_or(0.0);
    candidate.slowness = slowness(&candidate.queue(candidate.left));
    candidate
}

/// Mean response plus two standard deviations.
fn slowness(queue: &Queue) -> f64 {
    let response = queue.response();
    response.mean + 2.0 * libm::sqrt(response.variance)
}

/// Kilograms of CO2 equivalent a month.
fn emitted(thing: &Thing, candidate: &Candidate) -> Option<f64> {
    let rule = candidate.fit.emitted.as_ref()?;
    Some(match thing.work.form {
        Form::Elastic => rule.of_service(thing.requests() as f64 * candidate.service),
        Form::Replicas | Form::Once => {
            let busy = (candidate.utilisation() * thing.mean_to_peak()).min(1.0);
            rule.of_replicas(candidate.replicas, busy)
        }
    })
}

/// Requests that one replica serves at the same time.
fn parallel(work: &Work, fit: &Fit) -> u32 {
    let whole = u32::try_from(fit.cpu.millis() / 1000).unwrap_or(u32::MAX).max(1);
    threads(work).map_or(whole, |threads| threads.min(whole))
}

/// Instances of which there always is a free one: so many more than are busy that hardly anyone ever waits.
fn instances(busy: f64) -> u32 {
    libm::ceil(busy + 10.0 * libm::sqrt(busy) + 10.0).min(1e6) as u32
}

fn threads(work: &Work) -> Option<u32> {
    let threads = work.threads.as_ref()?.value;
    Some(if threads >= f64::from(u32::MAX) { u32::MAX } else { threads as u32 }.max(1))
}

/// Resources are one and stay in their zone: what is lost with it is no matter of waiting.
pub(super) fn left(work: &Work, replicas: u32, zones: u32) -> u32 {
    if zones <= 1 || work.most == 1 { replicas } else { replicas - replicas.div_ceil(zones) }
}

/// Of replicas that run all month, and of requests.
fn price(thing: &Thing, (replicas, fit): (u32, &Fit), service: f64) -> u128 {
    if fit.rates.is_empty() {
        return 0;
    }
    let bought = bought(thing, (replicas, fit), service);
    fit.rates.iter().map(|rate| rate.micro_usd(&bought)).sum()
}

fn bought(thing: &Thing, (replicas, fit): (u32, &Fit), service: f64) -> Bought {
    Bought {
        replicas,
        cpu: fit.paid_cpu,
        memory: fit.memory,
        storage: thing.work.storage,
        requests: thing.requests(),
        service_nanos: libm::round(service * 1e9).max(0.0) as u64,
    }
}

/// From the fewest replicas whose line ends, in steps that grow with their number, until more gain next to nothing.
fn counts(thing: &Thing, fit: &Fit, terms: Terms<'_>, all: &mut Vec<Candidate>) {
    let (fewest, others) = (fewest(thing, fit, terms), all.len());
    let mut replicas = fewest;
    let mut before = f64::INFINITY;
    for _ in 0..COUNTS {
        if replicas > thing.work.most {
            break;
        }
        let candidate = one(thing, (replicas, fit), terms);
        let slowness = candidate.slowness;
        all.push(candidate);
        if before - slowness < GAIN * slowness {
            break;
        }
        before = slowness;
        replicas += (replicas / 20).max(1);
    }
    if all.len() == others {
        all.push(one(thing, (thing.work.most, fit), terms));
    }
}

/// By the load in Erlangs; what is over is found by trying.
fn fewest(thing: &Thing, fit: &Fit, terms: Terms<'_>) -> u32 {
    let single = one(thing, (1, fit), terms);
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

/// Sorted by weight, each faster than all cheaper ones. Where every line grows for ever, the one that carries most.
fn worth_considering(mut all: Vec<Candidate>) -> Vec<Candidate> {
    all.sort_by(|a, b| a.weight.total_cmp(&b.weight).then(a.slowness.total_cmp(&b.slowness)));
    if !all.iter().any(|candidate| candidate.slowness.is_finite()) {
        let full = |candidate: &Candidate| candidate.queue(candidate.left).utilisation();
        return all.into_iter().min_by(|a, b| full(a).total_cmp(&full(b))).into_iter().collect();
    }
    all.retain(|candidate| candidate.slowness.is_finite());
    let mut kept: Vec<Candidate> = Vec::new();
    for candidate in all {
        let faster = kept.last().is_none_or(|last| candidate.slowness < last.slowness);
        if faster {
            kept.push(candidate);
        }
    }
    kept
}
