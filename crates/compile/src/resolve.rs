//! Pass 1, resolve: every reference names something, nothing goes in circles, and every workload and resource is bound
//! to an offering of the target.
//!
//! Called by the pipeline only. It never chooses numbers. Start reading at [`resolve`].

mod circles;
mod mounts;
mod names;
mod offerings;
mod ports;
mod references;

use std::collections::BTreeMap;

use appia_diag::Diagnostics;
use appia_plan::Reasons;
use appia_plan::phase::{Frame, ResolvedApp, ResolvedResource, ResolvedWorkload};

use crate::Request;

/// Binds an intent to a target. `None` when a workload or resource has no offering; what is wrong is in `sink`.
pub(crate) fn resolve(request: Request<'_>, sink: &mut Diagnostics) -> Option<ResolvedApp> {
    let Request { intent, environment, target, inputs, .. } = request;
    names::check(&intent, target, sink);
    ports::check(&intent, sink);
    circles::check(&intent, sink);
    let mut reasons = Reasons::default();
    let offered = offerings::bind_resources(&intent, target, &mut reasons, sink);
    references::check(&intent, &offered, sink);
    mounts::check(&intent, &offered, sink);
    let runs = offerings::bind_workloads(&intent, target, &mut reasons, sink);
    if sink.has_errors() {
        return None;
    }
    let mut workloads = BTreeMap::new();
    for ((name, stated), offering) in intent.workloads.into_iter().zip(runs) {
        let needs = references::needs_of_workload(&stated);
        workloads.insert(name, ResolvedWorkload { stated, offering, needs });
    }
    let mut resources = BTreeMap::new();
    for ((name, stated), (offering, offered)) in intent.resources.into_iter().zip(offered) {
        let needs = references::needs_of_resource(&stated);
        resources.insert(name, ResolvedResource { stated, offering, offered, needs });
    }
    let frame = Frame {
        app: intent.app.value,
        owner: intent.owner.map(|owner| owner.value),
        environment,
        target: target.name(),
        outcomes: intent.outcomes,
        constraints: intent.constraints,
        inputs,
        reasons,
    };
    Some(ResolvedApp { frame, workloads, resources })
}
