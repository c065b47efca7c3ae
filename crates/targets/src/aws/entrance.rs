//! What stands at the door: the load balancer with its rules, sites at the edge, zones of names.

use appia_intent::{Address, Balance, Workload, WorkloadKind};
use appia_plan::phase::{SizedResource, SizedWorkload};
use appia_plan::{Object, ObjectId};
use serde::Serialize;

use super::lower::{Scope, id};
use super::network::{allow_all, group, group_id};
use super::storage;
use crate::cloud::{Reference, object, refer};
use crate::containers::{main_port, target_port};
use crate::hosts::Domain;

/// The load balancer's name in the application.
pub(super) const BALANCER: &str = "door";

/// Stands in for the names that lead to the cloud; kept for examples (RFC 2606, section 3), so it never leads anywhere.
const DOMAIN: Domain = Domain("example.com");

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
    default_action: Action,
}

#[derive(Serialize)]
struct Action {
    #[serde(rename = "type")]
    kind: &'static str,
    target_group_arn: Option<Reference>,
    fixed_response: Option<FixedResponse>,
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
    health_check: HealthCheck,
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
    action: Action,
    condition: Vec<Condition>,
}

#[derive(Serialize)]
struct Condition {
    host_header: Option<Values>,
    path_pattern: Option<Values>,
}

#[derive(Serialize)]
struct Values {
    values: Vec<String>,
}

#[derive(Serialize)]
struct Zone {
    name: String,
}

#[derive(Serialize)]
struct Distribution {
    enabled: bool,
    default_root_object: &'static str,
    price_class: &'static str,
    origin: Origin,
    default_cache_behavior: Behavior,
    restrictions: Restrictions,
    viewer_certificate: Certificate,
}

#[derive(Serialize)]
struct Origin {
    origin_id: &'static str,
    domain_name: Reference,
    origin_access_control_id: Reference,
}

#[derive(Serialize)]
struct Behavior {
    target_origin_id: &'static str,
    viewer_protocol_policy: &'static str,
    allowed_methods: [&'static str; 2],
    cached_methods: [&'static str; 2],
    compress: bool,
    cache_policy_id: &'static str,
}

#[derive(Serialize)]
struct Restrictions {
    geo_restriction: GeoRestriction,
}

#[derive(Serialize)]
struct GeoRestriction {
    restriction_type: &'static str,
}

#[derive(Serialize)]
struct Certificate {
    cloudfront_default_certificate: bool,
}

#[derive(Serialize)]
struct AccessControl {
    name: String,
    origin_access_control_origin_type: &'static str,
    signing_behavior: &'static str,
    signing_protocol: &'static str,
}

/// AWS's own policy for files that change rarely, `Managed-CachingOptimized`
/// (<https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/using-managed-cache-policies.html>).
const CACHING: &str = "658327ea-f89d-4fab-a63d-7e88639e58f6";

/// True for what people reach through the load balancer.
pub(super) fn is_behind_balancer(workload: &SizedWorkload) -> bool {
    let stated = &workload.resolved.stated;
    stated.public.is_some() && stated.kind.value == WorkloadKind::Service
}

fn listener_id() -> ObjectId {
    id("aws_lb_listener", "http")
}

pub(super) fn target_group_id(name: &str) -> ObjectId {
    id("aws_lb_target_group", name)
}

/// The load balancer, which answers 404 until a rule leads somewhere.
pub(super) fn balancer(scope: &Scope<'_>) -> Vec<Object> {
    let (at, group_id, balancer_id) = (&scope.place.shared, group_id(BALANCER), id("aws_lb", "main"));
    let balancer = Balancer {
        name: short(&scope.name("main")),
        load_balancer_type: "application",
        internal: false,
        drop_invalid_header_fields: true,
        enable_deletion_protection: true,
        security_groups: vec![refer(&group_id, "id")],
        subnets: scope.network.public.iter().map(|subnet| refer(subnet, "id")).collect(),
    };
    let refusal = FixedResponse { content_type: "text/plain", status_code: "404" };
    let listener = Listener {
        load_balancer_arn: refer(&balancer_id, "arn"),
        port: 80,
        protocol: "HTTP",
        default_action: Action {
            kind: "fixed-response",
            target_group_arn: None,
            fixed_response: Some(refusal),
        },
    };
    let needs: Vec<&ObjectId> = scope.network.public.iter().chain([&group_id]).collect();
    vec![
        group(scope, BALANCER, at),
        allow_all(at, BALANCER, 80),
        object(&balancer_id, at, &needs, &balancer),
        object(&listener_id(), at, &[&balancer_id], &listener),
    ]
}

/// At most 32 characters, as a load balancer takes.
fn short(name: &str) -> String {
    name.chars().take(32).collect::<String>().trim_end_matches('-').to_owned()
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
        name: short(&scope.name(name)),
        port: main_port(workload).map_or(80, |(_, port)| target_port(port)),
        protocol: "HTTP",
        target_type: "ip",
        vpc_id: refer(&scope.network.vpc, "id"),
        deregistration_delay: 30,
        load_balancing_algorithm_type: algorithm(stated),
        health_check: HealthCheck {
            path: probe(workload),
            interval: 10,
            healthy_threshold: 2,
            unhealthy_threshold: 2,
        },
    };
    let exposure = stated.public.as_ref().map(|exposure| &exposure.value);
    let host = exposure.and_then(|exposure| exposure.host.as_ref()).map(|host| host.value.clone());
    let host = host.unwrap_or_else(|| DOMAIN.host(&scope.place.app.frame, Some(&stated.name.value)));
    let path = exposure.and_then(|exposure| exposure.path.as_ref()).map(|path| path.value.clone());
    let condition = |host: Option<String>, path: Option<String>| Condition {
        host_header: host.map(|host| Values { values: vec![host] }),
        path_pattern: path.map(|path| Values { values: vec![format!("{}*", path.trim_end_matches('*'))] }),
    };
    let conditions = [Some(condition(Some(host), None)), path.map(|path| condition(None, Some(path)))];
    let rule = Rule {
        listener_arn: refer(&listener_id(), "arn"),
        priority: index + 1,
        action: Action {
            kind: "forward",
            target_group_arn: Some(refer(&target, "arn")),
            fixed_response: None,
        },
        condition: conditions.into_iter().flatten().collect(),
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

/// Files in a bucket that only the edge may read.
pub(super) fn site(scope: &Scope<'_>, workload: &SizedWorkload) -> Vec<Object> {
    let name = workload.resolved.stated.name.value.as_str();
    let address = Address::workload(&workload.resolved.stated.name.value);
    // A bucket of the application may be called like the site.
    let files = format!("{name}-files");
    let bucket = id("aws_s3_bucket", &files);
    let control = id("aws_cloudfront_origin_access_control", name);
    let access = AccessControl {
        name: scope.name(name),
        origin_access_control_origin_type: "s3",
        signing_behavior: "always",
        signing_protocol: "sigv4",
    };
    let distribution = Distribution {
        enabled: true,
        default_root_object: "index.html",
        price_class: "PriceClass_100",
        origin: Origin {
            origin_id: "files",
            domain_name: refer(&bucket, "bucket_regional_domain_name"),
            origin_access_control_id: refer(&control, "id"),
        },
        default_cache_behavior: Behavior {
            target_origin_id: "files",
            viewer_protocol_policy: "redirect-to-https",
            allowed_methods: ["GET", "HEAD"],
            cached_methods: ["GET", "HEAD"],
            compress: true,
            cache_policy_id: CACHING,
        },
        restrictions: Restrictions { geo_restriction: GeoRestriction { restriction_type: "none" } },
        viewer_certificate: Certificate { cloudfront_default_certificate: true },
    };
    let mut objects = storage::bucket(scope, (&files, &address));
    objects.push(object(&control, &address, &[], &access));
    let edge = id("aws_cloudfront_distribution", name);
    objects.push(object(&edge, &address, &[&bucket, &control], &distribution));
    objects
}

/// A zone of names.
pub(super) fn zone(scope: &Scope<'_>, resource: &SizedResource) -> Object {
    let stated = &resource.resolved.stated;
    let zone = Zone { name: DOMAIN.of_dns(scope.place.app, resource) };
    let id = id("aws_route53_zone", stated.name.value.as_str());
    object(&id, &Address::resource(&stated.name.value), &[], &zone)
}
