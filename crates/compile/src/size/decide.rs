//! From outcomes to one candidate for each station: time first, then spare replicas for availability.
//!
//! Called by `size` once for each application; `judge` then says what became of each promise, `relax` what would help
//! where one cannot be kept, `report` writes it all down with reasons. Start reading at [`decide`].

use appia_intent::Outcomes;
use appia_plan::phase::ResolvedApp;
use appia_plan::{Capacity, Target};

use super::candidates::{Candidate, Terms, one};
use super::carbon;
use super::choose::{Proof, cheapest};
use super::load::{Graph, Thing, graph};
use super::problem::{Problem, Promised, State, network, stops};
use super::relax;
use crate::availability::{Group, Zones, of_repair, together};
use crate::queueing::{Journeys, gamma_percentile};

/// Spare replicas beyond which more are not tried.
const SPARES: u32 = 30;

/// What outcomes are judged against.
#[derive(Clone, Copy)]
pub(super) struct Case<'a> {
    pub(super) outcomes: &'a Outcomes,
    pub(super) terms: Terms<'a>,
    pub(super) app: &'a ResolvedApp,
    pub(super) target: &'a dyn Target,
}

/// One candidate for each station, and what follows.
#[derive(Debug, Clone)]
pub(super) struct Decision {
    pub(super) graph: Graph,
    pub(super) options: Vec<Vec<Candidate>>,
    /// In the order of the graph.
    pub(super) chosen: Vec<Candidate>,
    pub(super) proof: Proof,
    /// The probability that everything needed is there; none: the place promises nothing.
    pub(super) availability: Option<f64>,
    /// Of the stations in the order of the graph, then of what stands before all of them.
    pub(super) groups: Vec<Group>,
    /// What is charged beside the stations, in millionths of a USD a month.
    pub(super) around: u128,
    /// Kilograms of CO2 equivalent a month, where outcomes ask and the place is known.
    pub(super) carbon_kg: Option<f64>,
    /// What a kilogram of it weighed in the choice.
    pub(super) usd_per_kg: f64,
    /// The promise about time that was kept: as stated, or the nearest that can be.
    pub(super) promises: Vec<Promised>,
    pub(super) entries: Vec<Times>,
}

/// Response times of an entry.
#[derive(Debug, Clone, Copy)]
pub(super) struct Times {
    pub(super) p50: f64,
    pub(super) p95: f64,
    pub(super) p99: f64,
    /// Of the promised percentiles, with a zone lost.
    pub(super) lost_p50: f64,
    pub(super) lost_p95: f64,
    pub(super) lost_p99: f64,
}

/// Decides, when outcomes say how much load there is and something is public.
pub(super) fn decide(case: Case<'_>) -> Option<Decision> {
    let mut graph = graph(case.app, (case.target, case.terms.capacity))?;
    if case.outcomes.carbon.is_some() {
        carbon::weigh(&mut graph, case.terms.capacity);
    }
    Some(solve(graph, case, promises(case.outcomes)))
}

/// What the outcomes of an application are judged against.
pub(super) fn case<'a>(app: &'a ResolvedApp, (target, capacity): (&'a dyn Target, &'a Capacity)) -> Case<'a> {
    let outcomes = &app.frame.outcomes;
    // Only who promises to be there has to survive a zone.
    let zones = match (&outcomes.availability, &capacity.failures) {
        (Some(_), Some(failures)) => failures.zones.value,
        _ => 1,
    };
    Case { outcomes, terms: Terms { capacity, zones, usd_per_kg: 0.0 }, app, target }
}

/// The promises about time, as shares and seconds.
pub(super) fn promises(outcomes: &Outcomes) -> Vec<Promised> {
    let latency = &outcomes.latency;
    let stated = [(0.50, &latency.p50), (0.95, &latency.p95), (0.99, &latency.p99)];
    stated
        .into_iter()
        .filter_map(|(share, time)| Some((share, time.as_ref()?.value.as_millis_f64() / 1000.0)))
        .collect()
}

/// The cheapest decision that keeps these promises and the one about carbon, else the nearest ones that can be kept.
pub(super) fn solve(graph: Graph, case: Case<'_>, promises: Vec<Promised>) -> Decision {
    if case.outcomes.carbon.is_none() {
        return solve_at(graph, case, promises);
    }
    carbon::search(case, |usd_per_kg| {
        let case = Case { terms: Terms { usd_per_kg, ..case.terms }, ..case };
        solve_at(graph.clone(), case, promises.clone())
    })
}

/// The cheapest at what a kilogram of CO2 equivalent weighs.
fn solve_at(graph: Graph, case: Case<'_>, promises: Vec<Promised>) -> Decision {
    let mut problem = Problem::new(&graph, case.terms, promises);
    let (choice, proof) = match cheapest(&problem) {
        Some(found) => found,
        None if problem.graph.is_large() => (problem.extremes().1, Proof::Near),
        None => {
            problem.promises = relax::nearest(&problem);
            let (least, most) = problem.extremes();
            // Where a line grows for ever no time can be kept, and whatever else there is need not be faster for it.
            let rest = if problem.promises.is_empty() { least } else { most };
            cheapest(&problem).unwrap_or((rest, Proof::Near))
        }
    };
    let chosen = problem.chosen(&choice);
    let Problem { options, promises, .. } = problem;
    let mut decision = Decision {
        options,
        chosen,
        proof,
        availability: None,
        groups: Vec::new(),
        around: super::around::micro_usd(&graph, case),
        carbon_kg: None,
        usd_per_kg: case.terms.usd_per_kg,
        promises,
        entries: Vec::new(),
        graph,
    };
    decision.spare(case);
    decision.time(case);
    decision.emit(case);
    decision
}

impl Decision {
    /// What it costs a month, in millionths of a USD.
    pub(super) fn micro_usd(&self) -> u128 {
        self.around + self.chosen.iter().map(|candidate| candidate.micro_usd).sum::<u128>()
    }

    /// True when every line ends.
    pub(super) fn is_stable(&self) -> bool {
        self.chosen.iter().all(|candidate| candidate.queue(candidate.left).is_stable())
    }

    /// Adds replicas and standbys, each where it helps most for its price, until availability is as promised.
    fn spare(&mut self, case: Case<'_>) {
        let Some(place) = Place::of(case.terms.capacity) else { return };
        self.groups = self.groups_of(&place, case.terms);
        let promised = case.outcomes.availability.as_ref().map(|promised| promised.value.fraction());
        let mut found = together(place.zones, &self.groups);
        let before = (self.chosen.clone(), self.groups.clone(), found);
        for _ in 0..SPARES {
            if promised.is_none_or(|promised| found >= promised) {
                break;
            }
            let Some((spare, better)) = self.best_spare(&place, (found, case.terms)) else { break };
            found = better;
            self.take(&place, spare, case.terms);
            if self.graph.is_large() {
                self.standbys(&place, case.terms);
                found = together(place.zones, &self.groups);
                break;
            }
        }
        if promised.is_some_and(|promised| found < promised) {
            // What does not reach the promise is not paid for.
            (self.chosen, self.groups, found) = before;
        }
        self.availability = Some(found);
    }

    fn groups_of(&self, place: &Place, terms: Terms<'_>) -> Vec<Group> {
        let things = self.graph.things.iter().zip(&self.chosen);
        let stations = things.map(|(thing, candidate)| group(thing, candidate, (place, terms)));
        let entrance = self.graph.entrance(terms.capacity).map(|part| of_place(part.availability.value));
        stations.chain(entrance).collect()
    }

    /// What helps most for its price, and the availability then.
    fn best_spare(&self, place: &Place, (now, terms): (f64, Terms<'_>)) -> Option<(Spare, f64)> {
        let mut best: Option<(Spare, f64, f64)> = None;
        for (index, (thing, candidate)) in self.graph.things.iter().zip(&self.chosen).enumerate() {
            // Of a large application only standbys are tried: what each replica gains is beyond counting.
            let Some(better) = spared(thing, candidate, terms) else { continue };
            if self.graph.is_large() && better.replicas != candidate.replicas {
                continue;
            }
            let mut groups = self.groups.clone();
            if let Some(group) = groups.get_mut(index) {
                *group = spared_group(*group, (thing, &better), (place, terms));
            }
            let found = together(place.zones, &groups);
            let gain = (found - now) / (better.weight - candidate.weight).max(1e-9);
            if found > now && best.as_ref().is_none_or(|(_, _, most)| gain > *most) {
                best = Some((Spare { index, candidate: better }, found, gain));
                if self.graph.is_large() {
                    break;
                }
            }
        }
        best.map(|(spare, found, _)| (spare, found))
    }

    fn take(&mut self, place: &Place, spare: Spare, terms: Terms<'_>) {
        let Spare { index, candidate } = spare;
        let Some(thing) = self.graph.things.get(index) else { return };
        if let Some(group) = self.groups.get_mut(index) {
            *group = spared_group(*group, (thing, &candidate), (place, terms));
        }
        if let Some(chosen) = self.chosen.get_mut(index) {
            *chosen = candidate;
        }
    }

    /// A standby for everything that can have one.
    fn standbys(&mut self, place: &Place, terms: Terms<'_>) {
        for index in 0..self.chosen.len() {
            let pair = self.graph.things.get(index).zip(self.chosen.get(index));
            let better = pair.and_then(|(thing, candidate)| standby(thing, candidate, terms));
            if let Some(candidate) = better {
                self.take(place, Spare { index, candidate }, terms);
            }
        }
    }

    fn emit(&mut self, case: Case<'_>) {
        let all: Option<f64> = self.chosen.iter().map(|candidate| candidate.kg).sum();
        self.carbon_kg = all.map(|kg| kg + super::around::kg(&self.graph, case));
    }

    fn time(&mut self, case: Case<'_>) {
        let network = network(case.terms);
        let whole = stops(&self.graph, &self.chosen, (State::Whole, network));
        let lost = stops(&self.graph, &self.chosen, (State::ZoneLost, network));
        let places = self.graph.places();
        let (whole, lost) = (Journeys::new(&whole, &places), Journeys::new(&lost, &places));
        // Of a large application, percentiles of gamma variables with the two moments are told.
        let large = self.graph.is_large();
        let at = |journeys: &Journeys<'_>, entry: usize, share: f64| {
            if large {
                gamma_percentile(share, journeys.response(entry))
            } else {
                journeys.percentile(entry, share)
            }
        };
        let entries = (0..places.len()).map(|entry| Times {
            p50: at(&whole, entry, 0.50),
            p95: at(&whole, entry, 0.95),
            p99: at(&whole, entry, 0.99),
            lost_p50: at(&lost, entry, 0.50),
            lost_p95: at(&lost, entry, 0.95),
            lost_p99: at(&lost, entry, 0.99),
        });
        self.entries = entries.collect();
    }
}

/// Something better for one station.
#[derive(Debug, Clone)]
struct Spare {
    index: usize,
    candidate: Candidate,
}

/// One more replica, or a standby.
fn spared(thing: &Thing, candidate: &Candidate, terms: Terms<'_>) -> Option<Candidate> {
    if thing.work.stated_replicas.is_none() && candidate.replicas < thing.work.most {
        return Some(one(thing, (candidate.replicas + 1, &candidate.fit), terms));
    }
    standby(thing, candidate, terms)
}

/// The least of what has a standby and is no slower.
fn standby(thing: &Thing, candidate: &Candidate, terms: Terms<'_>) -> Option<Candidate> {
    let wanted = |fit: &&super::load::Fit| fit.standby && fit.cpu >= candidate.fit.cpu;
    let fit = thing.work.fits.iter().find(wanted).filter(|_| !candidate.fit.standby)?;
    Some(one(thing, (candidate.replicas, fit), terms))
}

/// Which of the equal parts of a station have to be there.
fn group(thing: &Thing, candidate: &Candidate, (place, terms): (&Place, Terms<'_>)) -> Group {
    if let Some(availability) = candidate.fit.availability {
        return of_place(availability);
    }
    let spread = if thing.work.most == 1 { 1 } else { place.zones.count };
    let needed = if terms.zones > 1 { candidate.left } else { candidate.replicas };
    Group { all: candidate.replicas, needed: needed.max(1), each: place.each, zones: spread }
}

/// As [`group`] for something better: what was added is spare, so no more has to be there than before.
fn spared_group(before: Group, (thing, better): (&Thing, &Candidate), place: (&Place, Terms<'_>)) -> Group {
    let group = group(thing, better, place);
    Group { needed: group.needed.min(before.needed), ..group }
}

/// One part that the place itself promises, zones included.
fn of_place(availability: f64) -> Group {
    Group { all: 1, needed: 1, each: availability, zones: 0 }
}

/// How the place fails, as numbers.
#[derive(Debug, Clone, Copy)]
pub(super) struct Place {
    pub(super) zones: Zones,
    /// Availability of a replica while its zone lives.
    pub(super) each: f64,
    /// Seconds until a replica and until a zone is back.
    pub(super) repair: (f64, f64),
}

impl Place {
    pub(super) fn of(capacity: &Capacity) -> Option<Place> {
        let failures = capacity.failures.as_ref()?;
        let seconds = |time: appia_intent::units::Duration| time.as_millis_f64() / 1000.0;
        let each = of_repair(seconds(failures.between.value), seconds(failures.repair.value));
        let repair = (seconds(failures.repair.value), seconds(failures.zone_repair.value));
        Some(Place { zones: Zones { count: failures.zones.value, each: failures.zone.value }, each, repair })
    }
}
