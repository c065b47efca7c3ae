//! From a sized application to what Terraform calls its parts.
//!
//! The network comes first where databases need one, then each workload, then each resource. Start reading at [`lower`].

use appia_diag::Diagnostics;
use appia_intent::{Address, WorkloadKind};
use appia_plan::phase::{SizedApp, SizedResource, SizedWorkload};
use appia_plan::{Capacity, Object};

use super::{run, servers, storage};
use crate::cloud::lower::{self, Parts};
pub(super) use crate::cloud::lower::{Scope, id};

/// Makes every object.
pub(super) fn lower(app: &SizedApp, capacity: Option<&Capacity>, sink: &mut Diagnostics) -> Vec<Object> {
    lower::walk(&Gcp(Scope::new(app, capacity)), app, sink)
}

struct Gcp<'a>(Scope<'a>);

impl Parts for Gcp<'_> {
    fn shared(&self) -> Vec<Object> {
        if self.0.has_servers() { servers::network(&self.0) } else { Vec::new() }
    }

    fn workload(&self, (_, workload): (usize, &SizedWorkload), _: &mut Diagnostics) -> Vec<Object> {
        match workload.resolved.stated.kind.value {
            WorkloadKind::Service | WorkloadKind::Worker | WorkloadKind::Function => {
                run::service(&self.0, workload)
            }
            WorkloadKind::Job | WorkloadKind::Cron => run::job(&self.0, workload),
            WorkloadKind::Site => storage::site(&self.0, workload),
        }
    }

    fn after_workloads(&self) -> Vec<Object> {
        storage::door(&self.0)
    }

    fn resource(&self, resource: &SizedResource, place: (&str, &Address)) -> Vec<Object> {
        match resource.resolved.stated.kind.value.as_str() {
            "postgres" | "mysql" => servers::database(&self.0, resource),
            "redis" => servers::redis(&self.0, resource),
            "bucket" => vec![storage::bucket(&self.0, place)],
            "queue" => storage::queue(&self.0, place),
            "topic" => vec![storage::topic(&self.0, place)],
            "secret" => vec![storage::secret(&self.0, place)],
            "dns" => vec![storage::zone(&self.0, resource)],
            _ => Vec::new(),
        }
    }

    fn balance(&self) -> Option<(&'static str, &'static str)> {
        Some(("Cloud Run", "its instances as it thinks best"))
    }
}
