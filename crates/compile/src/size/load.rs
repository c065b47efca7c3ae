//! Where requests go: from the public workloads along calls and uses, with rates.
//!
//! Called by `size` once for each application. Reads the resolved application, chooses nothing. Everything is linear in
//! the number of workloads, resources and calls. Start reading at [`graph`].

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::sync::Arc;

use appia_intent::units::{Bytes, Cpu, Duration};
use appia_intent::{Address, Demand, ResourceName, WorkloadKind, WorkloadName};
use appia_plan::phase::{ResolvedApp, ResolvedWorkload};
use appia_plan::{Capacity, Discipline, Fact, Form, HOURS_A_MONTH, Input, Managed, Origin, Rate, Target};

use super::{defaults, measured, work};
use crate::queueing::{Scalability, users_to_rate};

/// Stations up to which everything is told: what else would do, how much load is left, what would help.
const LARGE: usize = 200;

/// A number and where it comes from.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Known {
    /// As a person reads it: `api.demand`.
    pub(super) name: Address,
    /// In seconds, or whatever its unit is.
    pub(super) value: f64,
    /// As it was written.
    pub(super) shown: serde_json::Value,
    /// Where it comes from.
    pub(super) origin: Origin,
}

impl Known {
    /// A default with its source.
    pub(super) fn default(name: Address, (value, source): defaults::Default) -> Known {
        Known { name, value, shown: value.into(), origin: Origin::Default(source.into()) }
    }

    /// As an input of a reason.
    pub(super) fn input(&self) -> Input {
        Input { name: self.name.clone(), value: self.shown.clone(), origin: self.origin.clone() }
    }
}

/// What requests come through.
#[derive(Debug, Clone)]
pub(super) struct Graph {
    /// Requests a second over all entries, at peak.
    pub(super) rate: f64,
    /// What the rate was computed from.
    pub(super) load: Vec<Known>,
    /// Public workloads: their place in the list, and their share of the load.
    pub(super) entries: Vec<(usize, f64)>,
    /// Whoever is called stands before its callers.
    pub(super) things: Vec<Thing>,
}

/// A workload or resource on the way of requests.
#[derive(Debug, Clone)]
pub(super) struct Thing {
    pub(super) address: Address,
    /// Arrivals a second at peak.
    pub(super) rate: f64,
    /// Seconds of a month at that rate that make up the requests of a month.
    pub(super) month: f64,
    /// What it calls and uses.
    pub(super) edges: Vec<Edge>,
    /// What it does for each request and what it may be given.
    pub(super) work: Work,
}

impl Thing {
    /// Requests a month.
    pub(super) fn requests(&self) -> u64 {
        libm::round(self.rate * self.month) as u64
    }

    /// Load on average divided by load at peak.
    pub(super) fn mean_to_peak(&self) -> f64 {
        self.month / (HOURS_A_MONTH * 3_600) as f64
    }
}

/// Which thing it is.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Name {
    Workload(WorkloadName),
    Resource(ResourceName),
}

/// Calls or uses for each request.
#[derive(Debug, Clone)]
pub(super) struct Edge {
    /// The place of the callee in the list.
    pub(super) to: usize,
    pub(super) visits: Known,
    pub(super) parallel: bool,
}

/// What a thing does for each request and what it may be given.
#[derive(Debug, Clone)]
pub(super) struct Work {
    /// Processor seconds for a request.
    pub(super) demand: Known,
    pub(super) scv: Known,
    /// Requests that one replica can serve at the same time; none: one for each processor.
    pub(super) threads: Option<Known>,
    pub(super) scalability: Scalability,
    /// What it can be; one when its processors are stated.
    pub(super) fits: Vec<Fit>,
    /// Where a stated share is written.
    pub(super) stated_cpu: Option<Known>,
    /// Replicas when they are stated.
    pub(super) stated_replicas: Option<(u32, Known)>,
    /// The most replicas there can be; resources are one.
    pub(super) most: u32,
    pub(super) form: Form,
    /// Of a workload.
    pub(super) kind: Option<WorkloadKind>,
    pub(super) discipline: Fact<Discipline>,
    /// Resources that it uses without waiting for a station, and how often for each request.
    pub(super) visits: Vec<(Address, f64)>,
    /// Storage that is paid for.
    pub(super) storage: Bytes,
    /// Bytes of an answer.
    pub(super) payload: Option<Known>,
}

/// What one replica or server can be.
#[derive(Debug, Clone)]
pub(super) struct Fit {
    /// The target's name of it; empty: it has none.
    pub(super) name: Cow<'static, str>,
    /// Processor share of what serves.
    pub(super) cpu: Cpu,
    /// Processors that are paid for, all containers.
    pub(super) paid_cpu: Cpu,
    /// Memory, all containers.
    pub(super) memory: Bytes,
    /// A second one stands by.
    pub(super) standby: bool,
    pub(super) rates: Arc<[Rate]>,
    /// What the place promises of it, zones included.
    pub(super) availability: Option<f64>,
    pub(super) recovery_point: Option<Duration>,
    pub(super) recovery_time: Option<Duration>,
    pub(super) connections: Option<u32>,
    /// What it emits; none: nobody asks, or nobody knows.
    pub(super) emitted: Option<super::carbon::Emitted>,
}

/// The requests of an application; none when nothing is promised about load or nothing is public.
pub(super) fn graph(app: &ResolvedApp, (target, capacity): (&dyn Target, &Capacity)) -> Option<Graph> {
    let (rate, mut load) = arrivals(app)?;
    let peak = peak_to_mean(app);
    let month = (HOURS_A_MONTH * 3_600) as f64 / peak.value;
    load.push(peak);
    let mut builder = Builder { app, target, capacity, month, places: BTreeMap::new(), things: Vec::new() };
    let public: Vec<&ResolvedWorkload> =
        app.workloads.values().filter(|workload| workload.stated.public.is_some()).collect();
    let share = |workload: &ResolvedWorkload| workload.stated.share.as_ref().map_or(1.0, |share| share.value);
    let total: f64 = public.iter().map(|workload| share(workload)).sum();
    let mut entries = Vec::new();
    for workload in public {
        let place = builder.add(Name::Workload(workload.stated.name.value.clone()))?;
        entries.push((place, share(workload) / total));
    }
    let mut graph = Graph { rate, load, entries, things: builder.things };
    (!graph.entries.is_empty()).then(|| {
        graph.flow();
        graph
    })
}

/// Requests a second over everything public, and what they were computed from.
fn arrivals(app: &ResolvedApp) -> Option<(f64, Vec<Known>)> {
    let outcomes = &app.frame.outcomes;
    let demand = outcomes.demand.as_ref()?;
    let stated = |name: &str, value: f64, span: &appia_diag::Span| Known {
        name: Address::outcome(name),
        value,
        shown: value.into(),
        origin: Origin::Stated(span.clone()),
    };
    match demand.value {
        Demand::Rate(rate) => Some((rate.per_second(), vec![stated("rps", rate.per_second(), &demand.span)])),
        Demand::Users(users) => {
            let think = outcomes.think_time.as_ref().map_or_else(
                || Known::default(Address::outcome("think_time_s"), defaults::THINK_TIME),
                |think| stated("think_time_s", think.value.as_millis_f64() / 1000.0, &think.span),
            );
            let rate = users_to_rate(users as f64, (0.0, think.value));
            Some((rate, vec![stated("users", users as f64, &demand.span), think]))
        }
    }
}

/// How much higher the load is at peak than on average, for what is paid for by use.
fn peak_to_mean(app: &ResolvedApp) -> Known {
    let name = Address::outcome("peak_to_mean");
    match &app.frame.outcomes.peak_to_mean {
        Some(stated) => Known {
            name,
            value: stated.value,
            shown: stated.value.into(),
            origin: Origin::Stated(stated.span.clone()),
        },
        None => Known::default(name, defaults::PEAK_TO_MEAN),
    }
}

/// Puts things in the list, whoever is called first.
struct Builder<'a> {
    app: &'a ResolvedApp,
    target: &'a dyn Target,
    capacity: &'a Capacity,
    month: f64,
    places: BTreeMap<Name, usize>,
    things: Vec<Thing>,
}

/// Someone to call, and how.
pub(super) type Call = (Name, Known, bool);

impl Builder<'_> {
    /// Adds a thing after everything that it reaches; circles were refused before. Without recursion, as chains are
    /// as long as people write them.
    fn add(&mut self, name: Name) -> Option<usize> {
        let mut open: Vec<(Name, Vec<Call>, usize)> = Vec::new();
        if !self.places.contains_key(&name) {
            open.push((name.clone(), self.calls(&name), 0));
        }
        while let Some((at, calls, next)) = open.last_mut() {
            if let Some((callee, _, _)) = calls.get(*next) {
                *next += 1;
                if !self.places.contains_key(callee) {
                    let callee = callee.clone();
                    let calls = self.calls(&callee);
                    open.push((callee, calls, 0));
                }
                continue;
            }
            let (at, calls) = (at.clone(), std::mem::take(calls));
            open.pop();
            self.push(at, calls);
        }
        self.places.get(&name).copied()
    }

    fn push(&mut self, name: Name, calls: Vec<Call>) {
        let Some((address, work)) = self.work(&name) else { return };
        let edges = calls.into_iter().filter_map(|(callee, visits, parallel)| {
            Some(Edge { to: self.places.get(&callee).copied()?, visits, parallel })
        });
        let edges = edges.collect();
        self.places.insert(name, self.things.len());
        self.things.push(Thing { address, rate: 0.0, month: self.month, edges, work });
    }

    fn work(&self, name: &Name) -> Option<(Address, Work)> {
        match name {
            Name::Workload(name) => {
                let workload = self.app.workloads.get(name)?;
                let address = Address::workload(name);
                let measured = measured::find(&self.app.frame.inputs, &address);
                let mut work = work::of_workload(workload, (self.target, self.capacity), measured)?;
                work.visits = self.visits(workload);
                Some((address, work))
            }
            Name::Resource(name) => {
                let resource = self.app.resources.get(name)?;
                let server = self.capacity.server(resource.stated.kind.value.as_str())?;
                let users = self.app.workloads.values();
                let uses = users.filter_map(|user| Some((user, user.stated.uses.get(name)?)));
                let address = Address::resource(name);
                let measured = measured::find(&self.app.frame.inputs, &address);
                let place = (server, &self.app.frame.outcomes.recovery);
                Some((address, work::of_resource(resource, place, uses.map(|(_, of)| of), measured)))
            }
        }
    }

    /// What a thing calls: as stated, and once where a placeholder refers to it.
    fn calls(&self, name: &Name) -> Vec<Call> {
        let Name::Workload(name) = name else { return Vec::new() };
        let Some(workload) = self.app.workloads.get(name) else { return Vec::new() };
        let address = Address::workload(name);
        let mut calls: BTreeMap<Name, Call> = BTreeMap::new();
        for need in &workload.needs {
            if let Some(callee) = self.reachable(need) {
                let visits = Known::default(visits_name(&address, need), defaults::VISITS);
                calls.insert(callee.clone(), (callee, visits, false));
            }
        }
        for (callee, call) in &workload.stated.calls {
            let name = visits_name(&address, &Address::workload(callee));
            let origin = Origin::Stated(call.visits.span.clone());
            let visits = Known { name, value: call.visits.value, shown: call.visits.value.into(), origin };
            let callee = Name::Workload(callee.clone());
            calls.insert(callee.clone(), (callee, visits, call.parallel));
        }
        for (used, of) in &workload.stated.uses {
            let callee = Name::Resource(used.clone());
            if let (Some(visits), Some(call)) = (&of.visits, calls.get_mut(&callee)) {
                call.1.value = visits.value;
                call.1.shown = visits.value.into();
                call.1.origin = Origin::Stated(visits.span.clone());
            }
        }
        if let Some(measured) = measured::find(&self.app.frame.inputs, &address) {
            calls.values_mut().for_each(|call| measured.replace_visits(call));
        }
        calls.into_values().collect()
    }

    /// Uses of what requests do not wait for: as stated, else one for each request.
    fn visits(&self, workload: &ResolvedWorkload) -> Vec<(Address, f64)> {
        let used = workload.needs.iter().filter_map(|need| {
            let name = ResourceName::new(need.as_str().strip_prefix("resources.")?).ok()?;
            let resource = self.app.resources.get(&name)?;
            let waits = self.capacity.server(resource.stated.kind.value.as_str()).is_some();
            let stated = workload.stated.uses.get(&name).and_then(|of| of.visits.as_ref());
            (!waits).then(|| (need.clone(), stated.map_or(defaults::VISITS.0, |visits| visits.value)))
        });
        used.collect()
    }

    /// Workloads, and resources that requests wait for.
    fn reachable(&self, need: &Address) -> Option<Name> {
        let (kind, name) = need.as_str().split_once('.')?;
        if kind == "workloads" {
            let (name, _) = self.app.workloads.get_key_value(&WorkloadName::new(name).ok()?)?;
            return Some(Name::Workload(name.clone()));
        }
        let (name, resource) = self.app.resources.get_key_value(&ResourceName::new(name).ok()?)?;
        self.capacity.server(resource.stated.kind.value.as_str())?;
        Some(Name::Resource(name.clone()))
    }
}

fn visits_name(from: &Address, to: &Address) -> Address {
    from.field("visits").field(to.last())
}

impl Graph {
    /// The places of the entries.
    pub(super) fn places(&self) -> Vec<usize> {
        self.entries.iter().map(|(place, _)| *place).collect()
    }

    /// What stands before its workloads.
    pub(super) fn entrance<'a>(&'a self, capacity: &'a Capacity) -> impl Iterator<Item = &'a Managed> {
        let is_there = |part: &&Managed| {
            let mut kinds = self.things.iter().filter_map(|thing| thing.work.kind);
            kinds.any(|kind| part.kinds.contains(&kind))
        };
        capacity.entrance.iter().filter(is_there)
    }

    /// True when there are so many stations that only what is linear is done.
    pub(super) fn is_large(&self) -> bool {
        self.things.len() > LARGE
    }

    /// Rates multiply along calls, from the entries on.
    fn flow(&mut self) {
        for (place, share) in self.entries.clone() {
            if let Some(thing) = self.things.get_mut(place) {
                thing.rate += self.rate * share;
            }
        }
        for place in (0..self.things.len()).rev() {
            let Some(thing) = self.things.get(place) else { continue };
            let flows: Vec<(usize, f64)> =
                thing.edges.iter().map(|edge| (edge.to, thing.rate * edge.visits.value)).collect();
            for (to, rate) in flows {
                if let Some(callee) = self.things.get_mut(to) {
                    callee.rate += rate;
                }
            }
        }
    }
}
