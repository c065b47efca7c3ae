//! What stands at the door: the load balancer with its rules, sites at the edge, zones of names.

use appia_intent::{Address, Balance, Workload, WorkloadKind};
use appia_plan::phase::{SizedResource, SizedWorkload};
use appia_plan::{Object, ObjectId};
use serde::Serialize;

use super::lower::{Scope, id};
use super::network::{allow_all, group, group_id};
use super::{certificates, short};
use crate::cloud::{Block, Reference, object, refer};
use crate::containers::{main_port, target_port};
use crate::hosts::{self, Domain};
use crate::params;

/// TLS 1.2 and 1.3 with ciphers that keep past traffic secret
/// (<https://docs.aws.amazon.com/elasticloadbalancing/latest/application/describe-ssl-policies.html>).
const TLS: &str = "ELBSecurityPolicy-TLS13-1-2-2021-06";

/// The load balancer's name in the application.
pub(super) const BALANCER: &str = "door";

/// Stands in for the names that lead to the cloud; kept for examples (RFC 2606, section 3), so it never leads anywhere.
pub(super) const DOMAIN: Domain = Domain("example.com");

#[derive(Serialize)]
struct Balancer {
    name: String,
    load_balancer_type: &'static str,
    internal: bool,
    drop_invalid_header_fields: bool,
    enable_deletion_protection: bool,
    security_groups: Vec<Reference>,
    subnets: Vec<Reference>,
}

#[derive(Serialize)]
struct Listener {
    load_balancer_arn: Reference,
    port: u16,
    protocol: &'static str,
    ssl_policy: Option<&'static str>,
    certificate_arn: Option<Reference>,
    default_action: Block<Action>,
}

#[derive(Serialize, Default)]
struct Action {
    #[serde(rename = "type")]
    kind: &'static str,
    target_group_arn: Option<Reference>,
    fixed_response: Option<Block<FixedResponse>>,
    redirect: Option<Block<Redirect>>,
}

#[derive(Serialize)]
struct Redirect {
    port: &'static str,
    protocol: &'static str,
    status_code: &'static str,
}

#[derive(Serialize)]
struct FixedResponse {
    content_type: &'static str,
    status_code: &'static str,
}

#[derive(Serialize)]
struct TargetGroup {
    name: String,
    port: u16,
    protocol: &'static str,
    target_type: &'static str,
    vpc_id: Reference,
    deregistration_delay: u32,
    load_balancing_algorithm_type: &'static str,
    health_check: Block<HealthCheck>,
}

#[derive(Serialize)]
struct HealthCheck {
    path: String,
    interval: u32,
    healthy_threshold: u32,
    unhealthy_threshold: u32,
}

#[derive(Serialize)]
struct Rule {
    listener_arn: Reference,
    priority: usize,
    action: Block<Action>,
    condition: Block<Vec<Condition>>,
}

#[derive(Serialize)]
struct Condition {
    host_header: Option<Block<Values>>,
    path_pattern: Option<Block<Values>>,
}

#[derive(Serialize)]
struct Values {
    values: Vec<String>,
}

#[derive(Serialize)]
struct Zone {
    name: String,
}

/// True for what people reach through the load balancer.
pub(super) fn is_behind_balancer(workload: &SizedWorkload) -> bool {
    let stated = &workload.resolved.stated;
    stated.public.is_some() && stated.kind.value == WorkloadKind::Service
}

pub(super) fn balancer_id() -> ObjectId {
    id("aws_lb", "main")
}

/// What rules hang on.
pub(super) fn listener_id() -> ObjectId {
    id("aws_lb_listener", "main")
}

pub(super) fn target_group_id(name: &str) -> ObjectId {
    id("aws_lb_target_group", name)
}

/// The load balancer, which answers 404 until a rule leads somewhere.
pub(super) fn balancer(scope: &Scope<'_>) -> Vec<Object> {
    let (at, group_id) = (&scope.place.shared, group_id(BALANCER));
    let balancer = Balancer {
        name: short(&scope.name("main"), 32),
        load_balancer_type: "application",
        internal: false,
        drop_invalid_header_fields: true,
        enable_deletion_protection: true,
        security_groups: vec![refer(&group_id, "id")],
        subnets: scope.network.public.iter().map(|subnet| refer(subnet, "id")).collect(),
    };
    let needs: Vec<&ObjectId> = scope.network.public.iter().chain([&group_id]).collect();
    let mut objects = vec![
        group(scope, BALANCER, at),
        allow_all(at, BALANCER, 80),
        object(&balancer_id(), at, &needs, &balancer),
    ];
    objects.extend(listeners(scope));
    objects
}

/// Over TLS where a host name is stated, as only its owner can have a certificate.
fn listeners(scope: &Scope<'_>) -> Vec<Object> {
    let at = &scope.place.shared;
    let refusal = Action {
        kind: "fixed-response",
        fixed_response: Some(Block(FixedResponse { content_type: "text/plain", status_code: "404" })),
        ..Action::default()
    };
    let http = |action| Listener {
        load_balancer_arn: refer(&balancer_id(), "arn"),
        port: 80,
        protocol: "HTTP",
        ssl_policy: None,
        certificate_arn: None,
        default_action: Block(action),
    };
    let Some((certificate, mut objects)) = certificates::of(scope) else {
        return vec![object(&listener_id(), at, &[&balancer_id()], &http(refusal))];
    };
    let to_tls = Redirect { port: "443", protocol: "HTTPS", status_code: "HTTP_301" };
    let redirect = Action { kind: "redirect", redirect: Some(Block(to_tls)), ..Action::default() };
    let tls = Listener {
        port: 443,
        protocol: "HTTPS",
        ssl_policy: Some(TLS),
        certificate_arn: Some(refer(&certificate, "certificate_arn")),
        ..http(refusal)
    };
    objects.extend([
        allow_all(at, BALANCER, 443),
        object(&id("aws_lb_listener", "plain"), at, &[&balancer_id()], &http(redirect)),
        object(&listener_id(), at, &[&balancer_id(), &certificate], &tls),
    ]);
    objects
}

/// Host names that are stated for a workload: its own, and those of `dns` resources that belong to it.
pub(super) fn hosts(scope: &Scope<'_>, workload: &SizedWorkload) -> Vec<String> {
    let (app, stated) = (scope.place.app, &workload.resolved.stated);
    let own =
        stated.public.as_ref().and_then(|public| public.value.host.as_ref()).map(|host| host.value.clone());
    let names = app.resources.values().filter(|found| found.resolved.stated.kind.value.as_str() == "dns");
    let its = names.filter(|dns| hosts::owner(app, dns) == Some(&stated.name.value));
    let mut all: Vec<String> =
        own.into_iter().chain(its.filter_map(|dns| params::text(dns, "host"))).collect();
    all.sort();
    all.dedup();
    all
}

/// What leads to a workload: the stated hosts, else everything where it is alone, else a made host.
fn led_by(scope: &Scope<'_>, workload: &SizedWorkload) -> Vec<String> {
    let stated = hosts(scope, workload);
    let behind = scope.place.app.workloads.values().filter(|found| is_behind_balancer(found)).count();
    if stated.is_empty() && behind > 1 {
        return vec![DOMAIN.host(&scope.place.app.frame, Some(&workload.resolved.stated.name.value))];
    }
    stated
}

fn algorithm(stated: &Workload) -> &'static str {
    match stated.balance.as_ref().map(|balance| balance.value) {
        Some(Balance::RoundRobin) => "round_robin",
        Some(Balance::LeastConnections) | None => "least_outstanding_requests",
    }
}

/// What leads from the load balancer to a workload.
pub(super) fn rule(scope: &Scope<'_>, workload: &SizedWorkload, index: usize) -> Vec<Object> {
    let stated = &workload.resolved.stated;
    let name = stated.name.value.as_str();
    let address = Address::workload(&stated.name.value);
    let target = target_group_id(name);
    let group = TargetGroup {
        name: short(&scope.name(name), 32),
        port: main_port(workload).map_or(80, |(_, port)| target_port(port)),
        protocol: "HTTP",
        target_type: "ip",
        vpc_id: refer(&scope.network.vpc, "id"),
        deregistration_delay: 30,
        load_balancing_algorithm_type: algorithm(stated),
        health_check: Block(HealthCheck {
            path: probe(workload),
            interval: 10,
            healthy_threshold: 2,
            unhealthy_threshold: 2,
        }),
    };
    let exposure = stated.public.as_ref().map(|exposure| &exposure.value);
    let path = exposure.and_then(|exposure| exposure.path.as_ref()).map(|path| path.value.clone());
    let hosts = led_by(scope, workload);
    let path = path.or_else(|| hosts.is_empty().then(|| "/".to_owned()));
    let of_host =
        Condition { host_header: Some(Block(Values { values: hosts.clone() })), path_pattern: None };
    let of_path = path.map(|path| {
        let values = vec![format!("{}*", path.trim_end_matches('*'))];
        Condition { host_header: None, path_pattern: Some(Block(Values { values })) }
    });
    let conditions = [Some(of_host).filter(|_| !hosts.is_empty()), of_path];
    let rule = Rule {
        listener_arn: refer(&listener_id(), "arn"),
        priority: index + 1,
        action: Block(Action {
            kind: "forward",
            target_group_arn: Some(refer(&target, "arn")),
            ..Action::default()
        }),
        condition: Block(conditions.into_iter().flatten().collect()),
    };
    vec![
        object(&target, &address, &[&scope.network.vpc], &group),
        object(&id("aws_lb_listener_rule", name), &address, &[&target, &listener_id()], &rule),
    ]
}

/// Where the workload says whether it is ready.
fn probe(workload: &SizedWorkload) -> String {
    let containers = workload.resolved.stated.containers.values();
    let path =
        containers.filter_map(|container| container.probes.readiness.as_ref()).find_map(|probe| match &probe
            .value
            .check
        {
            appia_intent::ProbeCheck::Http { path, .. } => Some(path.clone()),
            appia_intent::ProbeCheck::Tcp { .. } | appia_intent::ProbeCheck::Exec { .. } => None,
        });
    path.unwrap_or_else(|| "/".to_owned())
}

/// A zone of names.
pub(super) fn zone(scope: &Scope<'_>, resource: &SizedResource) -> Object {
    let stated = &resource.resolved.stated;
    let zone = Zone { name: DOMAIN.of_dns(scope.place.app, resource) };
    let id = id("aws_route53_zone", stated.name.value.as_str());
    object(&id, &Address::resource(&stated.name.value), &[], &zone)
}
