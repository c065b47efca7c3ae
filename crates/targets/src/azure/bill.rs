//! What is charged: once from the outline of an application, before there are objects, and once from the objects.
//!
//! Sizing asks for the first, the price pass counts the second, and the plan is refused when they differ. Both use the
//! same rules for one thing of a kind, never the same list of things. Start at [`around`].

use appia_intent::units::Bytes;
use appia_intent::{Address, Workload, WorkloadKind};
use appia_plan::phase::SizedApp;
use appia_plan::{Bought, Capacity, Charge, HOURS_A_MONTH, Object, Outline, Usage};
use serde_json::Value;

use super::catalogue::edge;
use crate::cloud::bill::{self, Counter, Tariff};
use crate::cloud::terraform::marks::without_blocks;
use crate::cloud::{APP, LOG_GIB, REQUESTS_A_CONNECTION, SITE_GIB, gib};

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
    let (app, shared) = (outline.app, Address::parse(APP));
    let mut kinds = app.workloads.values().map(|workload| workload.stated.kind.value);
    let door = kinds.any(|kind| kind == WorkloadKind::Site).then(|| front_door(&shared));
    let mut types = app.resources.values().map(|resource| resource.stated.kind.value.as_str());
    let bus = types.any(|kind| matches!(kind, "queue" | "topic")).then(|| namespace(&shared));
    door.into_iter().chain(bus).collect()
}

fn workload(address: &Address, stated: &Workload, usage: &Usage) -> Vec<Charge> {
    let mut charges = vec![logs(address)];
    if stated.public.is_some() && answers(stated.kind.value) {
        charges.push(egress(address, usage));
        charges.extend(requests(address, stated.kind.value, usage));
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
            "azurerm_container_app" => self.container_app(object),
            "azurerm_container_app_job" => vec![logs(address)],
            "azurerm_linux_function_app" => self.function(object),
            "azurerm_postgresql_flexible_server" => database(object, "postgres-flexible"),
            "azurerm_mysql_flexible_server" => database(object, "mysql-flexible"),
            "azurerm_managed_redis" => redis(object),
            "azurerm_key_vault_secret" => vec![secret(address)],
            "azurerm_storage_container" => self.bucket(address),
            "azurerm_servicebus_namespace" => vec![namespace(address)],
            "azurerm_servicebus_queue" | "azurerm_servicebus_topic" => vec![messages(address, &self.0.usage)],
            "azurerm_dns_zone" => zone(address, &self.0.usage),
            "azurerm_cdn_frontdoor_profile" => vec![front_door(address)],
            "azurerm_cdn_frontdoor_route" => self.site(address),
            _ => Vec::new(),
        }
    }

    fn container_app(&self, object: &Object) -> Vec<Charge> {
        let (address, body) = (&object.address, without_blocks(&object.body.to_value()));
        let number = |path: &str| body.pointer(path).and_then(Value::as_u64).unwrap_or(0);
        let containers =
            body.pointer("/template/container").and_then(Value::as_array).cloned().unwrap_or_default();
        let sum = |read: fn(&Value) -> u64| containers.iter().map(read).sum::<u64>();
        // Processors are written as a decimal number, memory as an amount of GiB.
        let cpu = sum(|one| one.get("cpu").map(|cpu| read_cpu(&cpu.to_string())).unwrap_or(0));
        let memory = sum(|one| one.get("memory").and_then(Value::as_str).map_or(0, read_memory));
        let bought = Bought {
            replicas: u32::try_from(number("/template/min_replicas")).unwrap_or(0),
            cpu: appia_intent::units::Cpu::from_millis(cpu),
            memory: Bytes::new(memory),
            ..Bought::default()
        };
        let rates =
            self.0.capacity.runner(WorkloadKind::Service).into_iter().flat_map(|runner| runner.rates.iter());
        let mut charges: Vec<Charge> = rates.map(|rate| rate.charge(address, &bought)).collect();
        charges.push(logs(address));
        if body.pointer("/ingress/external_enabled").and_then(Value::as_bool) == Some(true) {
            charges.push(egress(address, &self.0.usage));
            charges.extend(requests(address, WorkloadKind::Service, &self.0.usage));
        }
        charges
    }

    fn function(&self, object: &Object) -> Vec<Charge> {
        let (address, body) = (&object.address, without_blocks(&object.body.to_value()));
        let found = self.0.usage.of(address);
        let runner = self.0.capacity.runner(WorkloadKind::Function);
        let memory = runner.and_then(|runner| runner.sizes.first()).and_then(|size| size.memory);
        let bought = Bought {
            memory: memory.unwrap_or_default(),
            requests: found.requests,
            service_nanos: found.service_nanos,
            ..Bought::default()
        };
        let rates = runner.into_iter().flat_map(|runner| runner.rates.iter());
        let public = body.pointer("/public_network_access_enabled").and_then(Value::as_bool) == Some(true);
        let charges = rates.map(|rate| rate.charge(address, &bought)).chain([logs(address)]);
        charges.chain(public.then(|| egress(address, &self.0.usage))).collect()
    }

    fn bucket(&self, address: &Address) -> Vec<Charge> {
        self.0.bucket(&TARIFF, address).unwrap_or_else(|| vec![files(address)])
    }

    fn site(&self, address: &Address) -> Vec<Charge> {
        let edge = self.0.capacity.region.as_ref().map_or("", edge);
        let requests = self.0.usage.of(address).requests;
        let requests = Charge::new(address, format!("front-door-standard-requests-{edge}"), requests);
        site(address, self.0.capacity, &self.0.usage).into_iter().chain([requests]).collect()
    }
}

fn read_cpu(text: &str) -> u64 {
    text.parse::<appia_intent::units::Cpu>().map_or(0, appia_intent::units::Cpu::millis)
}

fn read_memory(text: &str) -> u64 {
    text.parse::<Bytes>().map_or(0, Bytes::get)
}

fn database(object: &Object, offering: &str) -> Vec<Charge> {
    let (address, body) = (&object.address, without_blocks(&object.body.to_value()));
    let size = body.pointer("/sku_name").and_then(Value::as_str).unwrap_or_default();
    let suffix = if body.get("high_availability").is_some() { "-ha" } else { "" };
    let mib = body.pointer("/storage_mb").and_then(Value::as_u64);
    let of_gib = body.pointer("/storage/size_gb").and_then(Value::as_u64);
    let gib = mib.map(|mib| mib / 1_024).or(of_gib).unwrap_or(0);
    vec![
        Charge::new(address, format!("{offering}-{size}{suffix}"), HOURS_A_MONTH),
        Charge::new(address, format!("{offering}-storage{suffix}"), gib),
    ]
}

fn redis(object: &Object) -> Vec<Charge> {
    let body = without_blocks(&object.body.to_value());
    let size = body.pointer("/sku_name").and_then(Value::as_str).unwrap_or_default();
    let standby = body.pointer("/high_availability_enabled").and_then(Value::as_bool) == Some(true);
    let suffix = if standby { "-ha" } else { "" };
    vec![Charge::new(&object.address, format!("managed-redis-{size}{suffix}"), HOURS_A_MONTH)]
}

fn front_door(address: &Address) -> Charge {
    Charge::new(address, "front-door-standard-base", 1)
}

fn namespace(address: &Address) -> Charge {
    Charge::new(address, "service-bus-standard-base", HOURS_A_MONTH)
}

/// Requests that come from outside are charged for containers; for functions they are part of what running costs.
fn requests(address: &Address, kind: WorkloadKind, usage: &Usage) -> Option<Charge> {
    let is_container = matches!(kind, WorkloadKind::Service | WorkloadKind::Worker);
    is_container.then(|| Charge::new(address, "container-apps-requests", usage.of(address).requests))
}

fn egress(address: &Address, usage: &Usage) -> Charge {
    Charge::new(address, "internet-egress", gib(usage.of(address).bytes_out).round_dp(6))
}

fn logs(address: &Address) -> Charge {
    Charge::new(address, "log-analytics-ingest", LOG_GIB)
}

fn files(address: &Address) -> Charge {
    Charge::new(address, "blob-hot-zrs", SITE_GIB)
}

fn site(address: &Address, capacity: &Capacity, usage: &Usage) -> Vec<Charge> {
    let edge = capacity.region.as_ref().map_or("", edge);
    let bytes = gib(usage.of(address).bytes_out).round_dp(6);
    vec![Charge::new(address, format!("front-door-standard-egress-{edge}"), bytes)]
}

fn site_and_files(address: &Address, capacity: &Capacity, usage: &Usage) -> Vec<Charge> {
    site(address, capacity, usage).into_iter().chain([files(address)]).collect()
}

fn secret(address: &Address) -> Charge {
    Charge::new(address, "key-vault-secret", 1)
}

fn bucket(address: &Address, storage: Bytes, usage: &Usage) -> Vec<Charge> {
    vec![
        Charge::new(address, "blob-hot-zrs", gib(storage.get())),
        Charge::new(address, "blob-hot-zrs-read", usage.of(address).requests),
    ]
}

/// A message is sent, received and settled.
fn messages(address: &Address, usage: &Usage) -> Charge {
    Charge::new(address, "service-bus-standard-operations", usage.of(address).requests.saturating_mul(3))
}

/// A zone, and a query for every connection.
fn zone(address: &Address, usage: &Usage) -> Vec<Charge> {
    let queries = usage.of(address).requests / REQUESTS_A_CONNECTION;
    vec![Charge::new(address, "dns-zone", 1), Charge::new(address, "dns-queries", queries)]
}
