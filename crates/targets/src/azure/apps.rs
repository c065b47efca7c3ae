//! Workloads on Container Apps, jobs, and functions on the consumption plan.

use appia_intent::units::{Bytes, Cpu};
use appia_intent::{Address, Container, WorkloadKind};
use appia_plan::phase::SizedWorkload;
use appia_plan::{Object, ObjectId};
use serde::Serialize;

use super::lower::{Scope, id};
use super::servers::subnet_id;
use super::storage::{account_name, group_id};
use crate::cloud::{Block, Part, Reference, image, object, refer};
use crate::containers::{main_port, serving, target_port};

/// Replicas that an app may grow to in an emergency, beside those that always run.
const GROWTH: u32 = 2;

/// Days that logs are kept: what ingesting them includes.
const RETENTION: u32 = 30;

#[derive(Serialize)]
struct Workspace {
    name: String,
    resource_group_name: Reference,
    location: String,
    sku: &'static str,
    retention_in_days: u32,
}

#[derive(Serialize)]
struct Environment {
    name: String,
    resource_group_name: Reference,
    location: String,
    log_analytics_workspace_id: Reference,
    infrastructure_subnet_id: Option<Reference>,
    zone_redundancy_enabled: Option<bool>,
}

#[derive(Serialize)]
struct App {
    name: String,
    resource_group_name: Reference,
    container_app_environment_id: Reference,
    revision_mode: &'static str,
    template: Block<Template>,
    ingress: Option<Block<Ingress>>,
}

#[derive(Serialize)]
struct Template {
    min_replicas: u32,
    max_replicas: u32,
    container: Block<Vec<AppContainer>>,
}

#[derive(Serialize)]
struct AppContainer {
    name: String,
    image: Part,
    command: Option<Vec<String>>,
    args: Option<Vec<String>>,
    cpu: f64,
    memory: String,
}

#[derive(Serialize)]
struct Ingress {
    external_enabled: bool,
    target_port: u16,
    transport: &'static str,
    traffic_weight: Block<Weight>,
}

#[derive(Serialize)]
struct Weight {
    latest_revision: bool,
    percentage: u32,
}

#[derive(Serialize)]
struct Job {
    name: String,
    resource_group_name: Reference,
    location: String,
    container_app_environment_id: Reference,
    replica_timeout_in_seconds: u32,
    replica_retry_limit: u32,
    template: Block<JobTemplate>,
    manual_trigger_config: Option<Block<Trigger>>,
    schedule_trigger_config: Option<Block<Schedule>>,
}

#[derive(Serialize)]
struct JobTemplate {
    container: Block<Vec<AppContainer>>,
}

#[derive(Serialize)]
struct Trigger {
    parallelism: u32,
}

#[derive(Serialize)]
struct Schedule {
    cron_expression: String,
    parallelism: u32,
}

#[derive(Serialize)]
struct Plan {
    name: String,
    resource_group_name: Reference,
    location: String,
    os_type: &'static str,
    sku_name: &'static str,
}

#[derive(Serialize)]
struct Function {
    name: String,
    resource_group_name: Reference,
    location: String,
    service_plan_id: Reference,
    storage_account_name: String,
    https_only: bool,
    public_network_access_enabled: bool,
    site_config: Block<SiteConfig>,
}

#[derive(Serialize)]
struct SiteConfig {
    minimum_tls_version: &'static str,
}

fn environment_id() -> ObjectId {
    id("azurerm_container_app_environment", "main")
}

/// What all containers run in, and where their logs go; nothing where none runs.
pub(super) fn environment(scope: &Scope<'_>) -> Vec<Object> {
    let runs = |kind: WorkloadKind| !matches!(kind, WorkloadKind::Site | WorkloadKind::Function);
    if !scope.app.workloads.values().any(|found| runs(found.resolved.stated.kind.value)) {
        return Vec::new();
    }
    let (at, workspace) = (&scope.shared, id("azurerm_log_analytics_workspace", "main"));
    let logs = Workspace {
        name: scope.name("logs"),
        resource_group_name: refer(&group_id(), "name"),
        location: scope.region.clone(),
        sku: "PerGB2018",
        retention_in_days: RETENTION,
    };
    let networked = scope.has_servers();
    let subnet = subnet_id("apps");
    let main = Environment {
        name: scope.name("main"),
        resource_group_name: refer(&group_id(), "name"),
        location: scope.region.clone(),
        log_analytics_workspace_id: refer(&workspace, "id"),
        infrastructure_subnet_id: networked.then(|| refer(&subnet, "id")),
        // Only an environment with a subnet of its own can be in all zones.
        zone_redundancy_enabled: networked.then_some(scope.app.spread),
    };
    let group = group_id();
    let mut needs = vec![&group, &workspace];
    needs.extend(networked.then_some(&subnet));
    vec![object(&workspace, at, &[&group], &logs), object(&environment_id(), at, &needs, &main)]
}

/// An app with so many replicas.
pub(super) fn service(scope: &Scope<'_>, workload: &SizedWorkload) -> Vec<Object> {
    let stated = &workload.resolved.stated;
    let (name, address) = (stated.name.value.as_str(), Address::workload(&stated.name.value));
    let replicas = *workload.replicas.get();
    let ingress = main_port(workload).map(|(_, port)| Ingress {
        external_enabled: stated.public.is_some(),
        target_port: target_port(port),
        transport: "auto",
        traffic_weight: Block(Weight { latest_revision: true, percentage: 100 }),
    });
    let app = App {
        name: scope.name(name),
        resource_group_name: refer(&group_id(), "name"),
        container_app_environment_id: refer(&environment_id(), "id"),
        revision_mode: "Single",
        template: Block(Template {
            min_replicas: replicas,
            max_replicas: replicas.saturating_mul(GROWTH).max(1),
            container: Block(containers(scope, workload)),
        }),
        ingress: ingress.map(Block),
    };
    vec![object(&id("azurerm_container_app", name), &address, &[&group_id(), &environment_id()], &app)]
}

/// A job, by hand or by the clock.
pub(super) fn job(scope: &Scope<'_>, workload: &SizedWorkload) -> Vec<Object> {
    let stated = &workload.resolved.stated;
    let (name, address) = (stated.name.value.as_str(), Address::workload(&stated.name.value));
    let by_clock = stated.kind.value == WorkloadKind::Cron;
    let schedule =
        stated.schedule.as_ref().map_or_else(|| "0 0 * * *".to_owned(), |found| found.value.clone());
    let job = Job {
        name: scope.name(name),
        resource_group_name: refer(&group_id(), "name"),
        location: scope.region.clone(),
        container_app_environment_id: refer(&environment_id(), "id"),
        replica_timeout_in_seconds: 3_600,
        replica_retry_limit: 3,
        template: Block(JobTemplate { container: Block(containers(scope, workload)) }),
        manual_trigger_config: (!by_clock).then_some(Trigger { parallelism: 1 }).map(Block),
        schedule_trigger_config: by_clock
            .then_some(Schedule { cron_expression: schedule, parallelism: 1 })
            .map(Block),
    };
    vec![object(&id("azurerm_container_app_job", name), &address, &[&group_id(), &environment_id()], &job)]
}

/// A function app on a plan that has no machine of its own.
pub(super) fn function(scope: &Scope<'_>, workload: &SizedWorkload) -> Vec<Object> {
    let stated = &workload.resolved.stated;
    let (name, address) = (stated.name.value.as_str(), Address::workload(&stated.name.value));
    let plan_id = id("azurerm_service_plan", name);
    let plan = Plan {
        name: scope.name(name),
        resource_group_name: refer(&group_id(), "name"),
        location: scope.region.clone(),
        os_type: "Linux",
        sku_name: "Y1",
    };
    let function = Function {
        name: scope.name(name),
        resource_group_name: refer(&group_id(), "name"),
        location: scope.region.clone(),
        service_plan_id: refer(&plan_id, "id"),
        storage_account_name: account_name(scope),
        https_only: true,
        public_network_access_enabled: stated.public.is_some(),
        site_config: Block(SiteConfig { minimum_tls_version: "1.2" }),
    };
    vec![
        object(&plan_id, &address, &[&group_id()], &plan),
        object(&id("azurerm_linux_function_app", name), &address, &[&group_id(), &plan_id], &function),
    ]
}

/// The serving container has what the app is paid for, less what its neighbours take.
fn containers(scope: &Scope<'_>, workload: &SizedWorkload) -> Vec<AppContainer> {
    let stated = &workload.resolved.stated;
    let first = serving(stated).or_else(|| stated.containers.keys().next());
    let beside = || workload.containers.iter().filter(|(name, _)| Some(*name) != first);
    let (cpu, memory) = size(workload);
    let rest_cpu = cpu.millis().saturating_sub(beside().map(|(_, other)| other.cpu.get().millis()).sum());
    let rest_memory = memory.get().saturating_sub(beside().map(|(_, other)| other.memory.get().get()).sum());
    let texts = |list: &Option<Vec<appia_diag::Spanned<String>>>| {
        list.as_ref().map(|list| list.iter().map(|text| text.value.clone()).collect())
    };
    let container = |container: &Container| {
        let own =
            workload.containers.get(&container.name.value).filter(|_| Some(&container.name.value) != first);
        let (cpu, memory) =
            own.map_or((rest_cpu, rest_memory), |own| (own.cpu.get().millis(), own.memory.get().get()));
        AppContainer {
            name: container.name.value.to_string(),
            image: image(scope.app, stated, container),
            command: texts(&container.command),
            args: texts(&container.args),
            cpu: cpu as f64 / 1_000.0,
            memory: Bytes::new(memory).to_string(),
        }
    };
    stated.containers.values().map(|found| container(found)).collect()
}

/// `0.5-1Gi` as an amount of each; the smallest where nothing was sized.
fn size(workload: &SizedWorkload) -> (Cpu, Bytes) {
    let found = workload.size.as_ref().and_then(|size| {
        let (cpu, memory) = size.get().split_once('-')?;
        Some((cpu.parse().ok()?, memory.parse().ok()?))
    });
    found.unwrap_or((Cpu::from_millis(250), Bytes::from_mib(512)))
}
