//! Builds sized applications in a few words, as `compile` would make them of an intent.

use std::collections::{BTreeMap, BTreeSet};

use appia_diag::{Span, Spanned};
use appia_intent::units::{Bytes, Cpu};
use appia_intent::{
    Address, Balance, Build, Call, Constraints, Container, ContainerName, Exposure, FileContent, FileMount,
    Limits, Outcomes, Param, Port, PortName, Probe, ProbeCheck, Probes, Protocol, Ready, Reference, Resource,
    ResourceName, ResourceType, Template, VolumeMount, VolumeSource, Workload, WorkloadKind, WorkloadName,
};
use appia_plan::phase::{
    Frame, ResolvedResource, ResolvedWorkload, SizedApp, SizedContainer, SizedResource, SizedWorkload,
};
use appia_plan::{ArtifactId, Derived, Inputs, Origin, Provides, Reason, Reasons, Target};

/// A thing and the place it was written.
pub(crate) fn at<T>(value: T) -> Spanned<T> {
    Spanned::new(value, Span::file_start("appia.yaml"))
}

/// A text with placeholders.
pub(crate) fn text(text: &str) -> Spanned<Template> {
    at(Template::parse(text).unwrap())
}

/// A workload to be.
pub(crate) struct W(Workload);

/// A service called so, with a container `main`.
pub(crate) fn workload(name: &str) -> W {
    let main = container("main");
    W(Workload {
        name: at(WorkloadName::new(name).unwrap()),
        kind: at(WorkloadKind::Service),
        containers: BTreeMap::from([(main.name.value.clone(), Box::new(main))]),
        ports: BTreeMap::new(),
        public: None,
        calls: BTreeMap::new(),
        uses: BTreeMap::new(),
        replicas: None,
        share: None,
        payload: None,
        schedule: None,
        balance: None,
        watch: None,
        annotations: BTreeMap::new(),
    })
}

fn container(name: &str) -> Container {
    Container {
        name: at(ContainerName::new(name).unwrap()),
        image: None,
        build: None,
        command: None,
        args: None,
        env: BTreeMap::new(),
        files: BTreeMap::new(),
        volumes: BTreeMap::new(),
        probes: Probes::default(),
        cpu: Limits::default(),
        memory: Limits::default(),
        threads: None,
        demand: None,
        before: BTreeMap::new(),
    }
}

/// What changes of a container.
pub(crate) struct C<'a>(&'a mut Container);

impl W {
    pub(crate) fn kind(mut self, kind: WorkloadKind) -> W {
        self.0.kind = at(kind);
        self
    }

    pub(crate) fn port(mut self, name: &str, port: u16, protocol: Protocol) -> W {
        self.0.ports.insert(PortName::new(name).unwrap(), Port { port: at(port), target: None, protocol });
        self
    }

    pub(crate) fn http(self, port: u16) -> W {
        self.port("http", port, Protocol::Http)
    }

    pub(crate) fn balanced(mut self, balance: Balance) -> W {
        self.0.balance = Some(at(balance));
        self
    }

    pub(crate) fn target(mut self, port: u16) -> W {
        self.0.ports.values_mut().for_each(|stated| stated.target = Some(at(port)));
        self
    }

    pub(crate) fn public(mut self, host: Option<&str>) -> W {
        self.0.public = Some(at(Exposure { host: host.map(|host| at(host.to_owned())), path: None }));
        self
    }

    pub(crate) fn calls(mut self, name: &str) -> W {
        self.0.calls.insert(WorkloadName::new(name).unwrap(), Call { visits: at(1.0), parallel: false });
        self
    }

    pub(crate) fn replicas(mut self, replicas: u32) -> W {
        self.0.replicas = Some(at(replicas));
        self
    }

    pub(crate) fn schedule(mut self, schedule: &str) -> W {
        self.0.schedule = Some(at(schedule.to_owned()));
        self
    }

    pub(crate) fn annotation(mut self, name: &str, value: &str) -> W {
        self.0.annotations.insert(name.to_owned(), value.to_owned());
        self
    }

    /// Changes the container of that name, which is made when it is not there.
    pub(crate) fn container(mut self, name: &str, change: impl FnOnce(&mut C<'_>)) -> W {
        let key = ContainerName::new(name).unwrap();
        change(&mut C(self.0.containers.entry(key).or_insert_with(|| Box::new(container(name)))));
        self
    }

    pub(crate) fn image(self, image: &str) -> W {
        self.container("main", |main| main.image(image))
    }

    pub(crate) fn built(self, context: &str) -> W {
        self.container("main", |main| main.built(context))
    }

    pub(crate) fn env(self, name: &str, value: &str) -> W {
        self.container("main", |main| main.env(name, value))
    }

    pub(crate) fn without_main(mut self) -> W {
        self.0.containers.remove("main");
        self
    }
}

impl C<'_> {
    pub(crate) fn image(&mut self, image: &str) {
        self.0.image = Some(at(image.to_owned()));
    }

    pub(crate) fn built(&mut self, context: &str) {
        let context = context.to_owned();
        self.0.build = Some(at(Build {
            context,
            builder: None,
            command: None,
            output: None,
            binary: None,
            dockerfile: None,
        }));
    }

    pub(crate) fn env(&mut self, name: &str, value: &str) {
        self.0.env.insert(name.to_owned(), text(value));
    }

    pub(crate) fn args(&mut self, command: &[&str], args: &[&str]) {
        let words = |words: &[&str]| words.iter().map(|word| at((*word).to_owned())).collect();
        self.0.command = Some(words(command));
        self.0.args = Some(words(args));
    }

    pub(crate) fn file(&mut self, path: &str, content: &str, mode: Option<u32>) {
        let content = FileContent::Text(Template::parse(content).unwrap());
        self.0.files.insert(path.to_owned(), at(FileMount { mode, content }));
    }

    pub(crate) fn bytes(&mut self, path: &str, bytes: &[u8]) {
        self.0.files.insert(
            path.to_owned(),
            at(FileMount { mode: None, content: FileContent::Binary(bytes.into()) }),
        );
    }

    pub(crate) fn volume(&mut self, path: &str, resource: &str, read_only: bool) {
        let source = VolumeSource::Resource(ResourceName::new(resource).unwrap());
        self.0.volumes.insert(path.to_owned(), at(VolumeMount { source, path: None, read_only }));
    }

    pub(crate) fn named_volume(&mut self, path: &str, name: &str) {
        self.part_of_volume(path, name, "/sub");
    }

    pub(crate) fn part_of_volume(&mut self, path: &str, name: &str, part: &str) {
        let source = VolumeSource::Named(name.to_owned());
        let mount = VolumeMount { source, path: Some(part.to_owned()), read_only: false };
        self.0.volumes.insert(path.to_owned(), at(mount));
    }

    pub(crate) fn readiness(&mut self, path: &str) {
        self.0.probes.readiness = Some(at(get(path, None)));
    }

    pub(crate) fn readiness_at(&mut self, path: &str, port: u16) {
        self.0.probes.readiness = Some(at(get(path, Some(port))));
    }

    pub(crate) fn liveness(&mut self, path: &str) {
        self.0.probes.liveness = Some(at(get(path, None)));
    }

    pub(crate) fn before(&mut self, other: &str, ready: Ready) {
        self.0.before.insert(ContainerName::new(other).unwrap(), at(ready));
    }

    pub(crate) fn limits(&mut self, cpu: u64, memory: u64) {
        self.0.cpu.limit = Some(at(Cpu::from_millis(cpu)));
        self.0.memory.limit = Some(at(Bytes::from_mib(memory)));
    }
}

fn get(path: &str, port: Option<u16>) -> Probe {
    let check = ProbeCheck::Http {
        path: path.to_owned(),
        port,
        scheme: "http".to_owned(),
        host: None,
        headers: Vec::new(),
    };
    Probe { check, interval: None, timeout: None, start_within: None, failures: None }
}

/// A resource to be.
pub(crate) struct R(Resource);

/// A resource of a type.
pub(crate) fn resource(name: &str, kind: &str) -> R {
    R(Resource {
        name: at(ResourceName::new(name).unwrap()),
        kind: at(ResourceType::new(kind)),
        class: None,
        id: None,
        params: BTreeMap::new(),
        outputs: BTreeMap::new(),
        open_type: false,
        annotations: BTreeMap::new(),
    })
}

impl R {
    /// As Score has it: types that nobody offers are taken as external.
    pub(crate) fn open(mut self) -> R {
        self.0.open_type = true;
        self
    }

    pub(crate) fn id(mut self, id: &str) -> R {
        self.0.id = Some(at(id.to_owned()));
        self
    }

    pub(crate) fn param(mut self, name: &str, value: &str) -> R {
        self.0.params.insert(name.to_owned(), at(Param::Text(Template::parse(value).unwrap())));
        self
    }

    pub(crate) fn output(mut self, name: &str, value: &str) -> R {
        self.0.outputs.insert(name.to_owned(), text(value));
        self
    }
}

/// An application to be.
pub(crate) struct App {
    name: &'static str,
    environment: &'static str,
    workloads: Vec<Workload>,
    resources: Vec<Resource>,
    images: BTreeMap<WorkloadName, String>,
}

/// An application of that name in the environment `local`.
pub(crate) fn app(name: &'static str) -> App {
    App { name, environment: "local", workloads: Vec::new(), resources: Vec::new(), images: BTreeMap::new() }
}

impl App {
    pub(crate) fn environment(mut self, name: &'static str) -> App {
        self.environment = name;
        self
    }

    pub(crate) fn with(mut self, workload: W) -> App {
        self.workloads.push(workload.0);
        self
    }

    pub(crate) fn needs(mut self, resource: R) -> App {
        self.resources.push(resource.0);
        self
    }

    pub(crate) fn image(mut self, workload: &str, image: &str) -> App {
        self.images.insert(WorkloadName::new(workload).unwrap(), image.to_owned());
        self
    }

    /// The same with everything said in the opposite order.
    pub(crate) fn reversed(mut self) -> App {
        self.workloads.reverse();
        self.resources.reverse();
        self
    }

    /// Resolves and sizes it as `compile` does.
    pub(crate) fn sized(&self, target: &'static dyn Target) -> SizedApp {
        let mut reasons = Reasons::default();
        let mut resources = BTreeMap::new();
        for stated in &self.resources {
            resources.insert(stated.name.value.clone(), size_resource(stated, target, &mut reasons));
        }
        let mut workloads = BTreeMap::new();
        for stated in &self.workloads {
            workloads.insert(stated.name.value.clone(), size_workload(stated, target, &mut reasons));
        }
        let frame = Frame {
            app: self.name.parse().unwrap(),
            owner: None,
            environment: self.environment.parse().unwrap(),
            target: target.name(),
            outcomes: Outcomes::default(),
            constraints: Constraints::default(),
            inputs: Inputs { images: self.images.clone(), ..Inputs::default() },
            reasons,
        };
        SizedApp { frame, workloads, resources, region: None, spread: false, promise: None }
    }
}

fn default<T>(reasons: &mut Reasons, value: T, source: &str) -> Derived<T> {
    reasons.derive(
        value,
        Reason::new("size/default", format!("nothing is stated, so the default stands: {source}")),
    )
}

fn stated<T>(reasons: &mut Reasons, name: &Address, value: T) -> Derived<T> {
    let span = Span::file_start("appia.yaml");
    let reason = Reason::new("size/stated", "stated in appia.yaml, line 1").input(
        name.clone(),
        "-",
        Origin::Stated(span),
    );
    reasons.derive(value, reason)
}

fn size_resource(stated_: &Resource, target: &'static dyn Target, reasons: &mut Reasons) -> SizedResource {
    let kind = stated_.kind.value.as_str();
    let provides = |wanted: &str| {
        let found = target.offerings().iter();
        found
            .clone()
            .find(|offering| matches!(&offering.provides, Provides::Resource(name) if name == wanted))
            .cloned()
    };
    let offered = provides(kind).or_else(|| provides("external")).unwrap();
    let address = Address::resource(&stated_.name.value);
    let mut values = BTreeMap::new();
    for (name, param) in &stated_.params {
        if let Some(text) = param.value.as_text() {
            values.insert(name.clone(), stated(reasons, &address.field(name), text.into()));
        }
    }
    for spec in offered.params.iter().filter(|spec| !stated_.params.contains_key(spec.name.as_ref())) {
        if let Some(fact) = &spec.default {
            values.insert(spec.name.to_string(), default(reasons, fact.value.as_ref().into(), &fact.source));
        }
    }
    let templates = stated_.params.values().flat_map(|param| param.value.templates());
    let templates = templates.chain(stated_.outputs.values().map(|output| &output.value));
    let needs = references(templates).into_iter().collect();
    let offering = reasons.derive(offered.name.to_string(), Reason::new("resolve/offering/type", "by type"));
    let resolved = ResolvedResource { stated: stated_.clone(), offering, offered, needs };
    SizedResource { resolved, values, size: None }
}

fn references<'a>(templates: impl Iterator<Item = &'a Template>) -> BTreeSet<Address> {
    let address = |reference: &Reference| match reference {
        Reference::Resource { name, .. } => Address::resource(name),
        Reference::Workload { name, .. } => Address::workload(name),
    };
    templates.flat_map(Template::references).map(address).collect()
}

fn size_workload(workload: &Workload, target: &'static dyn Target, reasons: &mut Reasons) -> SizedWorkload {
    let address = Address::workload(&workload.name.value);
    let facts = target.facts();
    let replicas = match &workload.replicas {
        Some(replicas) => stated(reasons, &address.field("replicas"), replicas.value),
        None => default(reasons, facts.replicas.value, &facts.replicas.source),
    };
    let mut containers = BTreeMap::new();
    let mut needs: BTreeSet<Address> = workload.calls.keys().map(Address::workload).collect();
    for (name, container) in &workload.containers {
        containers.insert(name.clone(), size_container(&address, container, target, reasons));
        let texts = container.files.values().filter_map(|file| match &file.value.content {
            FileContent::Text(template) => Some(template),
            FileContent::Binary(_) => None,
        });
        needs.extend(references(container.env.values().map(|value| &value.value).chain(texts)));
        needs.extend(container.volumes.values().filter_map(|mount| match &mount.value.source {
            VolumeSource::Resource(name) => Some(Address::resource(name)),
            VolumeSource::Named(_) => None,
        }));
    }
    needs.remove(&address);
    let offering = reasons
        .derive(workload.kind.value.as_str().to_owned(), Reason::new("resolve/offering/kind", "by kind"));
    let needs = needs.into_iter().collect();
    SizedWorkload {
        resolved: ResolvedWorkload { stated: workload.clone(), offering, needs },
        replicas,
        scale: None,
        size: None,
        containers,
    }
}

fn size_container(
    address: &Address,
    container: &Container,
    target: &'static dyn Target,
    reasons: &mut Reasons,
) -> SizedContainer {
    let facts = target.facts();
    let (cpu, memory) = (&container.cpu.limit, &container.memory.limit);
    SizedContainer {
        cpu: default(reasons, facts.cpu.value, &facts.cpu.source),
        cpu_limit: cpu.as_ref().map(|limit| stated(reasons, address, limit.value)),
        memory: default(reasons, facts.memory.value, &facts.memory.source),
        memory_limit: match memory {
            Some(limit) => stated(reasons, address, limit.value),
            None => reasons.derive(
                facts.memory.value,
                Reason::new(
                    "size/same",
                    "the same as `memory`: what is not limited can take a neighbour's share",
                ),
            ),
        },
        artifact: container
            .build
            .as_ref()
            .map(|build| ArtifactId(format!("3f9a1c2b7d4e{:04x}", build.value.context.len()))),
    }
}
