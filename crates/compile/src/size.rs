//! Pass 2, size: every workload and resource gets its numbers, each with its reason.
//!
//! A stated number is kept. Where outcomes say how much load there is, what is not stated follows from them; elsewhere
//! the target's default stands, with its source. Called by the pipeline only; it never asks the world. Start reading at
//! [`size`], then in `decide`.

mod around;
mod candidates;
mod carbon;
mod choose;
mod decide;
mod defaults;
mod judge;
mod load;
pub(crate) mod measured;
mod model;
mod pools;
mod problem;
mod promise;
mod range;
mod region;
mod relax;
mod report;
pub(crate) mod shown;
mod work;

use std::collections::BTreeMap;

use appia_diag::{Diagnostic, Diagnostics, Spanned, codes};
use appia_intent::units::Bytes;
use appia_intent::{Address, Container, ContainerName, Limits, Recovery, WorkloadName};
use appia_plan::phase::{
    Frame, ResolvedApp, ResolvedResource, ResolvedWorkload, SizedApp, SizedContainer, SizedResource,
    SizedServer, SizedWorkload,
};
use appia_plan::{Capacity, Derived, Fact, Facts, Origin, Reason, Reasons, Target};
use serde::Serialize;
use serde_json::Value;

use report::Numbers;

/// Gives everything its numbers.
pub(crate) fn size(mut app: ResolvedApp, target: &dyn Target, sink: &mut Diagnostics) -> SizedApp {
    let allowed = region::allowed(&app, target, sink);
    let mut reasons = std::mem::take(&mut app.frame.reasons);
    let picked = region::pick(&app, target, &allowed);
    let region = picked.as_ref().and_then(|picked| picked.region(&app, &mut reasons));
    let capacity = picked.as_ref().map(|picked| picked.capacity);
    let promised = picked.and_then(|picked| {
        let case = decide::case(&app, (target, picked.capacity));
        promise::promise(case, picked.decision, (&mut reasons, sink))
    });
    let spread = capacity.is_some_and(|capacity| decide::case(&app, (target, capacity)).terms.zones > 1);
    let (promise, numbers) =
        promised.map_or((None, BTreeMap::new()), |(promise, numbers)| (Some(promise), numbers));
    let place = Place { target, capacity, is_promised: promise.is_some() };
    app.workloads.values().for_each(|workload| sink.extend(no_room(workload, place).into_iter().collect()));
    let recovery = app.frame.outcomes.recovery.clone();
    let ResolvedApp { mut frame, workloads, resources } = app;
    frame.reasons = reasons;
    let mut sizing = Sizing { place, numbers, frame: &mut frame };
    let workloads = workloads.into_iter().map(|(name, workload)| {
        let sized = sizing.workload(&name, workload);
        (name, sized)
    });
    let workloads: BTreeMap<_, _> = workloads.collect();
    let resources = resources.into_iter().map(|(name, resource)| {
        let sized = sizing.resource(resource, &recovery);
        (name, sized)
    });
    let resources: BTreeMap<_, _> = resources.collect();
    SizedApp { frame, workloads, resources, region, spread, promise }
}

/// Where it goes.
#[derive(Clone, Copy)]
struct Place<'a> {
    target: &'a dyn Target,
    capacity: Option<&'a Capacity>,
    is_promised: bool,
}

/// What to say of a workload that nothing at this place has room for.
fn no_room(workload: &ResolvedWorkload, place: Place<'_>) -> Option<Diagnostic> {
    let runner = place.capacity?.runner(workload.stated.kind.value)?;
    if work::has_room(workload, runner, place.target) {
        return None;
    }
    let name = &workload.stated.name;
    let message =
        format!("`{}` asks for more than any replica on {} can have", name.value, place.target.name());
    let most = runner.sizes.last()?;
    let memory = most.memory.map_or_else(String::new, |memory| format!(" and {memory} of memory"));
    let found = Diagnostic::new(codes::TARGET_CANNOT, message).at(&name.span);
    Some(found.help(format!("the most is {} of a processor{memory}, all containers together", most.cpu)))
}

/// Gives workloads and resources their numbers.
struct Sizing<'a> {
    place: Place<'a>,
    numbers: BTreeMap<Address, Numbers>,
    frame: &'a mut Frame,
}

impl Sizing<'_> {
    fn workload(&mut self, name: &WorkloadName, resolved: ResolvedWorkload) -> SizedWorkload {
        let address = Address::workload(name);
        let numbers = self.numbers.remove(&address);
        let facts = self.place.target.facts();
        let frame = &mut *self.frame;
        let mut sizer = Sizer { reasons: &mut frame.reasons, address: address.clone() };
        let stated = resolved.stated.replicas.as_ref();
        let replicas = match (stated, &numbers) {
            (None, Some(numbers)) => numbers.replicas.clone(),
            (Some(_), _) | (None, None) => sizer.stated_or("replicas", stated, &facts.replicas),
        };
        let size = self.size_of(&resolved, numbers.as_ref());
        let frame = &mut *self.frame;
        let scale = numbers.as_ref().and_then(|numbers| numbers.scale.clone());
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
        if let Some((size, memory)) = &size {
            let own = serving.and_then(|serving| Some((resolved.stated.containers.get(&serving)?, serving)));
            if let Some((_, serving)) = own.filter(|(stated, _)| is_unstated(&stated.memory)) {
                self.rest(&address, (size, *memory), (&serving, &mut containers));
            }
        }
        SizedWorkload { resolved, replicas, scale, size: size.map(|(size, _)| size), containers }
    }

    /// What a size has of memory beyond other containers is the serving one's, wherever nothing else is stated.
    fn rest(
        &mut self,
        address: &Address,
        (size, memory): (&Derived<String>, Bytes),
        (serving, containers): (&ContainerName, &mut BTreeMap<ContainerName, SizedContainer>),
    ) {
        let others = containers.iter().filter(|(name, _)| *name != serving);
        let others: u64 = others.map(|(_, container)| container.memory.get().get()).sum();
        let Some(container) = containers.get_mut(serving) else { return };
        let rest = Bytes::new(memory.get().saturating_sub(others)).max(*container.memory.get());
        let text = "all the memory that its size brings, without that of other containers";
        let reason = Reason::new("size/rest", text).input(
            address.field("size"),
            size.get().as_str(),
            Origin::Computed(size.why()),
        );
        container.memory = self.frame.reasons.derive(rest, reason);
        container.memory_limit = container.memory.clone();
    }

    /// The target's name of what each replica is, and its memory: as chosen, else the least that holds what is stated or default.
    fn size_of(
        &mut self,
        resolved: &ResolvedWorkload,
        numbers: Option<&Numbers>,
    ) -> Option<(Derived<String>, Bytes)> {
        if let Some(numbers) = numbers {
            let name = numbers.fit.name.to_string();
            return (!name.is_empty()).then(|| (numbers.cpu.with(name), numbers.fit.memory));
        }
        let runner = self.place.capacity?.runner(resolved.stated.kind.value)?;
        let fit = work::least(resolved, runner, self.place.target).filter(|fit| !fit.name.is_empty())?;
        let reason =
            Reason::new("size/least", "the least that holds the processors and memory of its containers");
        Some((self.frame.reasons.derive(fit.name.to_string(), reason), fit.memory))
    }

    fn resource(&mut self, resolved: ResolvedResource, recovery: &Recovery) -> SizedResource {
        let whole = Address::resource(&resolved.stated.name.value);
        let numbers = self.numbers.remove(&whole);
        let size = self.server(&resolved, (numbers, recovery));
        let mut sizer = Sizer { reasons: &mut self.frame.reasons, address: whole.field("params") };
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
        SizedResource { resolved, values, size }
    }

    /// What a server is: as chosen; where no request comes, the first that keeps the promise about recovery. A target
    /// whose servers have no names and that promised nothing takes its own default.
    fn server(
        &mut self,
        resolved: &ResolvedResource,
        (numbers, recovery): (Option<Numbers>, &Recovery),
    ) -> Option<SizedServer> {
        let server = self.place.capacity?.server(resolved.stated.kind.value.as_str())?;
        let reasons = &mut self.frame.reasons;
        let (fit, cpu) = match numbers {
            Some(numbers) => (numbers.fit, numbers.cpu),
            None => {
                let fit = work::classes(server, recovery).into_iter().next()?;
                if fit.name.is_empty() && !self.place.is_promised {
                    return None;
                }
                let reason =
                    Reason::new("size/first", "the smallest that there is, as no request is known to come");
                let cpu = reasons.derive(fit.cpu, reason);
                (fit, cpu)
            }
        };
        let class = server.classes.iter().find(|class| class.name == fit.name && class.cpu == fit.cpu)?;
        let mut sizer =
            Sizer { reasons, address: Address::resource(&resolved.stated.name.value).field("params") };
        let memory = sizer.stated_or("memory", None, &class.memory);
        Some(SizedServer { class: cpu.with(fit.name.to_string()), standby: fit.standby, cpu, memory })
    }
}

fn is_unstated(share: &Limits<Bytes>) -> bool {
    share.request.is_none() && share.limit.is_none()
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
