//! The plan's `model` and its bill, from a decision: everything that a stranger needs to compute it all again.
//!
//! Called by `size` once. Numbers are cut to six digits, which is what the model knows.

use appia_plan::model::{Block, Candidate, Cost, CostItem, Edge, Entry, Model, Station};
use appia_plan::{HOURS_A_MONTH, Price};

use super::candidates::Candidate as Chosen;
use super::decide::{Case, Decision, Place};
use super::load::Thing;
use super::problem::network;
use super::shown::{finite, quantised, unit_usd, usd};

/// Everything that is needed to recompute a decision.
pub(super) fn model(decision: &Decision, case: Case<'_>) -> Model {
    let things = || decision.graph.things.iter().zip(&decision.chosen);
    let load = decision.graph.load.iter().map(|known| (known.name.last().to_owned(), known.value));
    Model {
        load: load.collect(),
        entries: entries(decision),
        edges: edges(decision, case),
        stations: things().map(|(thing, chosen)| station(thing, chosen)).collect(),
        blocks: blocks(decision, case),
        candidates: candidates(decision),
    }
}

fn entries(decision: &Decision) -> Vec<Entry> {
    let entries = decision.graph.entries.iter().zip(&decision.entries);
    let entries = entries.filter_map(|((place, share), times)| {
        let millis = |seconds: f64| finite(seconds * 1000.0);
        Some(Entry {
            address: decision.graph.things.get(*place)?.address.clone(),
            rate_rps: quantised(decision.graph.rate * share),
            response_p50_ms: millis(times.p50),
            response_p95_ms: millis(times.p95),
            response_p99_ms: millis(times.p99),
            zone_lost_p95_ms: millis(times.lost_p95),
        })
    });
    entries.collect()
}

fn edges(decision: &Decision, case: Case<'_>) -> Vec<Edge> {
    let network_ms = quantised(network(case.terms) * 1000.0);
    let of = |thing: &Thing| {
        let edges = thing.edges.iter().filter_map(|edge| {
            Some(Edge {
                from: thing.address.clone(),
                to: decision.graph.things.get(edge.to)?.address.clone(),
                visits: edge.visits.value,
                parallel: edge.parallel,
                network_ms,
            })
        });
        edges.collect::<Vec<_>>()
    };
    let mut edges: Vec<Edge> = decision.graph.things.iter().flat_map(of).collect();
    edges.sort_by(|a, b| (&a.from, &a.to).cmp(&(&b.from, &b.to)));
    edges
}

fn station(thing: &Thing, chosen: &Chosen) -> Station {
    let queue = chosen.queue(chosen.replicas);
    let millis = |share: f64| finite(queue.percentile(share) * 1000.0);
    Station {
        address: thing.address.clone(),
        rate_rps: quantised(thing.rate),
        demand_ms: quantised(thing.work.demand.value * 1000.0),
        scv: thing.work.scv.value,
        replicas: chosen.replicas,
        replicas_zone_lost: chosen.left,
        cpu_millis: chosen.cpu.millis(),
        servers_per_replica: chosen.servers,
        sigma: thing.work.scalability.sigma,
        kappa: thing.work.scalability.kappa,
        slowdown: quantised(chosen.slowdown),
        service_ms: quantised(chosen.service * 1000.0),
        discipline: chosen.discipline,
        response_p50_ms: millis(0.50),
        response_p95_ms: millis(0.95),
        response_p99_ms: millis(0.99),
    }
}

fn blocks(decision: &Decision, case: Case<'_>) -> Vec<Block> {
    let Some(place) = Place::of(case.terms.capacity) else { return Vec::new() };
    let things = decision.graph.things.iter().zip(&decision.groups);
    things
        .map(|(thing, group)| Block {
            address: thing.address.clone(),
            all: group.all,
            needed: group.needed,
            availability: group.each,
            repair_s: place.repair.0,
            zones: group.zones,
            zones_of_place: place.zones.count,
            zone_availability: place.zones.each,
            zone_repair_s: place.repair.1,
        })
        .collect()
}

fn candidates(decision: &Decision) -> Vec<Candidate> {
    let stations = decision.graph.things.iter().zip(&decision.options).zip(&decision.chosen);
    let of = |((thing, options), chosen): ((&Thing, &Vec<Chosen>), &Chosen)| {
        let is_chosen = |option: &Chosen| option.replicas == chosen.replicas && option.cpu == chosen.cpu;
        // A spare replica may have led to something that was no candidate for the sake of time.
        let spared = (!options.iter().any(is_chosen)).then(|| chosen.clone());
        let shown = |option: &Chosen| Candidate {
            address: thing.address.clone(),
            replicas: option.replicas,
            replicas_zone_lost: option.left,
            servers_per_replica: option.servers,
            service_ms: quantised(option.service * 1000.0),
            cpu_millis: option.cpu.millis(),
            memory_mib: option.memory.mib(),
            monthly_usd: usd(option.nano_usd),
            weight: quantised(option.weight),
            chosen: is_chosen(option),
        };
        let told = options.iter().chain(&spared);
        // Thousands of stations with all that they could be are more than anyone reads.
        let told = told.filter(|option| !decision.graph.is_large() || is_chosen(option));
        told.map(shown).collect::<Vec<_>>()
    };
    stations.flat_map(of).collect()
}

/// Line by line: processors and memory of each station.
pub(super) fn cost(decision: &Decision, case: Case<'_>) -> Cost {
    let mut items = Vec::new();
    if let Some(price) = &case.terms.capacity.price {
        for (thing, chosen) in decision.graph.things.iter().zip(&decision.chosen) {
            let hours = u128::from(chosen.replicas) * u128::from(HOURS_A_MONTH);
            let millis = hours * u128::from(chosen.cpu.millis() + thing.work.beside.millis());
            items.push(item(thing, &price.cpu, millis as f64 / 1000.0));
            let bytes = hours * u128::from(thing.work.memory.get());
            items.push(item(thing, &price.memory, bytes as f64 / (1_u64 << 30) as f64));
        }
    }
    items.sort_by(|a, b| (&a.address, &a.sku).cmp(&(&b.address, &b.sku)));
    Cost { monthly_usd: usd(decision.nano_usd()), items }
}

fn item(thing: &Thing, price: &Price, quantity: f64) -> CostItem {
    CostItem {
        address: thing.address.clone(),
        sku: price.sku.to_string(),
        quantity: quantised(quantity),
        unit: price.unit.to_string(),
        unit_usd: unit_usd(price.nano_usd),
        monthly_usd: usd((quantity * price.nano_usd as f64) as u128),
        as_of: price.as_of.to_string(),
        source: price.source.to_string(),
    }
}
