//! Workloads that run: tasks of ECS on Fargate, all the time, once, or by the clock.
//!
//! Their definitions are made in `tasks`, their roles in `identity`. Start reading at [`service`].

use appia_diag::Diagnostics;
use appia_intent::{Address, WorkloadKind};
use appia_plan::phase::SizedWorkload;
use appia_plan::{Object, ObjectId};
use serde::Serialize;

use super::entrance::{BALANCER, is_behind_balancer, listener_id, target_group_id};
use super::lower::{Scope, id};
use super::network::{allow, group, group_id, out};
use super::tasks::{serving, task};
use super::{identity, names};
use crate::cloud::{Block, Reference, object, refer};
use crate::containers::{main_port, target_port};

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
    setting: Block<Setting>,
}

#[derive(Serialize)]
struct Setting {
    name: &'static str,
    value: &'static str,
}

#[derive(Serialize)]
struct Service {
    name: String,
    cluster: Reference,
    task_definition: Reference,
    desired_count: u32,
    launch_type: &'static str,
    propagate_tags: &'static str,
    deployment_circuit_breaker: Block<CircuitBreaker>,
    network_configuration: Block<NetworkConfiguration>,
    load_balancer: Option<Block<LoadBalancer>>,
    service_registries: Option<Block<Registry>>,
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
struct Registry {
    registry_arn: Reference,
}

#[derive(Serialize)]
struct Schedule {
    name: String,
    schedule_expression: String,
    schedule_expression_timezone: &'static str,
    flexible_time_window: Block<Window>,
    target: Block<ScheduleTarget>,
}

#[derive(Serialize)]
struct Window {
    mode: &'static str,
}

#[derive(Serialize)]
struct ScheduleTarget {
    arn: Reference,
    role_arn: Reference,
    ecs_parameters: Block<EcsParameters>,
}

#[derive(Serialize)]
struct EcsParameters {
    task_definition_arn: Reference,
    launch_type: &'static str,
    task_count: u32,
    network_configuration: Block<NetworkConfiguration>,
}

pub(super) fn cluster_id() -> ObjectId {
    id("aws_ecs_cluster", "main")
}

/// What all tasks run in.
pub(super) fn cluster(scope: &Scope<'_>) -> Object {
    let setting = Block(Setting { name: "containerInsights", value: "disabled" });
    let cluster = Cluster { name: scope.name("main"), setting };
    object(&cluster_id(), &scope.place.shared, &[], &cluster)
}

/// The name and the address of a workload.
pub(super) fn names(workload: &SizedWorkload) -> (&str, Address) {
    let name = &workload.resolved.stated.name.value;
    (name.as_str(), Address::workload(name))
}

/// Tasks that run all the time.
pub(super) fn service(scope: &Scope<'_>, workload: &SizedWorkload, sink: &mut Diagnostics) -> Vec<Object> {
    let (name, address) = names(workload);
    let (definition, mut objects) = task(scope, workload, sink);
    let behind = is_behind_balancer(workload);
    let port = main_port(workload).map(|(_, port)| target_port(port));
    let balancer = port.filter(|_| behind).map(|container_port| {
        Block(LoadBalancer {
            target_group_arn: refer(&target_group_id(name), "arn"),
            container_name: serving(workload),
            container_port,
        })
    });
    let known = names::of_workload(scope, workload);
    let registry = known.as_ref().map(|known| Block(Registry { registry_arn: refer(&known.id, "arn") }));
    let service = Service {
        name: scope.name(name),
        cluster: refer(&cluster_id(), "id"),
        task_definition: refer(&definition, "arn"),
        desired_count: *workload.replicas.get(),
        launch_type: "FARGATE",
        propagate_tags: "SERVICE",
        deployment_circuit_breaker: Block(CircuitBreaker { enable: true, rollback: true }),
        network_configuration: in_network(scope, name),
        health_check_grace_period_seconds: balancer.as_ref().map(|_| 60),
        load_balancer: balancer,
        service_registries: registry,
    };
    let (cluster, group_id, listener) = (cluster_id(), group_id(name), listener_id());
    let target = target_group_id(name);
    let mut needs: Vec<&ObjectId> = vec![&cluster, &definition, &group_id];
    needs.extend(scope.network.private.iter().chain(known.as_ref().map(|known| &known.id)));
    if behind {
        needs.extend([&target, &listener]);
    }
    objects.push(group(scope, name, &address));
    objects.push(object(&id("aws_ecs_service", name), &address, &needs, &service));
    objects.extend(known);
    objects.extend(callers(scope, workload));
    objects.push(out(name, &address));
    objects
}

/// Everyone who may call a workload.
fn callers(scope: &Scope<'_>, workload: &SizedWorkload) -> Vec<Object> {
    let (name, address) = names(workload);
    let Some(port) = main_port(workload).map(|(_, port)| target_port(port)) else { return Vec::new() };
    let calls = scope.users(&address).iter().copied();
    let door = is_behind_balancer(workload).then_some(BALANCER);
    let others = calls.chain(door).filter(|caller| *caller != name);
    others.flat_map(|caller| allow(&address, (caller, name), port)).collect()
}

/// A task that runs once.
pub(super) fn job(scope: &Scope<'_>, workload: &SizedWorkload, sink: &mut Diagnostics) -> Vec<Object> {
    let (name, address) = names(workload);
    let mut objects = task(scope, workload, sink).1;
    objects.extend([group(scope, name, &address), out(name, &address)]);
    objects
}

/// A task that is started by the clock.
pub(super) fn cron(scope: &Scope<'_>, workload: &SizedWorkload, sink: &mut Diagnostics) -> Vec<Object> {
    let (name, address) = names(workload);
    let (definition, mut objects) = task(scope, workload, sink);
    let (role, roles) = identity::clock(scope, workload, &definition);
    let stated = workload.resolved.stated.schedule.as_ref().map(|schedule| schedule.value.as_str());
    let parameters = EcsParameters {
        task_definition_arn: refer(&definition, "arn"),
        launch_type: "FARGATE",
        task_count: 1,
        network_configuration: in_network(scope, name),
    };
    let schedule = Schedule {
        name: scope.name(name),
        schedule_expression: format!("cron({})", six_fields(stated.unwrap_or("0 0 * * *"))),
        schedule_expression_timezone: "UTC",
        flexible_time_window: Block(Window { mode: "OFF" }),
        target: Block(ScheduleTarget {
            arn: refer(&cluster_id(), "arn"),
            role_arn: refer(&role, "arn"),
            ecs_parameters: Block(parameters),
        }),
    };
    let (cluster, group_id) = (cluster_id(), group_id(name));
    let policy = id("aws_iam_role_policy", &role.name);
    let needs: Vec<&ObjectId> = [&cluster, &definition, &group_id, &role, &policy]
        .into_iter()
        .chain(&scope.network.private)
        .collect();
    objects.extend(roles);
    objects.extend([group(scope, name, &address), out(name, &address)]);
    objects.push(object(&id("aws_scheduler_schedule", name), &address, &needs, &schedule));
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

fn in_network(scope: &Scope<'_>, name: &str) -> Block<NetworkConfiguration> {
    Block(NetworkConfiguration {
        subnets: scope.network.private(),
        security_groups: vec![refer(&group_id(name), "id")],
        assign_public_ip: false,
    })
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
