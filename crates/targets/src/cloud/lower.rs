//! From a sized application to objects: the walk that every cloud takes, with the parts that are its own.
//!
//! Called by the `lower` of each cloud. What all share comes first, then each workload, then what stands before several
//! of them, then each resource. It knows no object: those are made by a cloud's [`Parts`]. Start reading at [`walk`].

use appia_diag::{Diagnostic, Diagnostics, codes};
use appia_intent::{Address, Resource, WorkloadKind};
use appia_plan::phase::{SizedApp, SizedResource, SizedWorkload};
use appia_plan::{Capacity, Object, ObjectId};

use super::{APP, region, word};
use crate::{balance, hosts, images, needs};

/// What every part of a lowering reads.
pub(crate) struct Scope<'a> {
    pub(crate) app: &'a SizedApp,
    /// Of what all share.
    pub(crate) shared: Address,
    /// The name of the region.
    pub(crate) region: String,
}

impl<'a> Scope<'a> {
    pub(crate) fn new(app: &'a SizedApp, capacity: Option<&Capacity>) -> Scope<'a> {
        Scope { app, shared: Address::parse(APP), region: capacity.map_or("", region).to_owned() }
    }

    /// `shop-prod-api`: unique in an account of the cloud.
    pub(crate) fn name(&self, part: &str) -> String {
        let frame = &self.app.frame;
        [frame.app.as_str(), frame.environment.as_str(), part].join("-")
    }

    /// Every site of the application.
    pub(crate) fn sites(&self) -> Vec<&'a SizedWorkload> {
        let is_site = |found: &&SizedWorkload| found.resolved.stated.kind.value == WorkloadKind::Site;
        self.app.workloads.values().filter(is_site).collect()
    }

    /// True where resources are servers, which stand in a network of our own.
    pub(crate) fn has_servers(&self) -> bool {
        self.app.resources.values().any(|found| is_server(&found.resolved.stated))
    }
}

/// True for a resource that is a server in a network.
pub(crate) fn is_server(resource: &Resource) -> bool {
    matches!(resource.kind.value.as_str(), "postgres" | "mysql" | "redis")
}

/// The identity of an object.
pub(crate) fn id(kind: &str, name: &str) -> ObjectId {
    ObjectId::new(kind, word(name))
}

/// What a cloud makes of the parts of an application.
pub(crate) trait Parts {
    /// What all share, before the first workload.
    fn shared(&self) -> Vec<Object>;

    /// Of a workload, which is the so many-th of the application; what it cannot do goes to the sink.
    fn workload(&self, workload: (usize, &SizedWorkload), sink: &mut Diagnostics) -> Vec<Object>;

    /// What stands before several workloads: it comes after the last one.
    fn after_workloads(&self) -> Vec<Object> {
        Vec::new()
    }

    /// Of a resource of a name at an address; none: it is only a reference.
    fn resource(&self, resource: &SizedResource, place: (&str, &Address)) -> Vec<Object>;

    /// Who balances requests whatever is asked for, and in which way; none: as is asked for.
    fn balance(&self) -> Option<(&'static str, &'static str)> {
        None
    }
}

/// Makes every object.
pub(crate) fn walk(parts: &impl Parts, app: &SizedApp, sink: &mut Diagnostics) -> Vec<Object> {
    let mut objects = parts.shared();
    for (index, workload) in app.workloads.values().enumerate() {
        objects.extend(parts.workload((index, workload), sink));
        images::told(app, workload, sink);
        without_files(workload, sink);
    }
    objects.extend(parts.after_workloads());
    for resource in app.resources.values() {
        let stated = &resource.resolved.stated;
        let place = (stated.name.value.as_str(), &Address::resource(&stated.name.value));
        objects.extend(parts.resource(resource, place));
        refused(app, resource).into_iter().for_each(|found| sink.push(found));
    }
    if let Some((who, way)) = parts.balance() {
        balance::tell(app, who, way, sink);
    }
    needs::settle(objects)
}

/// What containers would find in their folders is not put there.
fn without_files(workload: &SizedWorkload, sink: &mut Diagnostics) {
    for container in workload.resolved.stated.containers.values() {
        if let Some((path, mount)) = container.files.first_key_value() {
            let message =
                format!("`{path}` and every other file of `{}` is not put in place", container.name.value);
            let found = Diagnostic::new(codes::TARGET_IGNORES, message).at(&mount.span);
            sink.push(found.help("put files in the image, or hand over their text in environment variables"));
        }
    }
}

/// Why no cloud makes something of a resource.
fn refused(app: &SizedApp, resource: &SizedResource) -> Option<Diagnostic> {
    let stated = &resource.resolved.stated;
    match stated.kind.value.as_str() {
        "service-port" if hosts::service_port(app, resource).is_none() => {
            Some(hosts::no_service_port(resource))
        }
        "volume" => {
            let message = format!("`{}` is a volume, which containers here do not have", stated.name.value);
            let found = Diagnostic::new(codes::TARGET_CANNOT, message).at(&stated.kind.span);
            Some(found.help("keep files in a `bucket` or a database"))
        }
        _ => None,
    }
}
