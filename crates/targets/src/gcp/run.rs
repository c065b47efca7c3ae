//! Workloads on Cloud Run: services, functions as services that are billed by request, jobs.

use std::collections::BTreeMap;

use appia_intent::units::{Bytes, Cpu};
use appia_intent::{Address, Container, WorkloadKind};
use appia_plan::phase::SizedWorkload;
use appia_plan::{Object, ObjectId};
use serde::Serialize;

use super::lower::{Scope, id};
use super::servers::subnetwork_id;
use crate::cloud::terraform::marks::Text;
use crate::cloud::{Block, Part, Reference, image, object, refer};
use crate::containers::{main_port, serving, target_port};

/// Instances that a service may grow to in an emergency, beside those that always run.
const GROWTH: u32 = 2;

#[derive(Serialize)]
struct Service {
    name: String,
    location: String,
    ingress: &'static str,
    template: Block<Template>,
}

#[derive(Serialize)]
struct Template {
    scaling: Block<Scaling>,
    max_instance_request_concurrency: Option<u32>,
    vpc_access: Option<Block<VpcAccess>>,
    containers: Block<Vec<RunContainer>>,
}

#[derive(Serialize)]
struct Scaling {
    min_instance_count: u32,
    max_instance_count: u32,
}

#[derive(Serialize)]
struct VpcAccess {
    egress: &'static str,
    network_interfaces: Block<Interface>,
}

#[derive(Serialize)]
struct Interface {
    subnetwork: Reference,
}

#[derive(Serialize)]
struct RunContainer {
    name: String,
    image: Part,
    command: Option<Vec<String>>,
    args: Option<Vec<String>>,
    resources: Block<Resources>,
    ports: Option<Block<Port>>,
}

#[derive(Serialize)]
struct Resources {
    limits: BTreeMap<&'static str, String>,
    /// Not for jobs, which have a processor as long as they run.
    cpu_idle: Option<bool>,
}

#[derive(Serialize)]
struct Port {
    container_port: u16,
}

#[derive(Serialize)]
struct Member {
    name: Reference,
    location: String,
    role: &'static str,
    member: &'static str,
}

#[derive(Serialize)]
struct Job {
    name: String,
    location: String,
    template: Block<JobTemplate>,
}

#[derive(Serialize)]
struct JobTemplate {
    template: Block<TaskTemplate>,
}

#[derive(Serialize)]
struct TaskTemplate {
    max_retries: u32,
    vpc_access: Option<Block<VpcAccess>>,
    containers: Block<Vec<RunContainer>>,
}

#[derive(Serialize)]
struct Schedule {
    name: String,
    region: String,
    schedule: String,
    time_zone: &'static str,
    http_target: Block<HttpTarget>,
}

#[derive(Serialize)]
struct HttpTarget {
    http_method: &'static str,
    uri: Text,
}

/// A service that always has so many instances, or a function that has one while it is asked.
pub(super) fn service(scope: &Scope<'_>, workload: &SizedWorkload) -> Vec<Object> {
    let stated = &workload.resolved.stated;
    let (name, address) = (stated.name.value.as_str(), Address::workload(&stated.name.value));
    let by_request = stated.kind.value == WorkloadKind::Function;
    let replicas = if by_request { 0 } else { *workload.replicas.get() };
    let public = stated.public.is_some();
    let service = Service {
        name: scope.name(name),
        location: scope.region.clone(),
        ingress: if public { "INGRESS_TRAFFIC_ALL" } else { "INGRESS_TRAFFIC_INTERNAL_ONLY" },
        template: Block(Template {
            scaling: Block(Scaling {
                min_instance_count: replicas,
                max_instance_count: if by_request { 100 } else { replicas.saturating_mul(GROWTH).max(1) },
            }),
            max_instance_request_concurrency: by_request.then_some(1),
            vpc_access: vpc_access(scope).map(Block),
            containers: Block(containers(scope, workload, Some(by_request))),
        }),
    };
    let (service_id, subnetwork) = (id("google_cloud_run_v2_service", name), subnetwork_id());
    let needs: Vec<&ObjectId> = scope.has_servers().then_some(&subnetwork).into_iter().collect();
    let mut objects = vec![object(&service_id, &address, &needs, &service)];
    if public {
        let member = Member {
            name: refer(&service_id, "name"),
            location: scope.region.clone(),
            role: "roles/run.invoker",
            member: "allUsers",
        };
        let kind = "google_cloud_run_v2_service_iam_member";
        objects.push(object(&id(kind, name), &address, &[&service_id], &member));
    }
    objects
}

/// A job, with a clock that starts it where it has a schedule.
pub(super) fn job(scope: &Scope<'_>, workload: &SizedWorkload) -> Vec<Object> {
    let stated = &workload.resolved.stated;
    let (name, address) = (stated.name.value.as_str(), Address::workload(&stated.name.value));
    let template = TaskTemplate {
        max_retries: 3,
        vpc_access: vpc_access(scope).map(Block),
        containers: Block(containers(scope, workload, None)),
    };
    let job = Job {
        name: scope.name(name),
        location: scope.region.clone(),
        template: Block(JobTemplate { template: Block(template) }),
    };
    let (job_id, subnetwork) = (id("google_cloud_run_v2_job", name), subnetwork_id());
    let needs: Vec<&ObjectId> = scope.has_servers().then_some(&subnetwork).into_iter().collect();
    let mut objects = vec![object(&job_id, &address, &needs, &job)];
    if stated.kind.value == WorkloadKind::Cron {
        let schedule = Schedule {
            name: scope.name(name),
            region: scope.region.clone(),
            schedule: stated
                .schedule
                .as_ref()
                .map_or_else(|| "0 0 * * *".to_owned(), |schedule| schedule.value.clone()),
            time_zone: "Etc/UTC",
            http_target: Block(HttpTarget {
                http_method: "POST",
                uri: Text(vec![
                    "https://run.googleapis.com/v2/".into(),
                    refer(&job_id, "id").into(),
                    ":run".into(),
                ]),
            }),
        };
        objects.push(object(&id("google_cloud_scheduler_job", name), &address, &[&job_id], &schedule));
    }
    objects
}

fn vpc_access(scope: &Scope<'_>) -> Option<VpcAccess> {
    let interface = || Interface { subnetwork: refer(&subnetwork_id(), "id") };
    scope
        .has_servers()
        .then(|| VpcAccess { egress: "PRIVATE_RANGES_ONLY", network_interfaces: Block(interface()) })
}

/// The serving container first: it has what the instance is paid for, less what its neighbours take.
fn containers(scope: &Scope<'_>, workload: &SizedWorkload, by_request: Option<bool>) -> Vec<RunContainer> {
    let stated = &workload.resolved.stated;
    let first = serving(stated);
    let mut order: Vec<&Container> = stated.containers.values().map(Box::as_ref).collect();
    order.sort_by_key(|container| Some(&container.name.value) != first);
    let texts = |list: &Option<Vec<appia_diag::Spanned<String>>>| {
        list.as_ref().map(|list| list.iter().map(|text| text.value.clone()).collect())
    };
    let (cpu, memory) = size(workload);
    let container = |(index, container): (usize, &Container)| {
        let own = workload.containers.get(&container.name.value).filter(|_| index > 0);
        let (cpu, memory) = own.map_or((cpu, memory), |own| (*own.cpu.get(), *own.memory.get()));
        let port = main_port(workload)
            .filter(|_| index == 0)
            .map(|(_, port)| Port { container_port: target_port(port) });
        RunContainer {
            name: container.name.value.to_string(),
            image: image(scope.app, stated, container),
            command: texts(&container.command),
            args: texts(&container.args),
            resources: Block(Resources {
                limits: [("cpu", cpu.to_string()), ("memory", memory.to_string())].into(),
                cpu_idle: by_request,
            }),
            ports: port.map(Block),
        }
    };
    order.into_iter().enumerate().map(container).collect()
}

/// `0.5vcpu-512mib` as an amount of each; the smallest where nothing was sized.
fn size(workload: &SizedWorkload) -> (Cpu, Bytes) {
    let found = workload.size.as_ref().and_then(|size| {
        let (cpu, memory) = size.get().split_once("vcpu-")?;
        let memory = match memory.strip_suffix("gib") {
            Some(gib) => format!("{gib}Gi"),
            None => format!("{}Mi", memory.strip_suffix("mib")?),
        };
        Some((cpu.parse().ok()?, memory.parse().ok()?))
    });
    found.unwrap_or((Cpu::from_millis(1_000), Bytes::from_mib(512)))
}
