//! Pass 2, size: every workload and resource gets its numbers, each with its reason.
//!
//! A stated number is kept. Where outcomes say how much load there is, what is not stated follows from them; elsewhere
//! the target's default stands, with its source. Called by the pipeline only; it never asks the world. Start reading at
//! [`size`], then in `decide`.

mod candidates;
mod choose;
mod decide;
mod defaults;
mod judge;
mod load;
pub(crate) mod measured;
mod model;
mod problem;
mod promise;
mod relax;
mod report;
mod shown;
mod work;

use std::collections::BTreeMap;

use appia_diag::{Diagnostics, Spanned};
use appia_intent::{Address, Container, WorkloadName};
use appia_plan::phase::{
    Frame, ResolvedApp, ResolvedResource, ResolvedWorkload, SizedApp, SizedContainer, SizedResource,
    SizedWorkload,
};
use appia_plan::{Derived, Fact, Facts, Origin, Reason, Reasons, Target};
use serde::Serialize;
use serde_json::Value;

use report::Numbers;

/// Gives everything its numbers.
pub(crate) fn size(mut app: ResolvedApp, target: &dyn Target, sink: &mut Diagnostics) -> SizedApp {
    let promised = promise::promise(&mut app, target, sink);
    let (promise, mut numbers) =
        promised.map_or((None, BTreeMap::new()), |(promise, numbers)| (Some(promise), numbers));
    let ResolvedApp { mut frame, workloads, resources } = app;
    let facts = target.facts();
    let workloads = workloads.into_iter().map(|(name, workload)| {
        let numbers = numbers.remove(&Address::workload(&name));
        let sized = size_workload(&name, workload, (facts, numbers), &mut frame);
        (name, sized)
    });
    let workloads: BTreeMap<_, _> = workloads.collect();
    let resources = resources.into_iter().map(|(name, resource)| {
        let numbers = numbers.remove(&Address::resource(&name));
        let sized = size_resource(resource, (target, numbers), &mut frame.reasons);
        (name, sized)
    });
    let resources: BTreeMap<_, _> = resources.collect();
    SizedApp { frame, workloads, resources, promise }
}

fn size_workload(
    name: &WorkloadName,
    resolved: ResolvedWorkload,
    (facts, numbers): (&Facts, Option<Numbers>),
    frame: &mut Frame,
) -> SizedWorkload {
    let address = Address::workload(name);
    let mut sizer = Sizer { reasons: &mut frame.reasons, address: address.clone() };
    let stated = resolved.stated.replicas.as_ref();
    let replicas = match (stated, &numbers) {
        (None, Some(numbers)) => numbers.replicas.clone(),
        (Some(_), _) | (None, None) => sizer.stated_or("replicas", stated, &facts.replicas),
    };
    let artifacts = frame.inputs.artifacts.get(name);
    let serving = work::serving(&resolved).map(|container| container.name.value.clone());
    let mut containers = BTreeMap::new();
    for (container_name, container) in &resolved.stated.containers {
        let address = address.field("containers").field(container_name.as_str());
        let mut sizer = Sizer { reasons: &mut frame.reasons, address };
        let artifact = artifacts.and_then(|of| of.get(container_name)).cloned();
        let numbers = numbers.as_ref().filter(|_| serving.as_ref() == Some(container_name));
        let mut sized = size_container(container, facts, artifact, &mut sizer);
        if let (Some(numbers), None, None) = (numbers, &container.cpu.request, &container.cpu.limit) {
            sized.cpu = numbers.cpu.clone();
        }
        containers.insert(container_name.clone(), sized);
    }
    SizedWorkload { resolved, replicas, containers }
}

fn size_container(
    container: &Container,
    facts: &Facts,
    artifact: Option<appia_plan::ArtifactId>,
    sizer: &mut Sizer<'_>,
) -> SizedContainer {
    let cpu =
        sizer.stated_or("cpu", container.cpu.request.as_ref().or(container.cpu.limit.as_ref()), &facts.cpu);
    let cpu_limit = container.cpu.limit.as_ref().map(|limit| sizer.stated("cpu_limit", limit));
    let memory = container.memory.request.as_ref().or(container.memory.limit.as_ref());
    let memory = sizer.stated_or("memory", memory, &facts.memory);
    let memory_limit = match &container.memory.limit {
        Some(limit) => sizer.stated("memory_limit", limit),
        None => sizer.same_as("memory", &memory),
    };
    SizedContainer { cpu, cpu_limit, memory, memory_limit, artifact }
}

fn size_resource(
    resolved: ResolvedResource,
    (target, numbers): (&dyn Target, Option<Numbers>),
    reasons: &mut Reasons,
) -> SizedResource {
    let address = Address::resource(&resolved.stated.name.value).field("params");
    let mut sizer = Sizer { reasons, address };
    let mut values = BTreeMap::new();
    for (name, param) in &resolved.stated.params {
        if let Some(text) = param.value.as_text() {
            let stated = Spanned::new(text, param.span.clone());
            values.insert(name.clone(), sizer.stated(name, &stated).to_json());
        }
    }
    for spec in &resolved.offered.params {
        if let (Some(default), false) =
            (&spec.default, resolved.stated.params.contains_key(spec.name.as_ref()))
        {
            let value = sizer.stated_or(&spec.name, None, default);
            values.insert(spec.name.to_string(), value.to_json());
        }
    }
    let server = target.capacity().server(resolved.stated.kind.value.as_str());
    let size = numbers.zip(server).map(|(numbers, server)| {
        let memory = sizer.stated_or("memory", None, &server.memory);
        (numbers.cpu, memory)
    });
    SizedResource { resolved, values, size }
}

/// Makes derived values of one thing.
struct Sizer<'a> {
    reasons: &'a mut Reasons,
    address: Address,
}

impl Sizer<'_> {
    fn stated_or<T: Clone + Serialize>(
        &mut self,
        field: &str,
        stated: Option<&Spanned<T>>,
        fact: &Fact<T>,
    ) -> Derived<T> {
        let Some(stated) = stated else {
            let text = format!("nothing is stated, so the default stands: {}", fact.source);
            let input = Address::parse("defaults").field(field);
            let reason = Reason::new("size/default", text);
            return self.derive(&fact.value, reason, input, Origin::Default(fact.source.clone()));
        };
        self.stated(field, stated)
    }

    fn stated<T: Clone + Serialize>(&mut self, field: &str, stated: &Spanned<T>) -> Derived<T> {
        let text = format!("stated in {}, line {}", stated.span.file, stated.span.start.line);
        let origin = Origin::Stated(stated.span.clone());
        self.derive(&stated.value, Reason::new("size/stated", text), self.address.field(field), origin)
    }

    fn same_as<T: Clone + Serialize>(&mut self, other: &str, value: &Derived<T>) -> Derived<T> {
        let text = format!("the same as `{other}`: what is not limited can take a neighbour's share");
        let input = self.address.field(other);
        self.derive(value.get(), Reason::new("size/same", text), input, Origin::Computed(value.why()))
    }

    fn derive<T: Clone + Serialize>(
        &mut self,
        value: &T,
        reason: Reason,
        input: Address,
        origin: Origin,
    ) -> Derived<T> {
        let shown = serde_json::to_value(value).unwrap_or(Value::Null);
        self.reasons.derive(value.clone(), reason.input(input, shown, origin))
    }
}
