//! What is charged beside the stations: what the target puts around them, and what runs without any request.
//!
//! Called by `decide` for the price of a decision and by `promise` for what the target's objects are counted by.

use std::collections::BTreeMap;

use appia_intent::Address;
use appia_plan::{Bought, Charge, Form, Outline, Usage, Use};

use super::decide::{Case, Decision};
use super::load::{Fit, Graph};
use super::work;
use crate::meter::{Line, Meter, UNKNOWN_USE};

/// Millionths of a USD a month.
pub(super) fn micro_usd(graph: &Graph, case: Case<'_>) -> u128 {
    let capacity = case.terms.capacity;
    // What has no price is found by the price pass, which counts the same again.
    capacity.prices.bill(charges(graph, case)).map_or(0, |bill| bill.micro_usd)
}

/// Kilograms of CO2 equivalent a month: what stores and what leaves, and half of what the rest could take.
pub(super) fn kg(graph: &Graph, case: Case<'_>) -> f64 {
    let capacity = case.terms.capacity;
    let bill = capacity.prices.bill(charges(graph, case));
    let Some((meter, bill)) = Meter::new(capacity).zip(bill.ok()) else { return 0.0 };
    let of = |line: &appia_plan::Line<'_>| {
        let (sku, unit) = (&line.price.sku, &line.price.unit);
        let line = Line { sku, unit, quantity: line.amount(), ratio: None };
        let machine = meter.emissions.machine(line.sku);
        Some(meter.emissions.footprint(&meter.hardware(&line)?, machine, UNKNOWN_USE).kg())
    };
    bill.lines.iter().filter_map(of).sum()
}

fn charges(graph: &Graph, case: Case<'_>) -> Vec<Charge> {
    let usage = usage(graph, None);
    let outline =
        Outline { app: case.app, capacity: case.terms.capacity, usage: &usage, spread: case.terms.zones > 1 };
    let mut charges = case.target.around(&outline);
    charges.extend(resting(graph, case));
    charges
}

/// What requests come to in a month; with a decision, also how long each is served.
pub(super) fn usage(graph: &Graph, decision: Option<&Decision>) -> Usage {
    let things = graph.things.iter().enumerate();
    let of = |(place, thing): (usize, &super::load::Thing)| {
        let requests = thing.requests();
        let leaves = thing.work.payload.as_ref().map_or(0, |payload| payload.value as u64);
        let chosen = decision.and_then(|decision| decision.chosen.get(place));
        let service_nanos = chosen.map_or(0, |chosen| chosen.bought(thing).service_nanos);
        (thing.address.clone(), Use { requests, bytes_out: requests.saturating_mul(leaves), service_nanos })
    };
    let mut usage = Usage(things.map(of).collect::<BTreeMap<_, _>>());
    for thing in &graph.things {
        for (resource, visits) in &thing.work.visits {
            let found = usage.0.entry(resource.clone()).or_default();
            found.requests =
                found.requests.saturating_add(libm::round(thing.requests() as f64 * visits) as u64);
        }
    }
    usage
}

/// Workloads and servers that no request comes to and that run all the same.
fn resting(graph: &Graph, case: Case<'_>) -> Vec<Charge> {
    let reached: std::collections::BTreeSet<&Address> =
        graph.things.iter().map(|thing| &thing.address).collect();
    let mut charges = Vec::new();
    for (name, workload) in &case.app.workloads {
        let address = Address::workload(name);
        let runner = case.terms.capacity.runner(workload.stated.kind.value);
        let runner = runner.filter(|runner| runner.form == Form::Replicas && !reached.contains(&address));
        let Some(runner) = runner else { continue };
        let stated = workload.stated.replicas.as_ref();
        let replicas = stated.map_or(case.target.facts().replicas.value, |replicas| replicas.value);
        if let Some(fit) = work::least(workload, runner, case.target) {
            charges.extend(of_fit(&address, &fit, Bought { replicas, ..Bought::default() }));
        }
    }
    for (name, resource) in &case.app.resources {
        let address = Address::resource(name);
        let server = case.terms.capacity.server(resource.stated.kind.value.as_str());
        let Some(server) = server.filter(|_| !reached.contains(&address)) else { continue };
        let storage = work::storage(resource);
        if let Some(fit) = work::classes(server, &case.outcomes.recovery).first() {
            charges.extend(of_fit(&address, fit, Bought { replicas: 1, storage, ..Bought::default() }));
        }
    }
    charges
}

fn of_fit(address: &Address, fit: &Fit, bought: Bought) -> Vec<Charge> {
    let bought = Bought { cpu: fit.paid_cpu, memory: fit.memory, ..bought };
    fit.rates.iter().map(|rate| rate.charge(address, &bought)).collect()
}
