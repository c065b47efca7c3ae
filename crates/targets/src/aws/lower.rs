//! From a sized application to what Terraform calls its parts.
//!
//! The network comes first, then what stands at its door, then each workload, then each resource. Start reading at
//! [`lower`].

use std::collections::BTreeMap;

use appia_diag::{Diagnostic, Diagnostics, codes};
use appia_intent::{Address, WorkloadKind};
use appia_plan::phase::{SizedApp, SizedResource, SizedWorkload};
use appia_plan::{Capacity, Object, ObjectId};

use super::network::Network;
use super::{containers, entrance, network, servers, storage};
use crate::cloud::{self, APP};
use crate::{hosts, needs};

/// What every part of the lowering reads.
pub(super) struct Scope<'a> {
    pub(super) app: &'a SizedApp,
    /// Of what all share.
    pub(super) shared: Address,
    pub(super) region: String,
    /// Zones that things are spread over.
    pub(super) zones: u32,
    pub(super) network: Network,
    /// Who runs in the network and needs a workload or resource, by its address.
    users: BTreeMap<&'a Address, Vec<&'a str>>,
}

impl<'a> Scope<'a> {
    fn new(app: &'a SizedApp, capacity: Option<&Capacity>) -> Scope<'a> {
        let of_region = capacity.and_then(|capacity| capacity.failures.as_ref());
        let zones = cloud::zones(app.spread, of_region.map_or(1, |failures| failures.zones.value));
        Scope {
            app,
            shared: Address::parse(APP),
            region: capacity.map_or("", cloud::region).to_owned(),
            zones,
            network: Network::new(zones),
            users: users(app),
        }
    }

    /// Whoever in the network needs what is at an address.
    pub(super) fn users(&self, address: &Address) -> &[&'a str] {
        self.users.get(address).map_or(&[], Vec::as_slice)
    }

    /// `shop-prod-api`: unique in an account and region.
    pub(super) fn name(&self, part: &str) -> String {
        let frame = &self.app.frame;
        [frame.app.as_str(), frame.environment.as_str(), part].join("-")
    }
}

fn users(app: &SizedApp) -> BTreeMap<&Address, Vec<&str>> {
    let mut users: BTreeMap<&Address, Vec<&str>> = BTreeMap::new();
    let in_network = |found: &&SizedWorkload| containers::runs_in_network(found.resolved.stated.kind.value);
    for user in app.workloads.values().filter(in_network) {
        for need in &user.resolved.needs {
            users.entry(need).or_default().push(user.resolved.stated.name.value.as_str());
        }
    }
    users
}

/// Makes every object.
pub(super) fn lower(app: &SizedApp, all: &[Capacity], sink: &mut Diagnostics) -> Vec<Object> {
    let scope = Scope::new(app, cloud::capacity(all, app));
    let mut objects = Vec::new();
    let runs =
        app.workloads.values().any(|found| containers::runs_in_network(found.resolved.stated.kind.value));
    if runs || app.resources.values().any(|found| servers::is_stated(&found.resolved.stated)) {
        objects.extend(network::objects(&scope));
    }
    if runs {
        objects.push(containers::cluster(&scope));
    }
    if app.workloads.values().any(entrance::is_behind_balancer) {
        objects.extend(entrance::balancer(&scope));
    }
    for (index, workload) in app.workloads.values().enumerate() {
        objects.extend(of_workload(&scope, workload, index));
    }
    for resource in app.resources.values() {
        objects.extend(of_resource(&scope, resource, sink));
    }
    needs::settle(objects)
}

fn of_workload(scope: &Scope<'_>, workload: &SizedWorkload, index: usize) -> Vec<Object> {
    let mut objects = match workload.resolved.stated.kind.value {
        WorkloadKind::Service | WorkloadKind::Worker => containers::service(scope, workload),
        WorkloadKind::Job => containers::job(scope, workload),
        WorkloadKind::Cron => containers::cron(scope, workload),
        WorkloadKind::Function => containers::function(scope, workload),
        WorkloadKind::Site => entrance::site(scope, workload),
    };
    if entrance::is_behind_balancer(workload) {
        objects.extend(entrance::rule(scope, workload, index));
    }
    objects
}

fn of_resource(scope: &Scope<'_>, resource: &SizedResource, sink: &mut Diagnostics) -> Vec<Object> {
    let name = resource.resolved.stated.name.value.as_str();
    let address = Address::resource(&resource.resolved.stated.name.value);
    match resource.resolved.stated.kind.value.as_str() {
        "postgres" | "mysql" => servers::database(scope, resource),
        "redis" => servers::redis(scope, resource),
        "bucket" => storage::bucket(scope, (name, &address)),
        "queue" => storage::queue(scope, (name, &address)),
        "topic" => vec![storage::topic(scope, (name, &address))],
        "secret" => vec![storage::secret(scope, (name, &address))],
        "dns" => vec![entrance::zone(scope, resource)],
        "service-port" => {
            if hosts::service_port(scope.app, resource).is_none() {
                sink.push(hosts::no_service_port(resource));
            }
            Vec::new()
        }
        "volume" => {
            let message = format!("`{name}` is a volume, which containers here do not have");
            let found =
                Diagnostic::new(codes::TARGET_CANNOT, message).at(&resource.resolved.stated.kind.span);
            sink.push(found.help("keep files in a `bucket` or a database"));
            Vec::new()
        }
        _ => Vec::new(),
    }
}

/// The identity of an object.
pub(super) fn id(kind: &str, name: &str) -> ObjectId {
    ObjectId::new(kind, cloud::word(name))
}
