//! The question that sizing answers: one candidate for each station, so that every promise about time is kept.
//!
//! Made by `size`, solved by `choose`. Judges choices, never makes one. Start reading at [`Problem`].

use appia_plan::Discipline;

use super::candidates::{Candidate, Terms, of};
use super::load::Graph;
use crate::queueing::{Journeys, Stop, Visit, gamma_cdf};

/// A share of requests and the seconds within which they are answered.
pub(super) type Promised = (f64, f64);

/// One candidate for each station: places in [`Problem::options`].
pub(super) type Choice = Vec<usize>;

/// What has to be chosen, and what has to hold.
#[derive(Debug, Clone)]
pub(super) struct Problem<'a> {
    pub(super) graph: &'a Graph,
    pub(super) terms: Terms<'a>,
    /// For each thing of the graph, cheapest first, each faster than those before it.
    pub(super) options: Vec<Vec<Candidate>>,
    pub(super) promises: Vec<Promised>,
}

/// Whether a zone is lost.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum State {
    Whole,
    ZoneLost,
}

impl<'a> Problem<'a> {
    pub(super) fn new(graph: &'a Graph, terms: Terms<'a>, promises: Vec<Promised>) -> Problem<'a> {
        let options = graph.things.iter().map(|thing| of(thing, terms)).collect();
        Problem { graph, terms, options, promises }
    }

    /// The cheapest of everything, and the fastest of everything.
    pub(super) fn extremes(&self) -> (Choice, Choice) {
        let last = |options: &Vec<Candidate>| options.len().saturating_sub(1);
        (vec![0; self.options.len()], self.options.iter().map(last).collect())
    }

    /// The candidates of a choice, in the order of the graph.
    pub(super) fn chosen(&self, choice: &[usize]) -> Vec<Candidate> {
        let pairs = self.options.iter().zip(choice);
        pairs.filter_map(|(options, index)| options.get(*index).cloned()).collect()
    }

    /// True when every promise holds at every entry, with a zone lost where that has to be possible.
    pub(super) fn holds(&self, choice: &[usize]) -> bool {
        holds(self.graph, &self.chosen(choice), &self.promises, network(self.terms))
    }
}

/// Seconds on the network for a call.
pub(super) fn network(terms: Terms<'_>) -> f64 {
    terms.capacity.network.value.as_millis_f64() / 1000.0
}

/// True when every line ends and every promise holds.
pub(super) fn holds(graph: &Graph, chosen: &[Candidate], promises: &[Promised], network: f64) -> bool {
    if !chosen.iter().all(|candidate| candidate.queue(candidate.left).is_stable()) {
        return false;
    }
    if promises.is_empty() {
        return true;
    }
    let stops = stops(graph, chosen, (State::ZoneLost, network));
    let journeys = Journeys::new(&stops, &graph.places());
    promises.iter().all(|(share, time)| journeys.tails(*time).iter().all(|tail| *tail <= 1.0 - share))
}

/// As [`holds`], taking each whole time as a gamma variable with its two moments: one pass instead of one for each term
/// of an inversion.
pub(super) fn nearly_holds(problem: &Problem<'_>, choice: &[usize]) -> bool {
    let chosen = problem.chosen(choice);
    if !chosen.iter().all(|candidate| candidate.queue(candidate.left).is_stable()) {
        return false;
    }
    let stops = stops(problem.graph, &chosen, (State::ZoneLost, network(problem.terms)));
    let responses = Journeys::new(&stops, &problem.graph.places()).responses();
    let kept = |(share, time): &Promised| {
        responses.iter().all(|moments| {
            let scv = moments.variance / (moments.mean * moments.mean);
            gamma_cdf(*time, (moments.mean, scv)) >= *share
        })
    };
    problem.promises.iter().all(kept)
}

/// What requests come through when these are chosen.
pub(super) fn stops(graph: &Graph, chosen: &[Candidate], (state, network): (State, f64)) -> Vec<Stop> {
    let stop = |(thing, candidate): (&super::load::Thing, &Candidate)| {
        let replicas = match state {
            State::Whole => candidate.replicas,
            State::ZoneLost => candidate.left,
        };
        let visit = |edge: &super::load::Edge| Visit {
            to: edge.to,
            times: edge.visits.value,
            parallel: edge.parallel,
            network,
        };
        let lines = match candidate.discipline {
            Discipline::Pooled => 1,
            Discipline::Random => replicas,
        };
        Stop {
            queue: Some(candidate.queue(replicas)),
            lines,
            visits: thing.edges.iter().map(visit).collect(),
        }
    };
    graph.things.iter().zip(chosen).map(stop).collect()
}
