//! Where requests go: from the public workloads along calls and uses, with rates.
//!
//! Called by `size` once for each application. Reads the resolved application, chooses nothing. Everything is linear in
//! the number of workloads, resources and calls. Start reading at [`graph`].

use std::collections::BTreeMap;

use appia_intent::units::{Bytes, Cpu};
use appia_intent::{Address, Demand, ResourceName, WorkloadName};
use appia_plan::phase::{ResolvedApp, ResolvedWorkload};
use appia_plan::{Input, Origin, Target};

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
    /// What it calls and uses.
    pub(super) edges: Vec<Edge>,
    /// What it does for each request and what it may be given.
    pub(super) work: Work,
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
    /// Processor shares to choose from; one when it is stated.
    pub(super) sizes: Vec<Cpu>,
    /// Where a stated share is written.
    pub(super) stated_cpu: Option<Known>,
    /// Replicas when they are stated.
    pub(super) stated_replicas: Option<(u32, Known)>,
    /// Memory of a replica, all containers.
    pub(super) memory: Bytes,
    /// Processor share of the containers beside the one that serves.
    pub(super) beside: Cpu,
    /// The most replicas there can be; resources are one.
    pub(super) most: u32,
}

/// The requests of an application; none when nothing is promised about load or nothing is public.
pub(super) fn graph(app: &ResolvedApp, target: &dyn Target) -> Option<Graph> {
    let (rate, load) = arrivals(app)?;
    let mut builder = Builder { app, target, places: BTreeMap::new(), things: Vec::new() };
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

/// Puts things in the list, whoever is called first.
struct Builder<'a> {
    app: &'a ResolvedApp,
    target: &'a dyn Target,
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
        self.things.push(Thing { address, rate: 0.0, edges, work });
    }

    fn work(&self, name: &Name) -> Option<(Address, Work)> {
        match name {
            Name::Workload(name) => {
                let workload = self.app.workloads.get(name)?;
                let address = Address::workload(name);
                let measured = measured::find(&self.app.frame.inputs, &address);
                Some((address, work::of_workload(workload, self.target, measured)))
            }
            Name::Resource(name) => {
                let resource = self.app.resources.get(name)?;
                let server = self.target.capacity().server(resource.stated.kind.value.as_str())?;
                let users = self.app.workloads.values();
                let uses = users.filter_map(|user| Some((user, user.stated.uses.get(name)?)));
                let address = Address::resource(name);
                let measured = measured::find(&self.app.frame.inputs, &address);
                Some((address, work::of_resource(resource, server, uses.map(|(_, of)| of), measured)))
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

    /// Workloads, and resources that requests wait for.
    fn reachable(&self, need: &Address) -> Option<Name> {
        let (kind, name) = need.as_str().split_once('.')?;
        if kind == "workloads" {
            let (name, _) = self.app.workloads.get_key_value(&WorkloadName::new(name).ok()?)?;
            return Some(Name::Workload(name.clone()));
        }
        let (name, resource) = self.app.resources.get_key_value(&ResourceName::new(name).ok()?)?;
        self.target.capacity().server(resource.stated.kind.value.as_str())?;
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
