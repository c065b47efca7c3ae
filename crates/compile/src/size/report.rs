//! Writes a decision down: every number with its reason, callers before whom they call, so that each reason can point
//! at the ones it follows from.
//!
//! Called by `size` once. Chooses nothing. Start reading at [`report`].

use std::collections::BTreeMap;

use appia_intent::Address;
use appia_intent::units::Cpu;
use appia_plan::phase::Scale;
use appia_plan::{
    Alternative, Derived, Discipline, Form, Input, Origin, Price, Reason, ReasonId, Reasons, cents,
};
use serde_json::{Value, json};

use super::candidates::{Candidate, one};
use super::choose::Proof;
use super::decide::{Case, Decision};
use super::load::{Fit, Known, Thing};
use super::problem::{State, holds, network, stops};
use super::range::Range;
use super::{defaults, shown};
use crate::availability::Group;
use crate::queueing::Journeys;

/// Stations up to which it is told why the next cheaper option fails.
const WORTH: usize = 24;

/// The numbers of one thing, each with its reason.
#[derive(Debug, Clone)]
pub(super) struct Numbers {
    pub(super) replicas: Derived<u32>,
    pub(super) cpu: Derived<Cpu>,
    /// What each replica or server is.
    pub(super) fit: Fit,
    /// How far replicas come and go.
    pub(super) scale: Option<Scale>,
    /// More values of the node.
    pub(super) values: Vec<(&'static str, Derived<Value>)>,
}

/// The numbers of everything that requests come through, by address.
pub(super) fn report(
    (decision, ranges): (&Decision, &[Option<Range<'_>>]),
    case: Case<'_>,
    reasons: &mut Reasons,
) -> BTreeMap<Address, Numbers> {
    let mut writer = Writer { decision, ranges, case, reasons, rates: Vec::new(), numbers: BTreeMap::new() };
    writer.rates = vec![Vec::new(); decision.graph.things.len()];
    for (entry, share) in &decision.graph.entries {
        let input = Input {
            name: Address::parse("share"),
            value: json!(share),
            origin: Origin::Default(
                "its weight among the public workloads; equal where nothing is stated".into(),
            ),
        };
        let load = decision.graph.load.iter().map(Known::input);
        if let Some(inputs) = writer.rates.get_mut(*entry) {
            inputs.extend(load.chain([input]));
        }
    }
    for place in (0..decision.graph.things.len()).rev() {
        writer.write(place);
    }
    writer.numbers
}

struct Writer<'a> {
    decision: &'a Decision,
    ranges: &'a [Option<Range<'a>>],
    case: Case<'a>,
    reasons: &'a mut Reasons,
    /// What each thing's rate follows from; callers add to it.
    rates: Vec<Vec<Input>>,
    numbers: BTreeMap<Address, Numbers>,
}

impl Writer<'_> {
    fn write(&mut self, place: usize) {
        let (Some(thing), Some(candidate)) =
            (self.decision.graph.things.get(place), self.decision.chosen.get(place))
        else {
            return;
        };
        let rate = self.rate(place, thing);
        self.tell_callees(thing, rate.why());
        let demand = self.demand(thing);
        let replicas = self.replicas(place, (thing, candidate), [rate.why(), demand.why()]);
        let cpu = self.cpu((thing, candidate), replicas.why());
        let mut values = self.consequences(place, (thing, candidate), replicas.why());
        values.extend([("offered_rps", rate), ("demand_ms", demand)]);
        if let Some(payload) = &thing.work.payload {
            let text = "bytes of an answer that leaves for people outside, for what traffic costs and emits";
            let reason = with(Reason::new("size/payload", text), [payload.input()]);
            values.push(("payload_bytes", self.reasons.derive(json!(payload.value), reason)));
        }
        let range = self.ranges.get(place).and_then(Option::as_ref);
        let scale = range.map(|range| self.scale((thing, candidate), range, &mut values));
        let fit = candidate.fit.clone();
        let numbers = Numbers { replicas, cpu, fit, scale, values };
        self.numbers.insert(thing.address.clone(), numbers);
    }

    fn rate(&mut self, place: usize, thing: &Thing) -> Derived<Value> {
        let text =
            "requests a second at peak: the load times its share, and each caller's rate times its visits";
        let mut reason = Reason::new("size/load", text);
        reason.inputs = self.rates.get_mut(place).map(std::mem::take).unwrap_or_default();
        self.reasons.derive(json!(shown::quantised(thing.rate)), reason)
    }

    fn tell_callees(&mut self, thing: &Thing, why: ReasonId) {
        for edge in &thing.edges {
            let name = thing.address.field("offered_rps");
            let rate =
                Input { name, value: json!(shown::quantised(thing.rate)), origin: Origin::Computed(why) };
            if let Some(inputs) = self.rates.get_mut(edge.to) {
                inputs.extend([rate, edge.visits.input()]);
            }
        }
    }

    fn demand(&mut self, thing: &Thing) -> Derived<Value> {
        let text = "processor time for one request: measured, else stated, else a default";
        let reason = with(Reason::new("size/demand", text), [thing.work.demand.input()]);
        self.reasons.derive(json!(shown::quantised(thing.work.demand.value * 1000.0)), reason)
    }

    /// The whole chain: what has to be carried, by how many, what binds, and why the next cheaper option fails.
    fn replicas(
        &mut self,
        place: usize,
        (thing, candidate): (&Thing, &Candidate),
        [rate, demand]: [ReasonId; 2],
    ) -> Derived<u32> {
        let rule = if thing.work.most == 1 { "size/one" } else { "size/cheapest" };
        let mut reason = Reason::new(rule, self.text(thing, candidate));
        let computed = |field: &str, value: f64, why: ReasonId| Input {
            name: thing.address.field(field),
            value: json!(shown::quantised(value)),
            origin: Origin::Computed(why),
        };
        reason.inputs = vec![
            computed("offered_rps", thing.rate, rate),
            computed("demand_ms", thing.work.demand.value * 1000.0, demand),
            thing.work.scv.input(),
        ];
        reason.inputs.extend(thing.work.threads.as_ref().map(Known::input));
        reason.inputs.extend(thing.work.stated_replicas.as_ref().map(|(_, known)| known.input()));
        reason.inputs.extend(thing.work.stated_cpu.as_ref().map(Known::input));
        reason.inputs.extend(self.place_facts(thing));
        reason.inputs.extend(self.prices(candidate));
        reason.rejected = self.alternatives(place, (thing, candidate));
        self.reasons.derive(candidate.replicas, reason)
    }

    fn text(&self, thing: &Thing, candidate: &Candidate) -> String {
        let busy = thing.rate * candidate.service;
        let servers = candidate.servers * candidate.replicas;
        let mut text = format!(
            "{} requests a second x {} of service keep {} of {servers} servers busy ({} x {})",
            shown::number(thing.rate),
            shown::seconds(candidate.service),
            shown::number(busy),
            candidate.replicas,
            of_fit(candidate),
        );
        if candidate.left != candidate.replicas {
            text.push_str(&format!(
                "; with one of {} zones lost {} replicas are left",
                self.case.terms.zones, candidate.left
            ));
        }
        let how = match (self.decision.proof, thing.work.stated_replicas.is_some()) {
            (_, true) => "the number is stated and kept",
            (Proof::Cheapest, false) => "nothing cheaper keeps every promise about time",
            (Proof::Near, false) => "found by one price of time for all stations, so next to the cheapest",
        };
        let mut text = format!("{text}; {how}");
        if self.decision.usd_per_kg > 0.0 {
            let weighs = shown::number(self.decision.usd_per_kg);
            text.push_str(&format!(", a kilogram of CO2e weighing {weighs} USD beside the price"));
        }
        text
    }

    fn place_facts(&self, thing: &Thing) -> Vec<Input> {
        let capacity = self.case.terms.capacity;
        let fact = |name: &str, value: Value, source: &str| Input {
            name: Address::parse("target").field(name),
            value,
            origin: Origin::Default(source.to_owned().into()),
        };
        let mut facts = Vec::new();
        if thing.work.most > 1 {
            let discipline = &thing.work.discipline;
            facts.push(fact("discipline", json!(discipline.value), &discipline.source));
        }
        if let (Some(failures), true) = (&capacity.failures, self.case.terms.zones > 1) {
            facts.push(fact("zones", json!(failures.zones.value), &failures.zones.source));
        }
        facts
    }

    /// The rows of tables that its price is made of.
    fn prices(&self, candidate: &Candidate) -> Vec<Input> {
        let rows =
            candidate.fit.rates.iter().filter_map(|rate| self.case.terms.capacity.prices.first(&rate.sku));
        let input = |price: &Price| Input {
            name: Address::parse("prices").field(&price.sku),
            value: json!(format!("{} USD for each {}", price.usd.normalize(), price.unit)),
            origin: Origin::Table { row: price.source.to_string(), as_of: price.as_of.to_string() },
        };
        rows.map(input).collect()
    }

    /// One replica fewer, and the next cheaper candidate: each with what it would break.
    fn alternatives(&self, place: usize, (thing, candidate): (&Thing, &Candidate)) -> Vec<Alternative> {
        if self.decision.graph.things.len() > WORTH || thing.work.stated_replicas.is_some() {
            return Vec::new();
        }
        let fewer = (candidate.replicas > 1)
            .then(|| one(thing, (candidate.replicas - 1, &candidate.fit), self.case.terms));
        let options = self.decision.options.get(place).into_iter().flatten();
        let cheaper = options.rev().find(|option| option.weight < candidate.weight);
        let is_other = |option: &&Candidate| fewer.as_ref().is_none_or(|fewer| !option.is_like(fewer));
        let cheaper = cheaper.filter(is_other).cloned();
        let options = cheaper.into_iter().chain(fewer);
        options.filter_map(|option| self.alternative(place, &option)).collect()
    }

    fn alternative(&self, place: usize, option: &Candidate) -> Option<Alternative> {
        let mut chosen = self.decision.chosen.clone();
        *chosen.get_mut(place)? = option.clone();
        let rejected = self.why_not(&chosen, option);
        Some(Alternative {
            value: json!(format!("{} x {}", option.replicas, of_fit(option))),
            monthly_usd: Some(cents(
                self.decision.around + chosen.iter().map(|one| one.micro_usd).sum::<u128>(),
            )),
            rejected,
        })
    }

    fn why_not(&self, chosen: &[Candidate], option: &Candidate) -> String {
        let lost = if self.case.terms.zones > 1 { " with a zone lost" } else { "" };
        if !option.queue(option.left).is_stable() {
            let busy = option.queue(option.left).utilisation() * 100.0;
            return format!(
                "its servers would be {} % busy{lost}: the line would never end",
                shown::number(busy)
            );
        }
        let network = network(self.case.terms);
        let graph = &self.decision.graph;
        if !holds(graph, chosen, &self.decision.promises, network) {
            let stops = stops(graph, chosen, (State::ZoneLost, network));
            let journeys = Journeys::new(&stops, &graph.places());
            for (share, time) in &self.decision.promises {
                let found = journeys.slowest(*share);
                if found > *time {
                    return format!(
                        "p{:.0} would be {}{lost}, and {} is promised",
                        share * 100.0,
                        shown::seconds(found),
                        shown::seconds(*time)
                    );
                }
            }
        }
        match self.decision.proof {
            Proof::Cheapest => {
                "times would hold, but availability would be below what is promised".to_owned()
            }
            Proof::Near => {
                "it was not tried: with so many stations one price of time decides for all".to_owned()
            }
        }
    }

    /// The floor, with what it follows from; the ceiling is the number that the price counts.
    fn scale(
        &mut self,
        (thing, candidate): (&Thing, &Candidate),
        range: &Range<'_>,
        values: &mut Vec<(&'static str, Derived<Value>)>,
    ) -> Scale {
        let text = format!(
            "{} requests a second on average, {} times as many while a replica starts, with a zone lost where that has to be possible: {} are no slower than {} at peak; the price counts {} all month",
            shown::number(range.base),
            shown::number(range.headroom),
            range.floor,
            candidate.replicas,
            candidate.replicas,
        );
        let mut reason = Reason::new("size/range", text);
        reason.inputs.extend(self.decision.graph.load.last().map(Known::input));
        let (seconds, ramp) = (range.start.value.as_millis_f64() / 1_000.0, defaults::RAMP);
        let fact = Address::parse("target").field("start_s");
        reason = reason.input(fact, seconds, Origin::Default(range.start.source.clone()));
        reason = reason.input(Address::parse("ramp_s"), ramp.0, Origin::Default(ramp.1.into()));
        let floor = self.reasons.derive(range.floor, reason);
        let least = one(thing, (range.floor, &candidate.fit), self.case.terms).micro_usd;
        let busy_percent = range.percent();
        values.push(("replicas_floor", floor.with(json!(range.floor))));
        values.push(("scale_at_busy_percent", floor.with(json!(busy_percent))));
        values.push(("monthly_usd_floor", floor.with(json!(cents(least)))));
        Scale { floor, busy_percent }
    }

    fn cpu(&mut self, (thing, candidate): (&Thing, &Candidate), why: ReasonId) -> Derived<Cpu> {
        let text = "chosen together with the replicas: the cheapest combination that keeps the promises";
        let input = Input {
            name: thing.address.field("replicas"),
            value: json!(candidate.replicas),
            origin: Origin::Computed(why),
        };
        self.reasons.derive(candidate.fit.cpu, with(Reason::new("size/cheapest", text), [input]))
    }

    /// What follows from the choice: each part with the reason that it has.
    fn consequences(
        &mut self,
        place: usize,
        (thing, candidate): (&Thing, &Candidate),
        why: ReasonId,
    ) -> Vec<(&'static str, Derived<Value>)> {
        let input = Input {
            name: thing.address.field("replicas"),
            value: json!(candidate.replicas),
            origin: Origin::Computed(why),
        };
        let group = self.decision.groups.get(place).copied();
        let available = [
            ("zones", json!(group.map_or(1, |group| group.zones))),
            ("availability", group.map_or(Value::Null, |group| self.availability_of(group))),
        ];
        let price = format!("{} times the rates of {}, for 730 hours", candidate.replicas, of_fit(candidate));
        let parts = [
            ("size/queue", of_queue(candidate), queue_values(thing, candidate)),
            ("size/availability", of_group(group), available.into()),
            ("size/price", price, vec![("monthly_usd", json!(cents(candidate.micro_usd)))]),
        ];
        let told = parts.into_iter().flat_map(|(rule, text, values)| {
            let shared = self.reasons.derive((), with(Reason::new(rule, text), [input.clone()]));
            values.into_iter().map(move |(name, value)| (name, shared.with(value)))
        });
        told.collect()
    }

    fn availability_of(&self, group: Group) -> Value {
        let place = super::decide::Place::of(self.case.terms.capacity);
        place.map_or(Value::Null, |place| {
            json!(shown::quantised(crate::availability::together(place.zones, &[group])))
        })
    }
}

/// What requests meet, and the connections that it keeps.
fn queue_values(thing: &Thing, candidate: &Candidate) -> Vec<(&'static str, Value)> {
    let queue = candidate.queue(candidate.replicas);
    let connections = thing.work.form == Form::Replicas && candidate.fit.connections.is_some();
    let followed = [
        ("scv", json!(candidate_scv(thing))),
        ("servers_per_replica", json!(candidate.servers)),
        ("discipline", json!(candidate.discipline)),
        ("utilisation", json!(shown::quantised(candidate.utilisation()))),
        ("response_p50_ms", millis(queue.percentile(0.50))),
        ("response_p95_ms", millis(queue.percentile(0.95))),
        ("response_p99_ms", millis(queue.percentile(0.99))),
    ];
    let pool = connections.then(|| ("connections", json!(candidate.fit.connections)));
    followed.into_iter().chain(pool).collect()
}

fn of_queue(candidate: &Candidate) -> String {
    let line = match candidate.discipline {
        Discipline::Pooled => "one line before all replicas",
        Discipline::Random => "a line before each replica",
    };
    format!("M/M/c with Allen-Cunneen's factor for variability, {line}, at peak load")
}

/// Why it is there so much of the time; see `availability/zones.rs`.
fn of_group(group: Option<Group>) -> String {
    let Some(Group { all, needed, each, zones }) = group else {
        return "nothing is known of how it fails".to_owned();
    };
    let zones = match zones {
        0 => "no zone takes one down".to_owned(),
        1 => "all are lost with their zone".to_owned(),
        zones => format!("spread over {zones} zones, each of which takes its own with it"),
    };
    let each = each * 100.0;
    format!("{needed} of {all} have to be there, each is {each:.4} % of the time while its zone is; {zones}")
}

/// `1 (1024-2048)`, `2 (db.m6g.large, with a standby)`.
fn of_fit(candidate: &Candidate) -> String {
    let Fit { name, cpu, standby, .. } = &candidate.fit;
    match (name.is_empty(), standby) {
        (true, _) => cpu.to_string(),
        (false, true) => format!("{cpu} ({name}, with a standby)"),
        (false, false) => format!("{cpu} ({name})"),
    }
}

fn candidate_scv(thing: &Thing) -> f64 {
    thing.work.scv.value
}

fn millis(seconds: f64) -> Value {
    shown::finite(seconds * 1000.0).map_or(Value::Null, |value| json!(value))
}

fn with(mut reason: Reason, inputs: impl IntoIterator<Item = Input>) -> Reason {
    reason.inputs.extend(inputs);
    reason
}
