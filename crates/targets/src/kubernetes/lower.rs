//! From a sized application to manifests.
//!
//! The namespace and what closes it come first, then each workload, then each resource. Start reading at [`lower`].

use std::collections::BTreeMap;

use appia_diag::Diagnostics;
use appia_intent::Address;
use appia_plan::phase::{SizedApp, SizedResource};
use appia_plan::{Object, ObjectId, Retention};

use super::manifest::{Labels, Manifest, Metadata, Nothing, body};
use super::scope::{Kind, Scope, app_labels};
use super::{network, servers, service, volumes, workload};
use crate::{balance, hosts, needs};

/// Makes every object.
pub(super) fn lower(app: &SizedApp, sink: &mut Diagnostics) -> Vec<Object> {
    let scope = Scope::new(app);
    let ids = identities(&scope);
    let mut objects = vec![network::default_deny(&scope)];
    for found in app.workloads.values() {
        objects.extend(workload::objects(&scope, found, &ids, sink));
    }
    for resource in app.resources.values() {
        objects.extend(of_resource(&scope, resource, sink));
    }
    balance::tell(app, "a Service of Kubernetes", "any replica", sink);
    objects.insert(0, namespace(&scope, &objects));
    needs::settle(objects)
}

/// Everything of an application in one place, under the strictest of the pod security standards. Whoever deletes it
/// deletes what is in it, so it is kept as long as data is.
fn namespace(scope: &Scope<'_>, objects: &[Object]) -> Object {
    let holds_data = objects.iter().any(|object| object.retention == Retention::Data);
    let mut labels: Labels = app_labels(scope.app);
    labels.insert("pod-security.kubernetes.io/enforce".to_owned(), "restricted".to_owned());
    let metadata =
        Metadata { name: scope.namespace.clone(), namespace: None, labels, annotations: Labels::new() };
    let Kind(api_version, kind) = Kind::NAMESPACE;
    Object {
        id: ObjectId::new(kind, scope.namespace.as_str()),
        address: Address::parse("app"),
        needs: Vec::new(),
        body: body(&Manifest { api_version, kind, metadata, rest: Nothing {} }),
        retention: if holds_data { Retention::Data } else { Retention::Nothing },
    }
}

/// What users of a workload or resource wait for.
fn identities(scope: &Scope<'_>) -> BTreeMap<Address, ObjectId> {
    let workloads = scope.app.workloads.values().map(|found| {
        let part = scope.workload(found);
        (part.address, ObjectId::new(workload::kind(found).1, part.name))
    });
    let servers = scope.app.resources.values().filter(|resource| servers::of(resource).is_some());
    let servers = servers.map(|resource| {
        let part = scope.resource(resource);
        (part.address.clone(), servers::id(&part))
    });
    workloads.chain(servers).collect()
}

fn of_resource(scope: &Scope<'_>, resource: &SizedResource, sink: &mut Diagnostics) -> Vec<Object> {
    if let Some(server) = servers::of(resource) {
        return server.objects(scope, resource);
    }
    if hosts::is(resource, "volume") {
        return vec![volumes::volume(scope, resource, sink)];
    }
    if hosts::is(resource, "route") {
        return service::route(scope, resource, sink).into_iter().collect();
    }
    if hosts::is(resource, "service") {
        sink.extend(service::missing(scope, resource).into_iter().collect());
    }
    if hosts::is(resource, "service-port") && hosts::service_port(scope.app, resource).is_none() {
        sink.push(hosts::no_service_port(resource));
    }
    // A name, a port, something outside: known to those who use it, nothing to make.
    Vec::new()
}
