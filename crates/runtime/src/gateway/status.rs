//! What the gateway says about itself: a snapshot for `status`, and its families for `/metrics`.

use std::net::SocketAddr;

use serde::Serialize;

use super::config::RouteOwner;
use super::instance::Instance;
use super::route::LiveRoute;
use crate::telemetry::{Exposition, HistogramSample, Rates};

/// All routes at one moment.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Snapshot {
    /// Where requests for every host name come in.
    pub shared: Option<SocketAddr>,
    /// By route id.
    pub routes: Vec<RouteSnapshot>,
}

/// One route at one moment.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct RouteSnapshot {
    /// The route.
    pub id: String,
    /// Whose traffic it carries.
    pub owner: RouteOwner,
    /// Its host names.
    pub hosts: Vec<String>,
    /// Where its own port is.
    pub listen: Option<SocketAddr>,
    /// Requests that have not ended.
    pub in_flight: u64,
    /// Requests since the start.
    pub requests: u64,
    /// 5xx answers and failures of the gateway since the start.
    pub errors: u64,
    /// The last five minutes.
    pub rates: Rates,
    /// Everyone who answers.
    pub instances: Vec<InstanceSnapshot>,
}

/// One instance behind a route at one moment.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct InstanceSnapshot {
    /// The instance.
    pub id: String,
    /// The deployment it belongs to.
    pub deployment: String,
    /// The share of that deployment.
    pub weight: u32,
    /// Where it listens.
    pub addr: SocketAddr,
    /// Whether it gets requests.
    pub standing: ServingState,
    /// Requests that have not ended.
    pub in_flight: u64,
    /// Requests since the start.
    pub requests: u64,
    /// Failed ones among them.
    pub errors: u64,
    /// The last five minutes.
    pub rates: Rates,
}

/// Whether an instance gets requests, and why not.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum ServingState {
    /// It does.
    Serving,
    /// Too many requests in a row have failed; it is tried again soon.
    Ejected,
    /// It fails its checks.
    Unhealthy,
    /// It has been told to finish.
    Draining,
}

impl RouteSnapshot {
    pub(super) fn of(route: &LiveRoute, listen: Option<SocketAddr>) -> Self {
        let totals = route.red.totals();
        let instances = route.groups.iter().flat_map(|group| {
            group.instances.iter().map(|instance| {
                let deployment = group.deployment.clone();
                InstanceSnapshot { deployment, weight: group.weight, ..InstanceSnapshot::of(instance) }
            })
        });
        Self {
            id: route.config.id.clone(),
            owner: route.config.owner.clone(),
            hosts: route.config.hosts.clone(),
            listen,
            in_flight: totals.in_flight,
            requests: totals.requests,
            errors: totals.errors,
            rates: route.red.rates(),
            instances: instances.collect(),
        }
    }
}

impl InstanceSnapshot {
    fn of(instance: &Instance) -> Self {
        let totals = instance.red.totals();
        Self {
            id: instance.id.clone(),
            deployment: String::new(),
            weight: 0,
            addr: instance.addr,
            standing: instance.standing(),
            in_flight: totals.in_flight,
            requests: totals.requests,
            errors: totals.errors,
            rates: instance.red.rates(),
        }
    }
}

/// Adds the counters of one route and its instances.
pub(super) fn expose(route: &LiveRoute, exposition: &mut Exposition) {
    let RouteOwner { app, environment, workload } = &route.config.owner;
    let owner: [(&str, &str); 4] =
        [("app", app), ("environment", environment), ("workload", workload), ("route", &route.config.id)];
    let totals = route.red.totals();
    let family = exposition.counter("appia_requests", "Requests that have ended, by class of status code.");
    for (class, count) in totals.by_class {
        let labels: Vec<_> = owner.into_iter().chain([("code_class", class.name())]).collect();
        family.add(&labels, count as f64);
    }
    exposition
        .histogram(
            "appia_request_duration_seconds",
            "Time from the head of a request to the end of its answer.",
        )
        .add_histogram(&owner, &HistogramSample { buckets: totals.buckets, sum: totals.sum_seconds });
    exposition
        .counter("appia_request_duration_squared", "Squares of those times in seconds, added up.")
        .add(&owner, totals.squared_seconds);
    exposition
        .counter("appia_gateway_failures", "Requests that no instance answered to the end.")
        .add(&owner, totals.failures as f64);
    exposition
        .gauge("appia_requests_in_flight", "Requests that have not ended.")
        .add(&owner, totals.in_flight as f64);
    for group in &route.groups {
        for instance in &group.instances {
            expose_instance(instance, &owner, exposition);
        }
    }
}

fn expose_instance(instance: &Instance, owner: &[(&str, &str)], exposition: &mut Exposition) {
    let labels: Vec<_> = owner.iter().copied().chain([("instance", instance.id.as_str())]).collect();
    let totals = instance.red.totals();
    let serving = if instance.standing() == ServingState::Serving { 1.0 } else { 0.0 };
    exposition.gauge("appia_instance_serving", "1 when the instance gets requests.").add(&labels, serving);
    exposition
        .counter("appia_instance_requests", "Requests that the instance was given.")
        .add(&labels, totals.requests as f64);
    exposition
        .counter("appia_instance_errors", "Requests that failed at the instance.")
        .add(&labels, totals.errors as f64);
}
