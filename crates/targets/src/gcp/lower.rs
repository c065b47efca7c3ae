//! From a sized application to what Terraform calls its parts.
//!
//! The network comes first where databases need one, then each workload, then each resource. Start reading at [`lower`].

use appia_diag::{Diagnostic, Diagnostics, codes};
use appia_intent::{Address, WorkloadKind};
use appia_plan::phase::{SizedApp, SizedResource, SizedWorkload};
use appia_plan::{Capacity, Object, ObjectId};

use super::{run, servers, storage};
use crate::cloud::{self, APP};
use crate::{balance, hosts, needs};

/// What every part of the lowering reads.
pub(super) struct Scope<'a> {
    pub(super) app: &'a SizedApp,
    /// Of what all share.
    pub(super) shared: Address,
    pub(super) region: String,
}

impl Scope<'_> {
    /// `shop-prod-api`: unique in a project.
    pub(super) fn name(&self, part: &str) -> String {
        let frame = &self.app.frame;
        [frame.app.as_str(), frame.environment.as_str(), part].join("-")
    }

    /// True when there is a network of our own.
    pub(super) fn has_network(&self) -> bool {
        self.app.resources.values().any(|found| servers::is_stated(&found.resolved.stated))
    }
}

/// Makes every object.
pub(super) fn lower(app: &SizedApp, all: &[Capacity], sink: &mut Diagnostics) -> Vec<Object> {
    let region = cloud::capacity(all, app).map_or("", cloud::region).to_owned();
    let scope = Scope { app, shared: Address::parse(APP), region };
    let mut objects = Vec::new();
    if scope.has_network() {
        objects.extend(servers::network(&scope));
    }
    let sites: Vec<&SizedWorkload> = app
        .workloads
        .values()
        .filter(|found| found.resolved.stated.kind.value == WorkloadKind::Site)
        .collect();
    for workload in app.workloads.values() {
        objects.extend(of_workload(&scope, workload));
    }
    if !sites.is_empty() {
        objects.extend(storage::door(&scope, &sites));
    }
    for resource in app.resources.values() {
        objects.extend(of_resource(&scope, resource, sink));
    }
    balance::tell(app, "Cloud Run", "its instances as it thinks best", sink);
    needs::settle(objects)
}

fn of_workload(scope: &Scope<'_>, workload: &SizedWorkload) -> Vec<Object> {
    match workload.resolved.stated.kind.value {
        WorkloadKind::Service | WorkloadKind::Worker | WorkloadKind::Function => {
            run::service(scope, workload)
        }
        WorkloadKind::Job | WorkloadKind::Cron => run::job(scope, workload),
        WorkloadKind::Site => storage::site(scope, workload),
    }
}

fn of_resource(scope: &Scope<'_>, resource: &SizedResource, sink: &mut Diagnostics) -> Vec<Object> {
    let stated = &resource.resolved.stated;
    let (name, address) = (stated.name.value.as_str(), Address::resource(&stated.name.value));
    match stated.kind.value.as_str() {
        "postgres" | "mysql" => servers::database(scope, resource),
        "redis" => servers::redis(scope, resource),
        "bucket" => vec![storage::bucket(scope, (name, &address))],
        "queue" => storage::queue(scope, (name, &address)),
        "topic" => vec![storage::topic(scope, (name, &address))],
        "secret" => vec![storage::secret(scope, (name, &address))],
        "dns" => vec![storage::zone(scope, resource)],
        "service-port" => {
            if hosts::service_port(scope.app, resource).is_none() {
                sink.push(hosts::no_service_port(resource));
            }
            Vec::new()
        }
        "volume" => {
            let message = format!("`{name}` is a volume, which containers here do not have");
            let found = Diagnostic::new(codes::TARGET_CANNOT, message).at(&stated.kind.span);
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
