//! Workloads that run: tasks of ECS on Fargate, and functions of Lambda.

use appia_intent::{Address, Container, WorkloadKind};
use appia_plan::phase::SizedWorkload;
use appia_plan::{Object, ObjectId};
use serde::Serialize;

use super::entrance::{BALANCER, is_behind_balancer, target_group_id};
use super::lower::{Scope, id};
use super::network::{allow, group, group_id};
use crate::cloud::{Given, Reference, object, refer, word};
use crate::containers::{first_containers, image, main_port, target_port};

/// The smallest task, for what was planned without numbers.
const SMALLEST: &str = "256-512";

/// Days that logs are kept.
const RETENTION: u32 = 30;

/// True for what runs in subnets.
pub(super) fn runs_in_network(kind: WorkloadKind) -> bool {
    match kind {
        WorkloadKind::Service | WorkloadKind::Worker | WorkloadKind::Job | WorkloadKind::Cron => true,
        WorkloadKind::Function | WorkloadKind::Site => false,
    }
}

#[derive(Serialize)]
struct Cluster {
    name: String,
    setting: Setting,
}

#[derive(Serialize)]
struct Setting {
    name: &'static str,
    value: &'static str,
}

#[derive(Serialize)]
struct LogGroup {
    name: String,
    retention_in_days: u32,
}

#[derive(Serialize)]
struct TaskDefinition {
    family: String,
    cpu: String,
    memory: String,
    network_mode: &'static str,
    requires_compatibilities: [&'static str; 1],
    runtime_platform: Platform,
    container_definitions: Vec<Definition>,
}

#[derive(Serialize)]
struct Platform {
    cpu_architecture: &'static str,
    operating_system_family: &'static str,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Definition {
    name: String,
    image: Given,
    essential: bool,
    cpu: u64,
    entry_point: Option<Vec<String>>,
    command: Option<Vec<String>>,
    port_mappings: Option<Vec<PortMapping>>,
    depends_on: Option<Vec<Dependency>>,
    readonly_root_filesystem: bool,
    log_configuration: LogConfiguration,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct PortMapping {
    container_port: u16,
    protocol: &'static str,
    name: String,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Dependency {
    container_name: String,
    condition: &'static str,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct LogConfiguration {
    log_driver: &'static str,
    options: LogOptions,
}

#[derive(Serialize)]
struct LogOptions {
    #[serde(rename = "awslogs-group")]
    group: String,
    #[serde(rename = "awslogs-region")]
    region: String,
    #[serde(rename = "awslogs-stream-prefix")]
    prefix: String,
}

#[derive(Serialize)]
struct Service {
    name: String,
    cluster: Reference,
    task_definition: Reference,
    desired_count: u32,
    launch_type: &'static str,
    deployment_circuit_breaker: CircuitBreaker,
    network_configuration: NetworkConfiguration,
    load_balancer: Option<LoadBalancer>,
    health_check_grace_period_seconds: Option<u32>,
}

#[derive(Serialize)]
struct CircuitBreaker {
    enable: bool,
    rollback: bool,
}

#[derive(Serialize)]
struct NetworkConfiguration {
    subnets: Vec<Reference>,
    security_groups: Vec<Reference>,
    assign_public_ip: bool,
}

#[derive(Serialize)]
struct LoadBalancer {
    target_group_arn: Reference,
    container_name: String,
    container_port: u16,
}

#[derive(Serialize)]
struct Schedule {
    name: String,
    schedule_expression: String,
    schedule_expression_timezone: &'static str,
    flexible_time_window: Window,
    target: ScheduleTarget,
}

#[derive(Serialize)]
struct Window {
    mode: &'static str,
}

#[derive(Serialize)]
struct ScheduleTarget {
    arn: Reference,
    ecs_parameters: EcsParameters,
}

#[derive(Serialize)]
struct EcsParameters {
    task_definition_arn: Reference,
    launch_type: &'static str,
    task_count: u32,
    network_configuration: NetworkConfiguration,
}

#[derive(Serialize)]
struct Function {
    function_name: String,
    package_type: &'static str,
    image_uri: Given,
    memory_size: u32,
    timeout: u32,
    architectures: [&'static str; 1],
}

#[derive(Serialize)]
struct FunctionUrl {
    function_name: Reference,
    authorization_type: &'static str,
}

fn cluster_id() -> ObjectId {
    id("aws_ecs_cluster", "main")
}

/// What all tasks run in.
pub(super) fn cluster(scope: &Scope<'_>) -> Object {
    let setting = Setting { name: "containerInsights", value: "disabled" };
    let cluster = Cluster { name: scope.name("main"), setting };
    object(&cluster_id(), &scope.place.shared, &[], &cluster)
}

/// The name and the address of a workload.
fn names(workload: &SizedWorkload) -> (&str, Address) {
    let name = &workload.resolved.stated.name.value;
    (name.as_str(), Address::workload(name))
}

/// Tasks that run all the time.
pub(super) fn service(scope: &Scope<'_>, workload: &SizedWorkload) -> Vec<Object> {
    let (name, address) = names(workload);
    let (definition, task) = task(scope, workload);
    let port = main_port(workload).map(|(_, port)| target_port(port));
    let behind = is_behind_balancer(workload);
    let balancer = port.filter(|_| behind).map(|container_port| LoadBalancer {
        target_group_arn: refer(&target_group_id(name), "arn"),
        container_name: serving(workload),
        container_port,
    });
    let service = Service {
        name: scope.name(name),
        cluster: refer(&cluster_id(), "id"),
        task_definition: refer(&definition, "arn"),
        desired_count: *workload.replicas.get(),
        launch_type: "FARGATE",
        deployment_circuit_breaker: CircuitBreaker { enable: true, rollback: true },
        network_configuration: in_network(scope, name),
        health_check_grace_period_seconds: balancer.as_ref().map(|_| 60),
        load_balancer: balancer,
    };
    let (cluster, group_id, target) = (cluster_id(), group_id(name), target_group_id(name));
    let mut needs: Vec<&ObjectId> = vec![&cluster, &definition, &group_id];
    needs.extend(scope.network.private.iter());
    if behind {
        needs.push(&target);
    }
    let mut objects = task;
    objects.push(group(scope, name, &address));
    objects.push(object(&id("aws_ecs_service", name), &address, &needs, &service));
    objects.extend(callers(scope, workload));
    objects
}

/// Everyone who may call a workload.
fn callers(scope: &Scope<'_>, workload: &SizedWorkload) -> Vec<Object> {
    let (name, address) = names(workload);
    let Some(port) = main_port(workload).map(|(_, port)| target_port(port)) else { return Vec::new() };
    let calls = scope.users(&address).iter().copied();
    let door = is_behind_balancer(workload).then_some(BALANCER);
    calls
        .chain(door)
        .filter(|caller| *caller != name)
        .map(|caller| allow(&address, (caller, name), port))
        .collect()
}

/// A task that runs once.
pub(super) fn job(scope: &Scope<'_>, workload: &SizedWorkload) -> Vec<Object> {
    let (name, address) = names(workload);
    let mut objects = task(scope, workload).1;
    objects.push(group(scope, name, &address));
    objects
}

/// A task that is started by the clock.
pub(super) fn cron(scope: &Scope<'_>, workload: &SizedWorkload) -> Vec<Object> {
    let (name, address) = names(workload);
    let (definition, task) = task(scope, workload);
    let stated = workload.resolved.stated.schedule.as_ref().map(|schedule| schedule.value.as_str());
    let schedule = Schedule {
        name: scope.name(name),
        schedule_expression: format!("cron({})", six_fields(stated.unwrap_or("0 0 * * *"))),
        schedule_expression_timezone: "UTC",
        flexible_time_window: Window { mode: "OFF" },
        target: ScheduleTarget {
            arn: refer(&cluster_id(), "arn"),
            ecs_parameters: EcsParameters {
                task_definition_arn: refer(&definition, "arn"),
                launch_type: "FARGATE",
                task_count: 1,
                network_configuration: in_network(scope, name),
            },
        },
    };
    let mut objects = task;
    objects.push(group(scope, name, &address));
    let (cluster, group_id) = (cluster_id(), group_id(name));
    objects.push(object(
        &id("aws_scheduler_schedule", name),
        &address,
        &[&cluster, &definition, &group_id],
        &schedule,
    ));
    objects
}

/// Five fields of crontab as six of the scheduler: it has years, and wants `?` for one of the two days.
fn six_fields(crontab: &str) -> String {
    let fields: Vec<&str> = crontab.split_whitespace().collect();
    match fields.as_slice() {
        [minute, hour, day, month, "*"] => format!("{minute} {hour} {day} {month} ? *"),
        [minute, hour, _, month, weekday] => format!("{minute} {hour} ? {month} {weekday} *"),
        _ => "0 0 * * ? *".to_owned(),
    }
}

/// A function with an address of its own where it is public.
pub(super) fn function(scope: &Scope<'_>, workload: &SizedWorkload) -> Vec<Object> {
    let (name, address) = names(workload);
    let function_id = id("aws_lambda_function", name);
    let log = log_group(scope, workload, "/aws/lambda");
    let stated = &workload.resolved.stated;
    let container = stated.containers.values().next();
    let size = workload.size.as_ref().and_then(|size| size.get().parse().ok());
    let function = Function {
        function_name: scope.name(name),
        package_type: "Image",
        image_uri: container.map_or_else(|| variable(name), |container| given(scope, workload, container)),
        memory_size: size.unwrap_or(1_769),
        timeout: 30,
        architectures: ["x86_64"],
    };
    let mut objects = vec![object(&function_id, &address, &[&log.id], &function)];
    if stated.public.is_some() {
        let url =
            FunctionUrl { function_name: refer(&function_id, "function_name"), authorization_type: "NONE" };
        objects.push(object(&id("aws_lambda_function_url", name), &address, &[&function_id], &url));
    }
    objects.push(log);
    objects
}

fn in_network(scope: &Scope<'_>, name: &str) -> NetworkConfiguration {
    NetworkConfiguration {
        subnets: scope.network.private(),
        security_groups: vec![refer(&group_id(name), "id")],
        assign_public_ip: false,
    }
}

/// CPU units and MiB of a task.
fn size(workload: &SizedWorkload) -> (String, String) {
    let size = workload.size.as_ref().map_or(SMALLEST, |size| size.get().as_str());
    let (cpu, memory) = size.split_once('-').unwrap_or(("256", "512"));
    (cpu.to_owned(), memory.to_owned())
}

fn log_group(scope: &Scope<'_>, workload: &SizedWorkload, folder: &str) -> Object {
    let (name, address) = names(workload);
    let group = LogGroup { name: format!("{folder}/{}", scope.name(name)), retention_in_days: RETENTION };
    object(&id("aws_cloudwatch_log_group", name), &address, &[], &group)
}

/// The definition of a task with its log, and the definition's identity.
fn task(scope: &Scope<'_>, workload: &SizedWorkload) -> (ObjectId, Vec<Object>) {
    let (name, address) = names(workload);
    let definition_id = id("aws_ecs_task_definition", name);
    let log = log_group(scope, workload, "/ecs");
    let (cpu, memory) = size(workload);
    let containers = workload.resolved.stated.containers.values();
    let definition = TaskDefinition {
        family: scope.name(name),
        cpu,
        memory,
        network_mode: "awsvpc",
        requires_compatibilities: ["FARGATE"],
        runtime_platform: Platform { cpu_architecture: "X86_64", operating_system_family: "LINUX" },
        container_definitions: containers.map(|container| definition(scope, workload, container)).collect(),
    };
    let task = object(&definition_id, &address, &[&log.id], &definition);
    (definition_id, vec![log, task])
}

fn serving(workload: &SizedWorkload) -> String {
    let stated = &workload.resolved.stated;
    crate::containers::serving(stated).map_or_else(|| "main".to_owned(), ToString::to_string)
}

fn definition(scope: &Scope<'_>, workload: &SizedWorkload, container: &Container) -> Definition {
    let stated = &workload.resolved.stated;
    let name = container.name.value.to_string();
    let waits: Vec<Dependency> = first_containers(stated)
        .into_iter()
        .filter(|(first, _, _)| **first != container.name.value && container.before.is_empty())
        .map(|(first, _, ready)| Dependency {
            container_name: first.to_string(),
            condition: condition(ready),
        })
        .collect();
    let ports = stated.ports.iter().map(|(name, port)| PortMapping {
        container_port: target_port(port),
        protocol: if port.protocol == appia_intent::Protocol::Udp { "udp" } else { "tcp" },
        name: name.to_string(),
    });
    let ports: Vec<PortMapping> = if serving(workload) == name { ports.collect() } else { Vec::new() };
    let texts = |list: &Option<Vec<appia_diag::Spanned<String>>>| {
        list.as_ref().map(|list| list.iter().map(|text| text.value.clone()).collect())
    };
    let sized = workload.containers.get(&container.name.value);
    Definition {
        image: given(scope, workload, container),
        essential: container.before.is_empty(),
        cpu: sized.map_or(0, |sized| sized.cpu.get().millis() * 1_024 / 1_000),
        entry_point: texts(&container.command),
        command: texts(&container.args),
        port_mappings: (!ports.is_empty()).then_some(ports),
        depends_on: (!waits.is_empty()).then_some(waits),
        readonly_root_filesystem: true,
        log_configuration: LogConfiguration {
            log_driver: "awslogs",
            options: LogOptions {
                group: format!("/ecs/{}", scope.name(stated.name.value.as_str())),
                region: scope.place.region.clone(),
                prefix: name.clone(),
            },
        },
        name,
    }
}

fn condition(ready: appia_intent::Ready) -> &'static str {
    match ready {
        appia_intent::Ready::Started => "START",
        appia_intent::Ready::Healthy => "HEALTHY",
        appia_intent::Ready::Complete => "SUCCESS",
    }
}

/// The image as stated or given, else a variable of whoever applies.
fn given(scope: &Scope<'_>, workload: &SizedWorkload, container: &Container) -> Given {
    let stated = &workload.resolved.stated;
    match image(&scope.place.app.frame, stated, container) {
        Some(image) => Given::Text(image.to_owned()),
        None => variable(stated.name.value.as_str()),
    }
}

fn variable(name: &str) -> Given {
    Given::Variable { var: format!("image_{}", word(name)) }
}

#[cfg(test)]
mod tests {
    use super::six_fields;

    #[test]
    fn the_scheduler_has_six_fields() {
        assert_eq!(six_fields("*/5 2 * * *"), "*/5 2 * * ? *");
        assert_eq!(six_fields("0 3 * * 1"), "0 3 ? * 1 *");
    }
}
