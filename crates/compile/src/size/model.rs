//! The plan's `model`, from a decision: everything that a stranger needs to compute it all again.
//!
//! Called by `size` once. Numbers are cut to six digits, which is what the model knows.

use appia_intent::Address;
use appia_intent::units::Duration;
use appia_plan::model::{Block, Candidate, Edge, Entry, Model, PlaceEmissions, ScaleRange, Station};
use appia_plan::{Emissions, cents};

use super::candidates::Candidate as Chosen;
use super::decide::{Case, Decision, Place};
use super::load::Thing;
use super::problem::network;
use super::range::Range;
use super::shown::{finite, quantised};

/// Everything that is needed to recompute a decision.
pub(super) fn model((decision, ranges): (&Decision, &[Option<Range<'_>>]), case: Case<'_>) -> Model {
    let things = || decision.graph.things.iter().zip(&decision.chosen);
    let load = decision.graph.load.iter().map(|known| (known.name.last().to_owned(), known.value));
    Model {
        load: load.collect(),
        entries: entries(decision),
        edges: edges(decision, case),
        stations: things().map(|(thing, chosen)| station(thing, chosen)).collect(),
        blocks: blocks(decision, case),
        candidates: candidates(decision),
        ranges: ranges_of(decision, ranges),
        pools: Vec::new(),
        emissions: case.terms.capacity.emissions.as_ref().map(emissions),
    }
}

fn ranges_of(decision: &Decision, ranges: &[Option<Range<'_>>]) -> Vec<ScaleRange> {
    let stations = decision.graph.things.iter().zip(&decision.chosen).zip(ranges);
    let told = stations.filter_map(|((thing, chosen), range)| {
        let range = range.as_ref()?;
        Some(ScaleRange {
            address: thing.address.clone(),
            base_rps: quantised(range.base),
            headroom: quantised(range.headroom),
            start_s: range.start.value.as_millis_f64() / 1_000.0,
            ramp_s: super::defaults::RAMP.0,
            floor: range.floor,
            ceiling: chosen.replicas,
            busy_percent: range.percent(),
            counted: chosen.replicas,
        })
    });
    told.collect()
}

fn emissions(place: &Emissions) -> PlaceEmissions {
    PlaceEmissions {
        grid_kg_per_kwh: place.grid.value,
        pue: place.pue.value,
        memory_w_per_gib: place.memory.value,
        storage_kwh_per_tib_hour: place.storage.value,
        network_kwh_per_gib: place.network.value,
    }
}

fn entries(decision: &Decision) -> Vec<Entry> {
    let entries = decision.graph.entries.iter().zip(&decision.entries);
    let entries = entries.filter_map(|((place, share), times)| {
        let millis = |seconds: f64| finite(seconds * 1000.0);
        let thing = decision.graph.things.get(*place)?;
        Some(Entry {
            address: thing.address.clone(),
            payload_bytes: thing.work.payload.as_ref().map_or(0.0, |payload| payload.value),
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
        cpu_millis: chosen.fit.cpu.millis(),
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
    let seconds = |time: Duration| time.as_millis_f64() / 1000.0;
    let stations = decision.graph.things.iter().zip(&decision.chosen);
    let stations = stations.map(|(thing, chosen)| {
        let repair = chosen.fit.recovery_time.filter(|_| chosen.fit.availability.is_some());
        (thing.address.clone(), repair.map_or(place.repair.0, seconds))
    });
    let entrance = decision.graph.entrance(case.terms.capacity);
    let entrance =
        entrance.map(|part| (Address::parse("target").field(part.name), seconds(part.repair.value)));
    let blocks = stations.chain(entrance).zip(&decision.groups);
    blocks
        .map(|((address, repair_s), group)| Block {
            address,
            all: group.all,
            needed: group.needed,
            availability: group.each,
            repair_s,
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
        let is_chosen = |option: &Chosen| option.is_like(chosen);
        // A spare replica may have led to something that was no candidate for the sake of time.
        let spared = (!options.iter().any(is_chosen)).then(|| chosen.clone());
        let shown = |option: &Chosen| Candidate {
            address: thing.address.clone(),
            replicas: option.replicas,
            replicas_zone_lost: option.left,
            servers_per_replica: option.servers,
            service_ms: quantised(option.service * 1000.0),
            cpu_millis: option.fit.cpu.millis(),
            size: option.fit.name.to_string(),
            standby: option.fit.standby,
            availability: option.fit.availability,
            memory_mib: option.fit.memory.mib(),
            monthly_usd: cents(option.micro_usd),
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
