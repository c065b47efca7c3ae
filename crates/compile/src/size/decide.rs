//! From outcomes to one candidate for each station: time first, then spare replicas for availability.
//!
//! Called by `size` once for each application; `judge` then says what became of each promise, `relax` what would help
//! where one cannot be kept, `report` writes it all down with reasons. Start reading at [`decide`].

use appia_intent::Outcomes;
use appia_plan::phase::ResolvedApp;
use appia_plan::{Capacity, Target};

use super::candidates::{Candidate, Terms, one};
use super::choose::{Proof, cheapest};
use super::load::{Graph, graph};
use super::problem::{Problem, Promised, State, network, stops};
use super::relax;
use crate::availability::{Group, Zones, of_repair, together};
use crate::queueing::{Journeys, gamma_percentile};

/// Spare replicas beyond which more are not tried.
const SPARES: u32 = 30;

/// What outcomes are judged against.
#[derive(Debug, Clone, Copy)]
pub(super) struct Case<'a> {
    pub(super) outcomes: &'a Outcomes,
    pub(super) terms: Terms<'a>,
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
    pub(super) groups: Vec<Group>,
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
pub(super) fn decide(app: &ResolvedApp, target: &dyn Target) -> Option<Decision> {
    let graph = graph(app, target)?;
    let case = case(app, target);
    Some(solve(graph, case, promises(case.outcomes)))
}

/// What the outcomes of an application are judged against.
pub(super) fn case<'a>(app: &'a ResolvedApp, target: &'a dyn Target) -> Case<'a> {
    let (outcomes, capacity) = (&app.frame.outcomes, target.capacity());
    // Only who promises to be there has to survive a zone.
    let zones = match (&outcomes.availability, &capacity.failures) {
        (Some(_), Some(failures)) => failures.zones.value,
        _ => 1,
    };
    Case { outcomes, terms: Terms { capacity, zones } }
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

/// The cheapest decision that keeps these promises, else the nearest ones that can be kept.
pub(super) fn solve(graph: Graph, case: Case<'_>, promises: Vec<Promised>) -> Decision {
    let mut problem = Problem::new(&graph, case.terms, promises);
    let (choice, proof) = match cheapest(&problem) {
        Some(found) => found,
        None if problem.graph.is_large() => (problem.extremes().1, Proof::Near),
        None => {
            problem.promises = relax::nearest(&problem);
            cheapest(&problem).unwrap_or_else(|| (problem.extremes().1, Proof::Near))
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
        promises,
        entries: Vec::new(),
        graph,
    };
    decision.spare(case);
    decision.time(case);
    decision
}

impl Decision {
    /// What it costs a month, in billionths of a USD.
    pub(super) fn nano_usd(&self) -> u128 {
        self.chosen.iter().map(|candidate| candidate.nano_usd).sum()
    }

    /// True when every line ends.
    pub(super) fn is_stable(&self) -> bool {
        self.chosen.iter().all(|candidate| candidate.queue(candidate.left).is_stable())
    }

    /// Adds replicas, each where it helps most for its price, until availability is as promised.
    fn spare(&mut self, case: Case<'_>) {
        let Some(place) = Place::of(case.terms.capacity) else { return };
        self.groups = self.groups_of(&place, case.terms);
        let promised = case.outcomes.availability.as_ref().map(|promised| promised.value.fraction());
        let mut found = together(place.zones, &self.groups);
        let before = (self.chosen.clone(), self.groups.clone(), found);
        for _ in 0..SPARES {
            if self.graph.is_large() || promised.is_none_or(|promised| found >= promised) {
                break;
            }
            let Some((index, better)) = self.best_spare(&place, found) else { break };
            found = better;
            self.add_spare(index, case.terms);
        }
        if promised.is_some_and(|promised| found < promised) {
            // What does not reach the promise is not paid for.
            (self.chosen, self.groups, found) = before;
        }
        self.availability = Some(found);
    }

    fn groups_of(&self, place: &Place, terms: Terms<'_>) -> Vec<Group> {
        let things = self.graph.things.iter().zip(&self.chosen);
        things
            .map(|(thing, candidate)| {
                let spread = if thing.work.most == 1 { 1 } else { place.zones.count };
                let needed = if terms.zones > 1 { candidate.left } else { candidate.replicas };
                Group { all: candidate.replicas, needed: needed.max(1), each: place.each, zones: spread }
            })
            .collect()
    }

    /// The station whose next replica helps most for its price, and the availability then.
    fn best_spare(&self, place: &Place, now: f64) -> Option<(usize, f64)> {
        let mut best: Option<(usize, f64, f64)> = None;
        for (index, thing) in self.graph.things.iter().enumerate() {
            let free = thing.work.stated_replicas.is_none();
            let (Some(candidate), true) = (self.chosen.get(index), free) else { continue };
            if candidate.replicas >= thing.work.most {
                continue;
            }
            let mut groups = self.groups.clone();
            if let Some(group) = groups.get_mut(index) {
                group.all += 1;
            }
            let found = together(place.zones, &groups);
            let gain = (found - now) / (candidate.weight / f64::from(candidate.replicas));
            if found > now && best.is_none_or(|(_, _, most)| gain > most) {
                best = Some((index, found, gain));
            }
        }
        best.map(|(index, found, _)| (index, found))
    }

    fn add_spare(&mut self, index: usize, terms: Terms<'_>) {
        let (Some(thing), Some(candidate)) = (self.graph.things.get(index), self.chosen.get_mut(index))
        else {
            return;
        };
        *candidate = one(thing, (candidate.replicas + 1, candidate.cpu), terms);
        if let Some(group) = self.groups.get_mut(index) {
            group.all += 1;
        }
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
