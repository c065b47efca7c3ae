//! From a sized application to what Terraform calls its parts.
//!
//! What all share comes first, then each workload, then each resource. Start reading at [`lower`].

use appia_diag::Diagnostics;
use appia_intent::{Address, WorkloadKind};
use appia_plan::phase::{SizedApp, SizedResource, SizedWorkload};
use appia_plan::{Capacity, Object};

use super::{apps, servers, storage};
use crate::cloud::lower::{self, Parts};
pub(super) use crate::cloud::lower::{Scope, id};

/// Makes every object.
pub(super) fn lower(app: &SizedApp, capacity: Option<&Capacity>, sink: &mut Diagnostics) -> Vec<Object> {
    lower::walk(&Azure(Scope::new(app, capacity)), app, sink)
}

struct Azure<'a>(Scope<'a>);

impl Parts for Azure<'_> {
    fn shared(&self) -> Vec<Object> {
        let mut objects = vec![storage::group(&self.0)];
        objects.extend(apps::environment(&self.0));
        if self.0.has_servers() {
            objects.extend(servers::network(&self.0));
        }
        objects
    }

    fn workload(&self, (_, workload): (usize, &SizedWorkload), _: &mut Diagnostics) -> Vec<Object> {
        match workload.resolved.stated.kind.value {
            WorkloadKind::Service | WorkloadKind::Worker => apps::service(&self.0, workload),
            WorkloadKind::Function => apps::function(&self.0, workload),
            WorkloadKind::Job | WorkloadKind::Cron => apps::job(&self.0, workload),
            WorkloadKind::Site => storage::site(&self.0, workload),
        }
    }

    fn after_workloads(&self) -> Vec<Object> {
        let door = (!self.0.sites().is_empty()).then(|| storage::door(&self.0));
        door.into_iter().chain(storage::shared(&self.0)).collect()
    }

    fn resource(&self, resource: &SizedResource, place: (&str, &Address)) -> Vec<Object> {
        match resource.resolved.stated.kind.value.as_str() {
            "postgres" | "mysql" => servers::database(&self.0, resource),
            "redis" => servers::redis(&self.0, resource),
            "bucket" => storage::bucket(&self.0, place),
            "queue" => vec![storage::queue(place)],
            "topic" => vec![storage::topic(place)],
            "secret" => vec![storage::secret(place)],
            "dns" => vec![storage::zone(&self.0, resource)],
            _ => Vec::new(),
        }
    }

    fn balance(&self) -> Option<(&'static str, &'static str)> {
        Some(("Azure Container Apps", "its replicas as it thinks best"))
    }
}
