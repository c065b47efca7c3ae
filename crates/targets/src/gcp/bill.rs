//! What is charged: once from the outline of an application, before there are objects, and once from the objects.
//!
//! Sizing asks for the first, the price pass counts the second, and the plan is refused when they differ. Both use the
//! same rules for one thing of a kind, never the same list of things. Start at [`around`].

use appia_intent::units::Bytes;
use appia_intent::{Address, Workload, WorkloadKind};
use appia_plan::phase::SizedApp;
use appia_plan::{Bought, Capacity, Charge, HOURS_A_MONTH, Object, Outline, Usage};
use rust_decimal::Decimal;
use serde_json::Value;

use super::catalogue::edge;
use crate::cloud::bill::{self, Counter, Tariff};
use crate::cloud::terraform::marks::without_blocks;
use crate::cloud::{self, APP, LOG_GIB, REQUESTS_A_CONNECTION, SITE_GIB, gib};

/// Bytes of a message, which is written once and read once.
const MESSAGE: u64 = 1 << 10;

const TARIFF: Tariff = Tariff {
    shared,
    site: site_and_files,
    workload,
    secrets: |address, _| vec![secret(address)],
    bucket,
    queue: messages,
    topic: messages,
    zone,
};

/// What stands around workloads and servers, and what comes by use.
pub(super) fn around(outline: &Outline<'_>) -> Vec<Charge> {
    bill::around(&TARIFF, outline)
}

fn shared(outline: &Outline<'_>) -> Vec<Charge> {
    let mut kinds = outline.app.workloads.values().map(|workload| workload.stated.kind.value);
    kinds.any(|kind| kind == WorkloadKind::Site).then(|| rules(&Address::parse(APP))).into_iter().collect()
}

fn workload(address: &Address, stated: &Workload, usage: &Usage) -> Vec<Charge> {
    let mut charges = vec![logs(address)];
    if stated.public.is_some() && answers(stated.kind.value) {
        charges.push(egress(address, usage));
    }
    if stated.kind.value == WorkloadKind::Cron {
        charges.push(Charge::new(address, "scheduler-job", 1));
    }
    charges
}

/// True for what can be reached from outside.
fn answers(kind: WorkloadKind) -> bool {
    matches!(kind, WorkloadKind::Service | WorkloadKind::Worker | WorkloadKind::Function)
}

/// What the objects are charged by.
pub(super) fn charges(app: &SizedApp, all: &[Capacity], objects: &[Object]) -> Vec<Charge> {
    let Some(counter) = Counter::new(app, all).map(Count) else { return Vec::new() };
    objects.iter().flat_map(|object| counter.of(object)).collect()
}

struct Count<'a>(Counter<'a>);

impl Count<'_> {
    fn of(&self, object: &Object) -> Vec<Charge> {
        let address = &object.address;
        match object.id.kind.as_str() {
            "google_cloud_run_v2_service" => self.service(object),
            "google_cloud_run_v2_job" => vec![logs(address)],
            "google_cloud_run_v2_service_iam_member" => vec![egress(address, &self.0.usage)],
            "google_cloud_scheduler_job" => vec![Charge::new(address, "scheduler-job", 1)],
            "google_sql_database_instance" => database(object),
            "google_redis_instance" => redis(object),
            "google_secret_manager_secret" => vec![secret(address)],
            "google_storage_bucket" => self.bucket(address),
            "google_pubsub_topic" if cloud::kind_at(self.0.app, address) == Some("topic") => {
                vec![messages(address, &self.0.usage)]
            }
            // What is in a queue's other topic was read before.
            "google_pubsub_subscription" => vec![messages(address, &self.0.usage)],
            "google_dns_managed_zone" => zone(address, &self.0.usage),
            "google_compute_backend_bucket" => self.site(address),
            "google_compute_global_forwarding_rule" => vec![rules(address)],
            _ => Vec::new(),
        }
    }

    fn service(&self, object: &Object) -> Vec<Charge> {
        let (address, body) = (&object.address, without_blocks(&object.body.to_value()));
        let of = |path: &str| body.pointer(path).and_then(Value::as_str).unwrap_or_default();
        let cpu = of("/template/containers/0/resources/limits/cpu").parse().unwrap_or_default();
        let memory = of("/template/containers/0/resources/limits/memory").parse().unwrap_or_default();
        let idle = body.pointer("/template/containers/0/resources/cpu_idle").and_then(Value::as_bool);
        let by_request = idle == Some(true);
        let kind = if by_request { WorkloadKind::Function } else { WorkloadKind::Service };
        let replicas =
            body.pointer("/template/scaling/min_instance_count").and_then(Value::as_u64).unwrap_or(0);
        let found = self.0.usage.of(address);
        let bought = Bought {
            replicas: u32::try_from(replicas).unwrap_or(0),
            cpu,
            memory,
            requests: found.requests,
            service_nanos: found.service_nanos,
            storage: Bytes::default(),
        };
        let rates = self.0.capacity.runner(kind).into_iter().flat_map(|runner| runner.rates.iter());
        rates.map(|rate| rate.charge(address, &bought)).chain([logs(address)]).collect()
    }

    fn bucket(&self, address: &Address) -> Vec<Charge> {
        self.0.bucket(&TARIFF, address).unwrap_or_else(|| vec![files(address)])
    }

    fn site(&self, address: &Address) -> Vec<Charge> {
        let requests = Charge::new(address, "cdn-lookup", self.0.usage.of(address).requests);
        site(address, self.0.capacity, &self.0.usage).into_iter().chain([requests]).collect()
    }
}

fn database(object: &Object) -> Vec<Charge> {
    let (address, body) = (&object.address, without_blocks(&object.body.to_value()));
    let of = |path: &str| body.pointer(path).and_then(Value::as_str).unwrap_or_default();
    let engine = if of("/database_version").starts_with("MYSQL") { "mysql" } else { "postgres" };
    let form = if of("/settings/availability_type") == "REGIONAL" { "regional" } else { "zonal" };
    let gib = body.pointer("/settings/disk_size").and_then(Value::as_u64).unwrap_or(0);
    vec![
        Charge::new(address, format!("cloud-sql-{engine}-{}-{form}", of("/settings/tier")), HOURS_A_MONTH),
        Charge::new(address, format!("cloud-sql-storage-ssd-{form}"), gib),
        Charge::new(address, "cloud-sql-backup", gib),
    ]
}

fn redis(object: &Object) -> Vec<Charge> {
    let body = without_blocks(&object.body.to_value());
    let gib = body.pointer("/memory_size_gb").and_then(Value::as_u64).unwrap_or(0);
    let standard = body.pointer("/tier").and_then(Value::as_str) == Some("STANDARD_HA");
    let tier = if standard { "standard" } else { "basic" };
    vec![Charge::new(&object.address, format!("memorystore-redis-{tier}-{gib}"), HOURS_A_MONTH)]
}

/// The rules of a load balancer, up to five of them.
fn rules(address: &Address) -> Charge {
    Charge::new(address, "lb-global-rules-first-5", HOURS_A_MONTH)
}

fn egress(address: &Address, usage: &Usage) -> Charge {
    Charge::new(address, "cloud-run-egress-internet", gib(usage.of(address).bytes_out).round_dp(6))
}

fn logs(address: &Address) -> Charge {
    Charge::new(address, "log-ingest", LOG_GIB)
}

fn files(address: &Address) -> Charge {
    Charge::new(address, "gcs-standard", SITE_GIB)
}

fn site(address: &Address, capacity: &Capacity, usage: &Usage) -> Vec<Charge> {
    let edge = capacity.region.as_ref().map_or("", edge);
    vec![Charge::new(address, edge, gib(usage.of(address).bytes_out).round_dp(6))]
}

fn site_and_files(address: &Address, capacity: &Capacity, usage: &Usage) -> Vec<Charge> {
    site(address, capacity, usage).into_iter().chain([files(address)]).collect()
}

fn secret(address: &Address) -> Charge {
    Charge::new(address, "secret-version", 1)
}

fn bucket(address: &Address, storage: Bytes, usage: &Usage) -> Vec<Charge> {
    vec![
        Charge::new(address, "gcs-standard", gib(storage.get())),
        Charge::new(address, "gcs-operation-b", usage.of(address).requests),
    ]
}

/// Each is written once and read once.
fn messages(address: &Address, usage: &Usage) -> Charge {
    let moved: Decimal = gib(usage.of(address).requests.saturating_mul(2 * MESSAGE));
    Charge::new(address, "pubsub-throughput", moved.round_dp(6))
}

/// A zone, and a query for every connection.
fn zone(address: &Address, usage: &Usage) -> Vec<Charge> {
    let queries = usage.of(address).requests / REQUESTS_A_CONNECTION;
    vec![Charge::new(address, "dns-zone", 1), Charge::new(address, "dns-query", queries)]
}
