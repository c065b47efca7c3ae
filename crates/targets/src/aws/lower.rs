//! From a sized application to what Terraform calls its parts.
//!
//! The network comes first, then what stands at its door, then each workload, then each resource. Start reading at
//! [`lower`].

use std::collections::{BTreeMap, BTreeSet};

use appia_diag::Diagnostics;
use appia_intent::{Address, WorkloadKind};
use appia_plan::phase::{SizedApp, SizedResource, SizedWorkload};
use appia_plan::{Capacity, Object};

use super::network::Network;
use super::{containers, entrance, functions, names, network, servers, sites, storage, watching};
pub(super) use crate::cloud::lower::id;
use crate::cloud::{
    self,
    lower::{self, Parts},
};

/// What every part of the lowering reads.
pub(super) struct Scope<'a> {
    /// What parts of every cloud read.
    pub(super) place: lower::Scope<'a>,
    /// Zones that things are spread over.
    pub(super) zones: u32,
    pub(super) network: Network,
    /// Who runs in the network and needs a workload or resource, by its address.
    users: BTreeMap<&'a Address, Vec<&'a str>>,
    /// Workloads that others call.
    pub(super) called: BTreeSet<Address>,
}

impl<'a> Scope<'a> {
    fn new(app: &'a SizedApp, capacity: Option<&Capacity>) -> Scope<'a> {
        let of_region = capacity.and_then(|capacity| capacity.failures.as_ref());
        let zones = cloud::zones(app.spread, of_region.map_or(1, |failures| failures.zones.value));
        let place = lower::Scope::new(app, capacity);
        let workloads = app.workloads.values().map(|found| (&found.resolved.stated, &*found.resolved.needs));
        let called = names::are_called(workloads);
        Scope { place, zones, network: Network::new(zones), users: users(app), called }
    }

    /// Whoever in the network needs what is at an address.
    pub(super) fn users(&self, address: &Address) -> &[&'a str] {
        self.users.get(address).map_or(&[], Vec::as_slice)
    }

    /// `shop-prod-api`: unique in an account and region.
    pub(super) fn name(&self, part: &str) -> String {
        self.place.name(part)
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
pub(super) fn lower(app: &SizedApp, capacity: Option<&Capacity>, sink: &mut Diagnostics) -> Vec<Object> {
    lower::walk(&Scope::new(app, capacity), app, sink)
}

impl Parts for Scope<'_> {
    fn shared(&self) -> Vec<Object> {
        let (app, mut objects) = (self.place.app, Vec::new());
        let mut kinds = app.workloads.values().map(|found| found.resolved.stated.kind.value);
        let runs = kinds.any(containers::runs_in_network);
        if runs || self.place.has_servers() {
            objects.extend(network::objects(self));
        }
        if runs {
            objects.push(containers::cluster(self));
            objects.extend(watching::dashboard(self));
            objects.extend(names::namespace(self));
        }
        if app.workloads.values().any(entrance::is_behind_balancer) {
            objects.extend(entrance::balancer(self));
        }
        objects
    }

    fn workload(&self, (index, workload): (usize, &SizedWorkload), sink: &mut Diagnostics) -> Vec<Object> {
        let mut objects = match workload.resolved.stated.kind.value {
            WorkloadKind::Service | WorkloadKind::Worker => containers::service(self, workload, sink),
            WorkloadKind::Job => containers::job(self, workload, sink),
            WorkloadKind::Cron => containers::cron(self, workload, sink),
            WorkloadKind::Function => functions::function(self, workload, sink),
            WorkloadKind::Site => sites::site(self, workload),
        };
        if entrance::is_behind_balancer(workload) {
            objects.extend(entrance::rule(self, workload, index));
            objects.extend(watching::alarms(self, workload));
        }
        objects
    }

    fn resource(&self, resource: &SizedResource, place: (&str, &Address)) -> Vec<Object> {
        match resource.resolved.stated.kind.value.as_str() {
            "postgres" | "mysql" => servers::database(self, resource),
            "redis" => servers::redis(self, resource),
            "bucket" => storage::bucket(self, place),
            "queue" => storage::queue(self, place),
            "topic" => vec![storage::topic(self, place)],
            "secret" => vec![storage::secret(self, place)],
            "dns" => vec![entrance::zone(self, resource)],
            _ => Vec::new(),
        }
    }
}
