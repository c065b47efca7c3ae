//! What is charged, as far as clouds agree: the walk over an application before there are objects, and what every count
//! of objects reads.
//!
//! Called by the `bill` of each cloud. Sizing asks for [`around`], the price pass counts objects, and the plan is refused
//! when the two differ: both use the rules of one [`Tariff`], never the same list of things.

use appia_intent::units::Bytes;
use appia_intent::{Address, Workload, WorkloadKind};
use appia_plan::phase::SizedApp;
use appia_plan::{Capacity, Charge, Outline, Usage};

use super::capacity;
use crate::params;

/// How a cloud charges one thing of a kind.
pub(crate) struct Tariff {
    /// What all share.
    pub(crate) shared: fn(&Outline<'_>) -> Vec<Charge>,
    /// A site with its files, without the requests that sizing counts.
    pub(crate) site: fn(&Address, &Capacity, &Usage) -> Vec<Charge>,
    /// What a workload comes to beside what it runs on: logs, what leaves for outside.
    pub(crate) workload: fn(&Address, &Workload, &Usage) -> Vec<Charge>,
    /// The secrets of a resource of a type.
    pub(crate) secrets: fn(&Address, &str) -> Vec<Charge>,
    pub(crate) bucket: fn(&Address, Bytes, &Usage) -> Vec<Charge>,
    pub(crate) queue: fn(&Address, &Usage) -> Charge,
    pub(crate) topic: fn(&Address, &Usage) -> Charge,
    pub(crate) zone: fn(&Address, &Usage) -> Vec<Charge>,
}

/// What stands around workloads and servers, and what comes by use.
pub(crate) fn around(tariff: &Tariff, outline: &Outline<'_>) -> Vec<Charge> {
    let (app, usage) = (outline.app, outline.usage);
    let mut charges = (tariff.shared)(outline);
    for (name, workload) in &app.workloads {
        let address = Address::workload(name);
        if workload.stated.kind.value == WorkloadKind::Site {
            charges.extend((tariff.site)(&address, outline.capacity, usage));
            continue;
        }
        charges.extend((tariff.workload)(&address, &workload.stated, usage));
    }
    for (name, resource) in &app.resources {
        let address = Address::resource(name);
        charges.extend(match resource.stated.kind.value.as_str() {
            kind @ ("postgres" | "mysql" | "redis" | "secret") => (tariff.secrets)(&address, kind),
            "bucket" => (tariff.bucket)(&address, params::stated_storage(resource, "storage"), usage),
            "queue" => vec![(tariff.queue)(&address, usage)],
            "topic" => vec![(tariff.topic)(&address, usage)],
            "dns" => (tariff.zone)(&address, usage),
            _ => Vec::new(),
        });
    }
    charges
}

/// What every count of objects reads.
pub(crate) struct Counter<'a> {
    pub(crate) app: &'a SizedApp,
    pub(crate) capacity: &'a Capacity,
    pub(crate) usage: Usage,
}

impl<'a> Counter<'a> {
    /// Of the region that an application goes to; none: there is no region.
    pub(crate) fn new(app: &'a SizedApp, all: &'a [Capacity]) -> Option<Counter<'a>> {
        let usage = app.promise.as_ref().map(|promise| promise.usage.clone()).unwrap_or_default();
        Some(Counter { app, capacity: capacity(all, app)?, usage })
    }

    /// A bucket at an address; none: it holds the files of a site.
    pub(crate) fn bucket(&self, tariff: &Tariff, address: &Address) -> Option<Vec<Charge>> {
        let name = address.as_str().strip_prefix("resources.")?;
        let found = self.app.resources.get(name)?;
        Some((tariff.bucket)(address, params::storage(found, "storage").unwrap_or_default(), &self.usage))
    }
}
