//! Database servers in the cluster: a StatefulSet of one pod with a volume, reached by a Service.
//!
//! Images, users, ports and variables are those of the official images' own documentation. Passwords come from a
//! Secret that you create, and never stand here. Called by `lower` and for the outputs of resources.

mod run;

use appia_intent::units::{Bytes, Cpu};
use appia_plan::phase::SizedResource;
use appia_plan::{Fact, Object, ObjectId};

use super::manifest::{
    Container, ContainerPort, ContainerSecurity, PodSpec, PodTemplate, Requirements, SecretKey, Selector,
    ServicePort, ServiceSpec, Source, Spec, StatefulSetSpec, Volume, VolumeMount,
};
use super::scope::{Kind, Part, Scope};
use super::values::Piece;
use super::{network, pod, probes, quantity, volumes, workload};
use crate::database::identifier;
use crate::{hosts, params};

/// A server that Appia knows how to run.
#[derive(Debug)]
pub(super) struct Server {
    /// The type of resource.
    pub(super) kind: &'static str,
    image: &'static str,
    pub(super) port: u16,
    /// The image's own user.
    user: u32,
    scheme: &'static str,
    /// Where the volume goes, and the folder of it: a fresh volume may hold `lost+found`, which some refuse.
    data: (&'static str, Option<&'static str>),
    /// Other folders that it writes to.
    scratch: &'static [&'static str],
    pub(super) cpu: Fact<Cpu>,
    pub(super) memory: Fact<Bytes>,
}

const CPU_SOURCE: &str =
    "Appia's default, chosen as a quarter of a core kept free; there is no limit above it";

pub(super) const SERVERS: &[Server] = &[
    Server {
        kind: "postgres",
        image: "docker.io/library/postgres",
        port: 5432,
        user: 999,
        scheme: "postgresql",
        data: ("/data", None),
        scratch: &["/tmp", "/var/run/postgresql"],
        cpu: Fact::new(Cpu::from_millis(250), CPU_SOURCE),
        memory: Fact::new(
            Bytes::from_mib(512),
            "Appia's default, chosen as PostgreSQL's own 128 MiB of shared buffers and room for some dozens of connections",
        ),
    },
    Server {
        kind: "mysql",
        image: "docker.io/library/mysql",
        port: 3306,
        user: 999,
        scheme: "mysql",
        data: ("/var/lib/mysql", Some("data")),
        scratch: &["/tmp", "/var/run/mysqld"],
        cpu: Fact::new(Cpu::from_millis(250), CPU_SOURCE),
        memory: Fact::new(
            Bytes::from_mib(1024),
            "Appia's default, chosen as twice what MySQL takes with its own settings",
        ),
    },
    Server {
        kind: "redis",
        image: "docker.io/library/redis",
        port: 6379,
        user: 999,
        scheme: "redis",
        data: ("/data", None),
        scratch: &["/tmp"],
        cpu: Fact::new(Cpu::from_millis(250), CPU_SOURCE),
        memory: Fact::new(
            Bytes::from_mib(512),
            "Appia's default, chosen as twice the data it may hold, as saving copies what changes meanwhile",
        ),
    },
];

/// The server that provides a resource, when it is one of these.
pub(super) fn of(resource: &SizedResource) -> Option<&'static Server> {
    SERVERS.iter().find(|server| hosts::is(resource, server.kind))
}

impl Server {
    /// An output of the resource.
    pub(super) fn output(&self, part: &Part, output: &str) -> Option<Vec<Piece>> {
        let text = |text: &str| Some(vec![Piece::Text(text.to_owned())]);
        let password = || Piece::Secret(credential(part, "password"));
        let database = self.database(part);
        match output {
            "host" => text(&part.name),
            "port" => text(&self.port.to_string()),
            "username" => text(&self.username(part)),
            "password" => Some(vec![password()]),
            "name" | "database" => text(&database?),
            "url" => Some(vec![
                Piece::Text(format!("{}://{}:", self.scheme, self.username(part))),
                password(),
                Piece::Text(format!("@{}:{}/{}", part.name, self.port, database.as_deref().unwrap_or("0"))),
            ]),
            _ => None,
        }
    }

    fn database(&self, part: &Part) -> Option<String> {
        (self.kind != "redis").then(|| identifier(part.address.last()))
    }

    fn username(&self, part: &Part) -> String {
        self.database(part).unwrap_or_else(|| "default".to_owned())
    }

    /// The objects that run it.
    pub(super) fn objects(&self, scope: &Scope<'_>, resource: &SizedResource) -> Vec<Object> {
        let part = scope.resource(resource);
        let account = workload::account(scope, &part);
        let policy = network::of_server(scope, &part, (resource, self.port));
        let claim = volumes::claim(scope, &part, resource, ("storage", volumes::ONE_NODE));
        let spec = StatefulSetSpec {
            replicas: 1,
            selector: scope.selector(&part.name),
            service_name: part.name.clone(),
            template: self.template(scope, &part, resource),
        };
        let mut set = scope.object(&part, Kind::STATEFUL_SET, Spec { spec });
        set.needs.extend([&account, &policy, &claim].map(|object| object.id.clone()));
        vec![account, policy, claim, self.service(scope, &part), set]
    }

    fn service(&self, scope: &Scope<'_>, part: &Part) -> Object {
        let Selector { match_labels } = scope.selector(&part.name);
        let port = ServicePort {
            name: self.kind.to_owned(),
            port: self.port,
            target_port: self.port,
            protocol: "TCP",
        };
        scope.object(
            part,
            Kind::SERVICE,
            Spec { spec: ServiceSpec { selector: match_labels, ports: vec![port] } },
        )
    }

    fn template(&self, scope: &Scope<'_>, part: &Part, resource: &SizedResource) -> PodTemplate {
        let data = Source::PersistentVolumeClaim { claim: part.name.clone() };
        let scratch = (0..self.scratch.len())
            .map(|index| Volume { name: scratch_name(index), source: Source::EmptyDir {} });
        let volumes =
            std::iter::once(Volume { name: "data".to_owned(), source: data }).chain(scratch).collect();
        let spec = PodSpec {
            service_account_name: part.name.clone(),
            automount_service_account_token: false,
            enable_service_links: false,
            restart_policy: None,
            security_context: pod::security(self.user, false),
            topology_spread_constraints: Vec::new(),
            init_containers: Vec::new(),
            containers: vec![self.container(part, resource)],
            volumes,
        };
        PodTemplate { metadata: pod::metadata(scope, part), spec }
    }

    fn container(&self, part: &Part, resource: &SizedResource) -> Container {
        let run = self.run(part, resource);
        Container {
            name: self.kind.to_owned(),
            image: self.image(resource),
            command: run.command,
            args: run.args,
            restart_policy: None,
            env: run.env,
            ports: vec![ContainerPort { container_port: self.port, protocol: "TCP" }],
            resources: self.requirements(resource),
            startup_probe: Some(probes::patient(&run.ready)),
            readiness_probe: Some(run.ready),
            liveness_probe: Some(probes::accepts(self.port)),
            security_context: ContainerSecurity::strict(),
            volume_mounts: self.mounts(),
        }
    }

    /// What outcomes ask for, else the defaults.
    fn requirements(&self, resource: &SizedResource) -> Requirements {
        let sized = resource.size.as_ref().map(|size| (*size.cpu.get(), *size.memory.get()));
        let (cpu, memory) = sized.unwrap_or((self.cpu.value, self.memory.value));
        Requirements {
            requests: [("cpu", quantity::cpu(cpu)), ("memory", quantity::bytes(memory))].into(),
            limits: [("memory", quantity::bytes(memory))].into(),
        }
    }

    /// The stated image, else the official one of that version.
    fn image(&self, resource: &SizedResource) -> String {
        let version = params::text(resource, "version").unwrap_or_default();
        params::text(resource, "image").unwrap_or_else(|| format!("{}:{version}", self.image))
    }

    fn mounts(&self) -> Vec<VolumeMount> {
        let mount = |name: String, path: &str, folder: Option<&str>| VolumeMount {
            name,
            mount_path: path.to_owned(),
            sub_path: folder.map(str::to_owned),
            read_only: None,
        };
        let (path, folder) = self.data;
        let scratch = self.scratch.iter().enumerate();
        let scratch = scratch.map(|(index, path)| mount(scratch_name(index), path, None));
        std::iter::once(mount("data".to_owned(), path, folder)).chain(scratch).collect()
    }
}

fn scratch_name(index: usize) -> String {
    if index == 0 { "tmp".to_owned() } else { "run".to_owned() }
}

/// A key of the Secret that holds a server's credentials.
fn credential(part: &Part, key: &str) -> SecretKey {
    SecretKey { name: format!("{}-credentials", part.name), key: key.to_owned() }
}

/// The object that users of the resource wait for.
pub(super) fn id(part: &Part) -> ObjectId {
    ObjectId::new(Kind::STATEFUL_SET.1, part.name.as_str())
}
