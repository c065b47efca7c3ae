//! What is charged: once from the outline of an application, before there are objects, and once from the objects.
//!
//! Sizing asks for the first, the price pass counts the second, and the plan is refused when they differ. Both use the
//! same rules for one thing of a kind (`balancer`, `site`), never the same list of things. Start at [`around`].

use std::collections::BTreeMap;

use appia_intent::units::Bytes;
use appia_intent::{Address, Workload, WorkloadKind};
use appia_plan::phase::SizedApp;
use appia_plan::{Capacity, Charge, HOURS_A_MONTH, Object, Outline, Per, Usage};
use rust_decimal::Decimal;
use serde::Deserialize;

use super::catalogue::edge;
use super::network::nats;
use super::watching::{alarm_metrics, is_watched};
use super::{containers, names};
use crate::cloud::bill::{self, Counter, Tariff};
use crate::cloud::lower::is_server;
use crate::cloud::{self, APP, LOG_GIB, REQUESTS_A_CONNECTION, SITE_GIB, gib};

const TARIFF: Tariff = Tariff { shared, site: site_and_files, workload, secrets, bucket, queue, topic, zone };

/// What stands around workloads and servers, and what comes by use.
pub(super) fn around(outline: &Outline<'_>) -> Vec<Charge> {
    bill::around(&TARIFF, outline)
}

fn shared(outline: &Outline<'_>) -> Vec<Charge> {
    let (app, shared) = (outline.app, Address::parse(APP));
    let zones = cloud::zones(outline.spread, zones_of(outline.capacity));
    let mut charges = Vec::new();
    let mut kinds = app.workloads.values().map(|workload| workload.stated.kind.value);
    let servers = app.resources.values().any(|resource| is_server(&resource.stated));
    if servers || kinds.any(containers::runs_in_network) {
        charges.extend(network(&shared, nats(outline.spread, zones)));
    }
    let behind = cloud::public(app, &[WorkloadKind::Service]);
    if !behind.is_empty() {
        charges.extend(balancer(&shared, zones, cloud::total(outline.usage, &behind)));
        let metrics = alarm_metrics(&app.frame);
        charges.extend(behind.iter().filter(|_| metrics > 0).map(|address| alarm(address, metrics)));
    }
    let mut kinds = app.workloads.values().map(|workload| workload.stated.kind.value);
    if is_watched(&app.frame) && kinds.any(containers::runs_in_network) {
        charges.push(dashboard(&shared));
    }
    let workloads = app.workloads.values().map(|found| (&found.stated, &*found.needs));
    if !names::are_called(workloads).is_empty() {
        charges.push(internal_names(&shared));
    }
    charges
}

fn workload(address: &Address, stated: &Workload, usage: &Usage) -> Vec<Charge> {
    let reached = stated.public.is_some() && answers(stated.kind.value);
    logs(address).into_iter().chain(reached.then(|| egress(address, usage))).collect()
}

/// What of an object's attributes its price follows from; other kinds of objects have none of them.
#[derive(Deserialize)]
struct Attributes {
    cpu: Option<String>,
    memory: Option<String>,
    desired_count: Option<u32>,
    subnets: Option<Vec<serde::de::IgnoredAny>>,
    memory_size: Option<u32>,
    instance_class: Option<String>,
    node_type: Option<String>,
    engine: Option<String>,
    multi_az: Option<bool>,
    allocated_storage: Option<u32>,
    num_cache_clusters: Option<u32>,
}

/// True for what can be reached from outside.
fn answers(kind: WorkloadKind) -> bool {
    matches!(kind, WorkloadKind::Service | WorkloadKind::Function)
}

/// What the objects are charged by.
pub(super) fn charges(app: &SizedApp, all: &[Capacity], objects: &[Object]) -> Vec<Charge> {
    let Some(counter) = Counter::new(app, all) else { return Vec::new() };
    let tasks =
        objects.iter().filter(|object| object.id.kind == "aws_ecs_task_definition").filter_map(|object| {
            let found: Attributes = object.body.read().ok()?;
            Some((object.id.name.as_str(), (found.cpu?.parse().ok()?, found.memory?.parse().ok()?)))
        });
    let count = Count { counter, tasks: tasks.collect() };
    objects.iter().flat_map(|object| count.of(object)).collect()
}

struct Count<'a> {
    counter: Counter<'a>,
    /// CPU units and MiB of each definition.
    tasks: BTreeMap<&'a str, (Decimal, Decimal)>,
}

impl Count<'_> {
    fn of(&self, object: &Object) -> Vec<Charge> {
        let address = &object.address;
        match object.id.kind.as_str() {
            "aws_nat_gateway" => vec![Charge::new(address, "nat-hour", HOURS_A_MONTH)],
            "aws_eip" => vec![Charge::new(address, "public-ipv4-hour", HOURS_A_MONTH)],
            "aws_cloudwatch_log_group" => logs(address).into(),
            "aws_cloudwatch_metric_alarm" => {
                let metrics = object.body.as_str().matches("\"metric\":").count();
                vec![alarm(address, u32::try_from(metrics).unwrap_or(0))]
            }
            "aws_cloudwatch_dashboard" => vec![dashboard(address)],
            "aws_service_discovery_private_dns_namespace" => vec![internal_names(address)],
            "aws_secretsmanager_secret" => vec![secret(address)],
            "aws_sqs_queue" if object.body.as_str().contains("redrive_policy") => {
                vec![queue(address, &self.counter.usage)]
            }
            "aws_sns_topic" => vec![topic(address, &self.counter.usage)],
            "aws_route53_zone" => zone(address, &self.counter.usage),
            "aws_cloudfront_distribution" => self.site(address),
            "aws_lb_listener_rule" => vec![egress(address, &self.counter.usage)],
            "aws_lambda_function_url" => vec![egress(address, &self.counter.usage)],
            "aws_s3_bucket" => self.bucket(address),
            "aws_lb"
            | "aws_ecs_service"
            | "aws_lambda_function"
            | "aws_db_instance"
            | "aws_elasticache_replication_group" => object
                .body
                .read::<Attributes>()
                .map_or_else(|_| Vec::new(), |found| self.sized(object, &found)),
            _ => Vec::new(),
        }
    }

    fn sized(&self, object: &Object, found: &Attributes) -> Vec<Charge> {
        let address = &object.address;
        let hours = |count: u32| Decimal::from(u64::from(count) * HOURS_A_MONTH);
        match object.id.kind.as_str() {
            "aws_lb" => {
                let zones = found.subnets.as_ref().map_or(0, Vec::len);
                let behind = self.behind();
                balancer(
                    address,
                    u32::try_from(zones).unwrap_or(0),
                    cloud::total(&self.counter.usage, &behind),
                )
                .into()
            }
            "aws_ecs_service" => {
                // A service and its definition are called the same.
                let task = self.tasks.get(object.id.name.as_str()).copied();
                let (units, mib) = task.unwrap_or_default();
                let (hours, one) = (hours(found.desired_count.unwrap_or(0)), Decimal::from(1_024));
                vec![
                    Charge::new(address, "fargate-x86-vcpu", hours * units / one),
                    Charge::new(address, "fargate-x86-memory", hours * mib / one),
                ]
            }
            "aws_lambda_function" => self.function(address, found.memory_size.unwrap_or(0)),
            "aws_db_instance" => {
                let suffix = if found.multi_az == Some(true) { "-multi-az" } else { "" };
                let (engine, class) = (found.engine.as_deref(), found.instance_class.as_deref());
                let server = format!("rds-{}-{}{suffix}", engine.unwrap_or(""), class.unwrap_or(""));
                let storage = Decimal::from(found.allocated_storage.unwrap_or(0));
                vec![
                    Charge::new(address, server, hours(1)),
                    Charge::new(address, format!("rds-gp3-storage{suffix}"), storage),
                ]
            }
            _ => {
                let node = found.node_type.as_deref().unwrap_or("");
                let nodes = hours(found.num_cache_clusters.unwrap_or(1));
                vec![Charge::new(address, format!("elasticache-redis-{node}"), nodes)]
            }
        }
    }

    /// Services behind the load balancer.
    fn behind(&self) -> Vec<Address> {
        let public = self.counter.app.workloads.iter().filter(|(_, workload)| {
            let stated = &workload.resolved.stated;
            stated.public.is_some() && stated.kind.value == WorkloadKind::Service
        });
        public.map(|(name, _)| Address::workload(name)).collect()
    }

    fn function(&self, address: &Address, mib: u32) -> Vec<Charge> {
        let found = self.counter.usage.of(address);
        let runner = self.counter.capacity.runner(WorkloadKind::Function);
        let rates = runner.into_iter().flat_map(|runner| runner.rates.iter());
        let bought = appia_plan::Bought {
            memory: Bytes::from_mib(u64::from(mib)),
            requests: found.requests,
            service_nanos: found.service_nanos,
            ..appia_plan::Bought::default()
        };
        rates
            .filter(|rate| matches!(rate.per, Per::Request | Per::BusyGib))
            .map(|rate| rate.charge(address, &bought))
            .collect()
    }

    /// Requests and bytes of the edge, and its files.
    fn site(&self, address: &Address) -> Vec<Charge> {
        let edge = self.counter.capacity.region.as_ref().map_or("", edge);
        let requests = self.counter.usage.of(address).requests;
        // Its files are counted with their bucket.
        let mut charges = site(address, self.counter.capacity, &self.counter.usage);
        charges.push(Charge::new(address, format!("cloudfront-request-{edge}"), requests));
        charges
    }

    fn bucket(&self, address: &Address) -> Vec<Charge> {
        let found = self.counter.bucket(&TARIFF, address);
        found.unwrap_or_else(|| vec![files(address)])
    }
}

fn zones_of(capacity: &Capacity) -> u32 {
    capacity.failures.as_ref().map_or(1, |failures| failures.zones.value)
}

/// Ways out of the private network, each with an address.
fn network(app: &Address, nats: u32) -> [Charge; 2] {
    let hours = u64::from(nats) * HOURS_A_MONTH;
    [Charge::new(app, "nat-hour", hours), Charge::new(app, "public-ipv4-hour", hours)]
}

/// A load balancer with an address in each zone. A capacity unit holds 25 new connections a second or a GiB an hour
/// (<https://aws.amazon.com/elasticloadbalancing/pricing/>).
fn balancer(app: &Address, zones: u32, (requests, bytes): (u64, u64)) -> [Charge; 3] {
    let connections = Decimal::from(requests / REQUESTS_A_CONNECTION) / Decimal::from(25 * 3_600);
    [
        Charge::new(app, "alb-hour", HOURS_A_MONTH),
        Charge::new(app, "alb-lcu", connections.max(gib(bytes)).round_dp(6)),
        Charge::new(app, "public-ipv4-hour", u64::from(zones) * HOURS_A_MONTH),
    ]
}

fn egress(address: &Address, usage: &Usage) -> Charge {
    Charge::new(address, "transfer-internet", gib(usage.of(address).bytes_out).round_dp(6))
}

fn logs(address: &Address) -> [Charge; 2] {
    [
        Charge::new(address, "cloudwatch-logs-ingest", LOG_GIB),
        Charge::new(address, "cloudwatch-logs-storage", LOG_GIB),
    ]
}

fn site(address: &Address, capacity: &Capacity, usage: &Usage) -> Vec<Charge> {
    let edge = capacity.region.as_ref().map_or("", edge);
    let bytes = gib(usage.of(address).bytes_out).round_dp(6);
    vec![Charge::new(address, format!("cloudfront-egress-{edge}"), bytes)]
}

fn files(address: &Address) -> Charge {
    Charge::new(address, "s3-standard-storage", SITE_GIB)
}

fn site_and_files(address: &Address, capacity: &Capacity, usage: &Usage) -> Vec<Charge> {
    site(address, capacity, usage).into_iter().chain([files(address)]).collect()
}

/// A database has one for its password and one for whoever logs in; a cache has none.
fn secrets(address: &Address, kind: &str) -> Vec<Charge> {
    match kind {
        "postgres" | "mysql" => vec![secret(address), secret(address)],
        "redis" => Vec::new(),
        _ => vec![secret(address)],
    }
}

/// Alarms are charged by the metrics that they read.
fn alarm(address: &Address, metrics: u32) -> Charge {
    Charge::new(address, "cloudwatch-alarm", metrics)
}

fn dashboard(address: &Address) -> Charge {
    Charge::new(address, "cloudwatch-dashboard", 1)
}

/// A zone in which neighbours find each other.
fn internal_names(address: &Address) -> Charge {
    Charge::new(address, "route53-zone", 1)
}

fn secret(address: &Address) -> Charge {
    Charge::new(address, "secrets-manager-secret", 1)
}

fn bucket(address: &Address, storage: Bytes, usage: &Usage) -> Vec<Charge> {
    vec![
        Charge::new(address, "s3-standard-storage", gib(storage.get())),
        Charge::new(address, "s3-standard-read", usage.of(address).requests),
    ]
}

/// A message is sent, received and deleted.
fn queue(address: &Address, usage: &Usage) -> Charge {
    Charge::new(address, "sqs-standard-request", usage.of(address).requests.saturating_mul(3))
}

fn topic(address: &Address, usage: &Usage) -> Charge {
    Charge::new(address, "sns-request", usage.of(address).requests)
}

/// A zone, and a query for every connection.
fn zone(address: &Address, usage: &Usage) -> Vec<Charge> {
    let queries = usage.of(address).requests / REQUESTS_A_CONNECTION;
    vec![Charge::new(address, "route53-zone", 1), Charge::new(address, "route53-query", queries)]
}
