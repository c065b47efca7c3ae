//! Who talks to whom and who mounts what, looked up from either end.
//!
//! Made once for an application by [`super::scope::Scope`], so that no object has to search all workloads. It knows
//! ports by name only; what they are on a cluster is for `network` to say. Start reading at [`Reach::of`].

use std::collections::{BTreeMap, BTreeSet};

use appia_intent::{Address, PortName, ResourceName, VolumeSource, WorkloadName};
use appia_plan::phase::{SizedApp, SizedResource, SizedWorkload};

use crate::hosts;

/// What a workload talks to.
#[derive(Debug, Default)]
pub(super) struct Reached<'a> {
    /// Each with the ports that are meant: one where a `service-port` says so, else all.
    pub(super) workloads: BTreeMap<&'a WorkloadName, BTreeSet<&'a PortName>>,
    pub(super) resources: BTreeSet<&'a ResourceName>,
}

/// Everything that workloads reach, over resources that stand for them too.
#[derive(Debug, Default)]
pub(super) struct Reach<'a> {
    from: BTreeMap<&'a WorkloadName, Reached<'a>>,
    callers: BTreeMap<&'a WorkloadName, Vec<&'a SizedWorkload>>,
    users: BTreeMap<&'a ResourceName, Vec<&'a SizedWorkload>>,
    routes: BTreeMap<&'a WorkloadName, Vec<&'a SizedResource>>,
    pods: BTreeMap<&'a ResourceName, u32>,
}

impl<'a> Reach<'a> {
    pub(super) fn of(app: &'a SizedApp) -> Reach<'a> {
        let mut reach = Reach::default();
        for (name, workload) in &app.workloads {
            let reached = reached(app, workload);
            for called in reached.workloads.keys().filter(|called| **called != name) {
                reach.callers.entry(called).or_default().push(workload);
            }
            for used in &reached.resources {
                reach.users.entry(used).or_default().push(workload);
            }
            reach.from.insert(name, reached);
            for mounted in mounted(workload).collect::<BTreeSet<_>>() {
                let pods = reach.pods.entry(mounted).or_default();
                *pods = pods.saturating_add(*workload.replicas.get());
            }
        }
        for route in app.resources.values().filter(|resource| hosts::is(resource, "route")) {
            if let Some(owner) = hosts::owner(app, route) {
                reach.routes.entry(owner).or_default().push(route);
            }
        }
        reach
    }

    /// What a workload talks to; itself when it names itself.
    pub(super) fn reached_by(&self, workload: &WorkloadName) -> Option<&Reached<'a>> {
        self.from.get(workload)
    }

    /// Workloads that talk to a workload, by name, with the ports they mean.
    pub(super) fn callers(
        &self,
        called: &WorkloadName,
    ) -> impl Iterator<Item = (&'a SizedWorkload, &BTreeSet<&'a PortName>)> {
        let meant = move |caller: &&'a SizedWorkload| {
            let reached = self.from.get(&caller.resolved.stated.name.value)?;
            Some((*caller, reached.workloads.get(called)?))
        };
        self.callers.get(called).into_iter().flatten().filter_map(meant)
    }

    /// Workloads that talk to a resource, by name.
    pub(super) fn users(&self, resource: &ResourceName) -> impl Iterator<Item = &'a SizedWorkload> {
        self.users.get(resource).into_iter().flatten().copied()
    }

    /// `route` resources that lead to a workload.
    pub(super) fn routes(&self, workload: &WorkloadName) -> impl Iterator<Item = &'a SizedResource> {
        self.routes.get(workload).into_iter().flatten().copied()
    }

    /// How many pods mount a resource.
    pub(super) fn pods_mounting(&self, resource: &ResourceName) -> u32 {
        self.pods.get(resource).copied().unwrap_or_default()
    }
}

/// Workloads and resources that a workload talks to, over resources that stand for them too.
fn reached<'a>(app: &'a SizedApp, workload: &'a SizedWorkload) -> Reached<'a> {
    let mut reached = Reached::default();
    let mut open: Vec<&'a Address> = workload.resolved.needs.iter().collect();
    let mut seen = BTreeSet::new();
    while let Some(address) = open.pop() {
        if !seen.insert(address) {
            continue;
        }
        if let Some(found) = below(address, "workloads.").and_then(|name| app.workloads.get(name)) {
            reached.all_ports(found);
        }
        let resource = below(address, "resources.").and_then(|name| app.resources.get_key_value(name));
        if let Some((name, resource)) = resource {
            reached.resources.insert(name);
            open.extend(&resource.resolved.needs);
            match hosts::service_port(app, resource) {
                Some((found, port)) => reached.port(found, port),
                None => hosts::leads_to(app, resource).into_iter().for_each(|found| reached.all_ports(found)),
            }
        }
    }
    reached
}

impl<'a> Reached<'a> {
    fn port(&mut self, workload: &'a SizedWorkload, port: &'a PortName) {
        self.workloads.entry(&workload.resolved.stated.name.value).or_default().insert(port);
    }

    fn all_ports(&mut self, workload: &'a SizedWorkload) {
        let stated = &workload.resolved.stated;
        self.workloads.entry(&stated.name.value).or_default().extend(stated.ports.keys());
    }
}

/// Resources that a workload mounts, one for each mount.
pub(super) fn mounted(workload: &SizedWorkload) -> impl Iterator<Item = &ResourceName> {
    let mounts =
        workload.resolved.stated.containers.values().flat_map(|container| container.volumes.values());
    mounts.filter_map(|mount| match &mount.value.source {
        VolumeSource::Resource(name) => Some(name),
        VolumeSource::Named(_) => None,
    })
}

fn below<'t>(address: &'t Address, root: &str) -> Option<&'t str> {
    address.as_str().strip_prefix(root)
}
