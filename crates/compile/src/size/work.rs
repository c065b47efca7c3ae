//! What a workload or resource does for each request, and what it may be given.
//!
//! Called by `load` for each thing that requests come through.

use appia_diag::Spanned;
use appia_intent::units::{Bytes, Cpu, Duration};
use appia_intent::{Address, Builder, Container, Recovery, Use};
use appia_plan::phase::{ResolvedResource, ResolvedWorkload};
use appia_plan::{Capacity, Class, Discipline, Fact, Form, Origin, Runner, Server, Size, Target};

use super::defaults;
use super::load::{Fit, Known, Work};
use super::measured::Found;
use crate::queueing::Scalability;

/// What a resource is given when it is one process without any copy.
const ONE: u32 = 1;

/// None where the target does not run such a workload all the time.
pub(super) fn of_workload(
    workload: &ResolvedWorkload,
    place: (&dyn Target, &Capacity),
    measured: Option<Found<'_>>,
) -> Option<Work> {
    let stated = &workload.stated;
    let runner = place.1.runner(stated.kind.value)?;
    let address = Address::workload(&stated.name.value);
    let serving = serving(workload);
    let name = address.field("demand_ms");
    let demand = match (measured, serving.and_then(|container| container.demand.as_ref())) {
        (Some(measured), _) => measured.demand(name),
        (None, Some(demand)) => stated_time(name, demand),
        (None, None) => default_time(name, defaults::demand(stated.kind.value)),
    };
    let stated_cpu = serving
        .and_then(given_cpu)
        .map(|(cpu, stated)| stated_number(address.field("cpu_millis"), stated, cpu.millis() as f64));
    let elastic = runner.form == Form::Elastic;
    Some(Work {
        demand,
        scv: scv(&address, measured),
        threads: serving.and_then(|container| threads(&address, container)),
        scalability: Scalability::LINEAR,
        fits: fits(workload, runner, place.0),
        stated_cpu,
        stated_replicas: stated.replicas.as_ref().filter(|_| !elastic).map(|replicas| {
            let known = stated_number(address.field("replicas"), replicas, f64::from(replicas.value));
            (replicas.value, known)
        }),
        most: if elastic { ONE } else { runner.most },
        form: runner.form,
        kind: Some(stated.kind.value),
        discipline: runner.discipline.clone(),
        visits: Vec::new(),
        storage: Bytes::default(),
        payload: stated.public.as_ref().map(|_| payload(&address, stated.payload.as_ref())),
    })
}

/// What one replica can be: every number of processors with the least memory that is enough.
fn fits(workload: &ResolvedWorkload, runner: &Runner, target: &dyn Target) -> Vec<Fit> {
    let (beside, memory) = (beside(workload, target), memory(workload, target));
    let stated = serving(workload).and_then(given_cpu).map(|(cpu, _)| cpu);
    let fit = |size: &Size, cpu: Cpu| of_size((runner, size), cpu, (beside, memory));
    let mut fits: Vec<Fit> = Vec::new();
    for size in &runner.sizes {
        let rest = if size.memory.is_some() { beside.millis() } else { 0 };
        let enough = size.memory.is_none_or(|most| most >= memory);
        let share = size.cpu.millis().saturating_sub(rest);
        let is_next = fits.last().is_none_or(|last| last.cpu.millis() < share);
        if enough && is_next && share > 0 {
            fits.push(fit(size, Cpu::from_millis(share)));
        }
    }
    if let Some(cpu) = stated {
        let named = fits.iter().find(|fit| fit.cpu >= cpu).or(fits.last()).cloned();
        return match (named, runner.sizes.first()) {
            (Some(named), Some(first)) if first.memory.is_some() => vec![Fit { cpu, ..named }],
            (_, Some(first)) => vec![fit(first, cpu)],
            (_, None) => Vec::new(),
        };
    }
    match (fits.is_empty(), runner.sizes.last()) {
        // More memory than the place has: the largest is shown, and the target says that it is not enough.
        (true, Some(last)) => vec![fit(last, last.cpu)],
        _ => fits,
    }
}

/// True when some size has room for all containers as stated.
pub(super) fn has_room(workload: &ResolvedWorkload, runner: &Runner, target: &dyn Target) -> bool {
    let (beside, memory) = (beside(workload, target).millis(), memory(workload, target));
    let least = serving(workload).and_then(given_cpu).map_or(1, |(cpu, _)| cpu.millis());
    runner.sizes.iter().any(|size| {
        size.memory.is_none_or(|most| most >= memory && size.cpu.millis() >= beside.saturating_add(least))
    })
}

/// What a workload is given that no request comes to: the smallest that holds what is stated or default.
pub(super) fn least(workload: &ResolvedWorkload, runner: &Runner, target: &dyn Target) -> Option<Fit> {
    let all = workload.stated.containers.values();
    let cpu = Cpu::from_millis(all.map(|container| share(container, target).millis()).sum());
    let memory = memory(workload, target);
    let holds = |size: &&Size| {
        size.memory.is_none() || (size.cpu >= cpu && size.memory.is_some_and(|most| most >= memory))
    };
    let size = runner.sizes.iter().find(holds).or(runner.sizes.last())?;
    Some(of_size((runner, size), cpu, (Cpu::default(), memory)))
}

/// One replica of a size, with what serves in it and what stands beside that. What has a name is paid for as a whole.
fn of_size((runner, size): (&Runner, &Size), cpu: Cpu, (beside, memory): (Cpu, Bytes)) -> Fit {
    let own = Cpu::from_millis(cpu.millis() + beside.millis());
    Fit {
        name: size.name.clone(),
        cpu,
        paid_cpu: if size.memory.is_some() { size.cpu } else { own },
        memory: size.memory.unwrap_or(memory),
        standby: false,
        rates: runner.rates.clone(),
        availability: runner.availability.as_ref().map(|fact| fact.value),
        recovery_point: None,
        recovery_time: None,
        connections: None,
        emitted: None,
    }
}

/// What is stated of processors: what is asked for, and never more than the limit.
fn given_cpu(container: &Container) -> Option<(Cpu, &Spanned<Cpu>)> {
    let (request, limit) = (container.cpu.request.as_ref(), container.cpu.limit.as_ref());
    let stated = request.or(limit)?;
    let least = limit.map_or(stated.value, |limit| limit.value.min(stated.value));
    Some((least, stated))
}

/// Processor share of one container, stated or default.
fn share(container: &Container, target: &dyn Target) -> Cpu {
    given_cpu(container).map_or(target.facts().cpu.value, |(cpu, _)| cpu)
}

/// Bytes of all containers, stated or default.
fn memory(workload: &ResolvedWorkload, target: &dyn Target) -> Bytes {
    let one = |container: &Container| {
        let (request, limit) = (container.memory.request.as_ref(), container.memory.limit.as_ref());
        let stated = request.or(limit).map_or(target.facts().memory.value, |memory| memory.value);
        limit.map_or(stated, |limit| limit.value.min(stated)).get()
    };
    Bytes::new(workload.stated.containers.values().map(|found| one(found)).sum())
}

/// Processor share of the containers that serve nothing.
fn beside(workload: &ResolvedWorkload, target: &dyn Target) -> Cpu {
    let serving = serving(workload).map(|container| &container.name.value);
    let others = workload.stated.containers.values().filter(|other| Some(&other.name.value) != serving);
    Cpu::from_millis(others.map(|container| share(container, target).millis()).sum())
}

pub(super) fn of_resource<'a>(
    resource: &ResolvedResource,
    (server, recovery): (&Server, &Recovery),
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
    let ((sigma, kappa), source) = defaults::DATABASE_SCALABILITY;
    Work {
        demand,
        scv: scv(&address, measured),
        threads: connections(&address, resource),
        scalability: Scalability { sigma, kappa },
        fits: classes(server, recovery),
        stated_cpu: None,
        stated_replicas: None,
        most: ONE,
        form: Form::Replicas,
        kind: None,
        discipline: Fact::new(Discipline::Pooled, source),
        visits: Vec::new(),
        storage: storage(resource),
        payload: None,
    }
}

/// As many as connect are served at the same time, and no more: who comes while all are taken waits in line.
fn connections(address: &Address, resource: &ResolvedResource) -> Option<Known> {
    let stated = resource.stated.params.get("max_connections")?;
    let most: f64 = stated.value.as_text()?.parse().ok()?;
    let origin = Origin::Stated(stated.span.clone());
    Some(Known {
        name: address.field("params").field("max_connections"),
        value: most,
        shown: most.into(),
        origin,
    })
}

fn scv(address: &Address, measured: Option<Found<'_>>) -> Known {
    let name = address.field("scv");
    measured.and_then(|found| found.scv(name.clone())).unwrap_or_else(|| Known::default(name, defaults::SCV))
}

/// What a server can be: of all that there is, what keeps the promise about recovery, if anything does.
pub(super) fn classes(server: &Server, recovery: &Recovery) -> Vec<Fit> {
    let all = || server.classes.iter().map(class);
    let within = |found: Option<Duration>, promised: &Option<Spanned<Duration>>| {
        promised.as_ref().is_none_or(|promised| found.is_some_and(|found| found <= promised.value))
    };
    let keeps =
        |fit: &Fit| within(fit.recovery_point, &recovery.point) && within(fit.recovery_time, &recovery.time);
    let kept: Vec<Fit> = all().filter(keeps).collect();
    if kept.is_empty() { all().collect() } else { kept }
}

fn class(class: &Class) -> Fit {
    Fit {
        name: class.name.clone(),
        cpu: class.cpu,
        paid_cpu: class.cpu,
        memory: class.memory.value,
        standby: class.standby,
        rates: class.rates.clone(),
        availability: class.availability.as_ref().map(|fact| fact.value),
        recovery_point: class.recovery_point.as_ref().map(|fact| fact.value),
        recovery_time: class.recovery_time.as_ref().map(|fact| fact.value),
        connections: class.connections,
        emitted: None,
    }
}

/// Storage as stated, else the offering's default; servers are given whole GiB.
pub(super) fn storage(resource: &ResolvedResource) -> Bytes {
    let stated = resource.stated.params.get("storage").and_then(|param| param.value.as_text());
    let default = || {
        let spec = resource.offered.params.iter().find(|spec| spec.name == "storage")?;
        spec.default.as_ref().map(|fact| fact.value.to_string())
    };
    let found: Bytes = stated.or_else(default).and_then(|text| text.parse().ok()).unwrap_or_default();
    Bytes::new(found.get().div_ceil(1 << 30).saturating_mul(1 << 30))
}

/// The container that serves requests: the one whose demand is stated, else the first.
pub(super) fn serving(workload: &ResolvedWorkload) -> Option<&Container> {
    let containers = &workload.stated.containers;
    let found = containers.values().find(|container| container.demand.is_some());
    found.or_else(|| containers.values().next()).map(Box::as_ref)
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

/// Bytes of an answer that leaves for people outside.
fn payload(address: &Address, stated: Option<&Spanned<Bytes>>) -> Known {
    let name = address.field("payload_bytes");
    match stated {
        Some(bytes) => stated_number(name, bytes, bytes.value.get() as f64),
        None => Known::default(name, (defaults::PAYLOAD.0 as f64, defaults::PAYLOAD.1)),
    }
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
