//! What a workload or resource does for each request, and what it may be given.
//!
//! Called by `load` for each thing that requests come through.

use appia_diag::Spanned;
use appia_intent::units::{Bytes, Cpu, Duration};
use appia_intent::{Address, Builder, Container, Use};
use appia_plan::phase::{ResolvedResource, ResolvedWorkload};
use appia_plan::{Origin, Server, Target};

use super::defaults;
use super::load::{Known, Work};
use super::measured::Found;
use crate::queueing::Scalability;

/// The most replicas that are considered.
const MOST: u32 = 10_000;

/// What a resource is given when it is one process without any copy.
const ONE: u32 = 1;

pub(super) fn of_workload(
    workload: &ResolvedWorkload,
    target: &dyn Target,
    measured: Option<Found<'_>>,
) -> Work {
    let stated = &workload.stated;
    let address = Address::workload(&stated.name.value);
    let serving = serving(workload);
    let name = address.field("demand_ms");
    let demand = match (measured, serving.and_then(|container| container.demand.as_ref())) {
        (Some(measured), _) => measured.demand(name),
        (None, Some(demand)) => stated_time(name, demand),
        (None, None) => default_time(name, defaults::demand(stated.kind.value)),
    };
    let cpu = serving.and_then(|container| container.cpu.request.as_ref().or(container.cpu.limit.as_ref()));
    let stated_cpu =
        cpu.map(|cpu| stated_number(address.field("cpu_millis"), cpu, cpu.value.millis() as f64));
    Work {
        demand,
        scv: scv(&address, measured),
        threads: serving.and_then(|container| threads(&address, container)),
        scalability: Scalability::LINEAR,
        sizes: cpu.map_or_else(|| target.capacity().sizes.clone(), |cpu| vec![cpu.value]),
        stated_cpu,
        stated_replicas: stated.replicas.as_ref().map(|replicas| {
            let known = stated_number(address.field("replicas"), replicas, f64::from(replicas.value));
            (replicas.value, known)
        }),
        memory: Bytes::new(stated.containers.values().map(|container| memory(container, target)).sum()),
        beside: beside(workload, target),
        most: MOST,
    }
}

/// Bytes of one container, stated or default.
fn memory(container: &Container, target: &dyn Target) -> u64 {
    let stated = container.memory.request.as_ref().or(container.memory.limit.as_ref());
    stated.map_or(target.facts().memory.value, |memory| memory.value).get()
}

/// Processor share of the containers that serve nothing.
fn beside(workload: &ResolvedWorkload, target: &dyn Target) -> Cpu {
    let serving = serving(workload).map(|container| &container.name.value);
    let others = workload.stated.containers.values().filter(|other| Some(&other.name.value) != serving);
    let share = |container: &Container| {
        let stated = container.cpu.request.as_ref().or(container.cpu.limit.as_ref());
        stated.map_or(target.facts().cpu.value, |cpu| cpu.value).millis()
    };
    Cpu::from_millis(others.map(share).sum())
}

pub(super) fn of_resource<'a>(
    resource: &ResolvedResource,
    server: &Server,
    uses: impl Iterator<Item = &'a Use>,
    measured: Option<Found<'_>>,
) -> Work {
    let address = Address::resource(&resource.stated.name.value);
    // The longest stated use is taken for all, the safe side.
    let longest = uses.filter_map(|of| of.demand.as_ref()).max_by_key(|demand| demand.value);
    let name = address.field("demand_ms");
    let demand = match (measured, longest) {
        (Some(measured), _) => measured.demand(name),
        (None, Some(demand)) => stated_time(name, demand),
        (None, None) => default_time(name, defaults::use_demand(server.kind)),
    };
    let ((sigma, kappa), _) = defaults::DATABASE_SCALABILITY;
    Work {
        demand,
        scv: scv(&address, measured),
        threads: None,
        scalability: Scalability { sigma, kappa },
        sizes: server.sizes.clone(),
        stated_cpu: None,
        stated_replicas: None,
        memory: server.memory.value,
        beside: Cpu::default(),
        most: ONE,
    }
}

fn scv(address: &Address, measured: Option<Found<'_>>) -> Known {
    let name = address.field("scv");
    measured.and_then(|found| found.scv(name.clone())).unwrap_or_else(|| Known::default(name, defaults::SCV))
}

/// The container that serves requests: the one whose demand is stated, else the first.
pub(super) fn serving(workload: &ResolvedWorkload) -> Option<&Container> {
    let containers = &workload.stated.containers;
    containers.values().find(|container| container.demand.is_some()).or_else(|| containers.values().next())
}

/// Stated, or one where the runtime runs one request at a time; none: as many as there are processors.
fn threads(address: &Address, container: &Container) -> Option<Known> {
    if let Some(threads) = &container.threads {
        return Some(stated_number(address.field("threads"), threads, f64::from(threads.value)));
    }
    let builder = container.build.as_ref()?.value.builder.as_ref()?;
    let source = match builder.value {
        Builder::Node => "Node.js runs the program's code in one thread",
        Builder::Python => "CPython's global interpreter lock lets one thread run at a time",
        Builder::Cargo
        | Builder::Go
        | Builder::Maven
        | Builder::Static
        | Builder::Command
        | Builder::Dockerfile => return None,
    };
    Some(Known::default(address.field("threads"), (1.0, source)))
}

fn stated_number<T>(name: Address, stated: &Spanned<T>, value: f64) -> Known {
    Known { name, value, shown: value.into(), origin: Origin::Stated(stated.span.clone()) }
}

fn stated_time(name: Address, stated: &Spanned<Duration>) -> Known {
    let millis = stated.value.as_millis_f64();
    Known { name, value: millis / 1000.0, shown: millis.into(), origin: Origin::Stated(stated.span.clone()) }
}

fn default_time(name: Address, (seconds, source): defaults::Default) -> Known {
    Known { shown: (seconds * 1000.0).into(), ..Known::default(name, (seconds, source)) }
}
