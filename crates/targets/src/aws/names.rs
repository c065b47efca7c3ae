//! Names inside of the network: `api.shop-prod.internal` leads to the tasks of `api`.
//!
//! A private zone of Cloud Map, kept by ECS. Only what somebody calls has a name. Called by `containers` and `values`.

use std::collections::BTreeSet;

use appia_intent::{Address, Workload, WorkloadKind};
use appia_plan::phase::SizedWorkload;
use appia_plan::{Object, ObjectId};
use serde::Serialize;

use super::containers::runs_in_network;
use super::lower::{Scope, id};
use crate::cloud::{Block, Reference, object, refer};

#[derive(Serialize)]
struct Namespace {
    name: String,
    description: &'static str,
    vpc: Reference,
}

#[derive(Serialize)]
struct Service {
    name: String,
    dns_config: Block<Dns>,
}

#[derive(Serialize)]
struct Dns {
    namespace_id: Reference,
    routing_policy: &'static str,
    dns_records: Block<Record>,
}

#[derive(Serialize)]
struct Record {
    #[serde(rename = "type")]
    kind: &'static str,
    ttl: u32,
}

pub(super) fn namespace_id() -> ObjectId {
    id("aws_service_discovery_private_dns_namespace", "main")
}

/// True for what has a name in the network: it listens, and runs all the time.
pub(super) fn has_name(stated: &Workload) -> bool {
    let runs = matches!(stated.kind.value, WorkloadKind::Service | WorkloadKind::Worker);
    runs && !stated.ports.is_empty()
}

/// `shop-prod.internal`.
fn zone(scope: &Scope<'_>) -> String {
    format!("{}-{}.internal", scope.place.app.frame.app, scope.place.app.frame.environment)
}

/// The host of a workload.
pub(super) fn host(scope: &Scope<'_>, workload: &SizedWorkload) -> String {
    format!("{}.{}", workload.resolved.stated.name.value, zone(scope))
}

/// Called by another workload: what each is, and the addresses that it needs.
pub(super) fn are_called<'a>(
    app: impl Iterator<Item = (&'a Workload, &'a [Address])> + Clone,
) -> BTreeSet<Address> {
    let known = app.clone().filter(|(stated, _)| has_name(stated)).map(|(stated, _)| address(stated));
    let known: BTreeSet<Address> = known.collect();
    let callers = app.filter(|(stated, _)| runs_in_network(stated.kind.value));
    let called = callers.flat_map(|(stated, needs)| needs.iter().filter(|need| **need != address(stated)));
    called.filter(|need| known.contains(need)).cloned().collect()
}

fn address(stated: &Workload) -> Address {
    Address::workload(&stated.name.value)
}

/// The zone; nothing where nobody has a name.
pub(super) fn namespace(scope: &Scope<'_>) -> Option<Object> {
    (!scope.called.is_empty()).then(|| {
        let namespace = Namespace {
            name: zone(scope),
            description: "names of workloads for their neighbours",
            vpc: refer(&scope.network.vpc, "id"),
        };
        object(&namespace_id(), &scope.place.shared, &[&scope.network.vpc], &namespace)
    })
}

/// The name of a workload, short-lived so that a task that went away is soon forgotten.
pub(super) fn of_workload(scope: &Scope<'_>, workload: &SizedWorkload) -> Option<Object> {
    let stated = &workload.resolved.stated;
    scope.called.contains(&address(stated)).then(|| {
        let name = stated.name.value.as_str();
        let records = Block(Record { kind: "A", ttl: 10 });
        let dns = Dns {
            namespace_id: refer(&namespace_id(), "id"),
            routing_policy: "MULTIVALUE",
            dns_records: records,
        };
        let service = Service { name: name.to_owned(), dns_config: Block(dns) };
        let address = Address::workload(&stated.name.value);
        object(&id("aws_service_discovery_service", name), &address, &[&namespace_id()], &service)
    })
}
