//! Plays a plan instead of computing it: requests arrive, wait, call and fail, by a seeded simulation of the plan's
//! `model`.
//!
//! Called by the verb `prove`. It reads nothing but the plan, so it shares no formula with the sizing pass: waiting,
//! percentiles and availability come out of what happens. The same seed gives the same bytes on every machine.
//! Start reading at [`prove`].

mod chance;
mod events;
mod failures;
mod picture;
mod requests;
mod statistics;

pub use picture::picture;
pub use statistics::Interval;

use appia_intent::Address;
use appia_plan::Plan;
use appia_plan::model::Model;

use chance::Chance;
use requests::Simulation;
pub use requests::State;

/// How much is played.
#[derive(Debug, Clone, Copy)]
pub struct Settings {
    /// Where chance begins.
    pub seed: u64,
    /// Requests over all public workloads, after those that fill the lines.
    pub requests: u64,
    /// Years in which replicas and zones fail and come back.
    pub years: u32,
}

/// What came out.
#[derive(Debug, Clone, PartialEq)]
pub struct Proof {
    /// For each public workload and percentile.
    pub times: Vec<Timing>,
    /// Share of the time in which everything needed was there; none: the place promises nothing.
    pub availability: Option<Interval>,
    /// Response times of each public workload in milliseconds, by share of requests, for the picture.
    pub curves: Vec<Curve>,
}

/// A percentile of a public workload.
#[derive(Debug, Clone, PartialEq)]
pub struct Timing {
    /// The workload.
    pub entry: Address,
    /// Whether a zone is lost.
    pub state: State,
    /// 0.95 for the 95th percentile.
    pub share: f64,
    /// As computed by the plan; none: without end.
    pub computed_ms: Option<f64>,
    /// As played.
    pub played_ms: Interval,
}

/// How response times are spread.
#[derive(Debug, Clone, PartialEq)]
pub struct Curve {
    /// The workload.
    pub entry: Address,
    /// Milliseconds within which 0, 1, 2 ... 1000 thousandths of the requests were answered.
    pub millis: Vec<f64>,
}

/// Why nothing can be played.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ProveError {
    /// The outcomes asked for no numbers.
    #[error("the plan has no load to play: its outcomes choose no numbers")]
    NoModel,
    /// The line of a station never ends.
    #[error("`{0}` gets more than it can ever serve: there is nothing to measure")]
    Endless(Address),
}

/// Plays a plan. `tell` hears the share of the work that is done, from 0 to 1.
///
/// # Errors
/// When there is nothing to play, or a line that never ends.
pub fn prove(plan: &Plan, settings: Settings, tell: &mut dyn FnMut(f64)) -> Result<Proof, ProveError> {
    let model = plan.model.as_ref().ok_or(ProveError::NoModel)?;
    let mut proof = Proof { times: Vec::new(), availability: None, curves: Vec::new() };
    let states = if loses_zones(model) { vec![State::Whole, State::ZoneLost] } else { vec![State::Whole] };
    let parts = states.len() as f64;
    for (done, state) in states.into_iter().enumerate() {
        let mut part = |share: f64| tell((done as f64 + share) / parts);
        let simulation = Simulation::new(model, state)?;
        let played = simulation.play(settings, &mut part);
        for (entry, samples) in model.entries.iter().zip(&played) {
            proof.times.extend(timings(entry, state, samples));
            if state == State::Whole {
                proof.curves.push(Curve { entry: entry.address.clone(), millis: samples.curve() });
            }
        }
    }
    proof.availability = failures::play(model, settings);
    Ok(proof)
}

fn loses_zones(model: &Model) -> bool {
    model.stations.iter().any(|station| station.replicas_zone_lost != station.replicas)
}

fn timings(entry: &appia_plan::model::Entry, state: State, samples: &statistics::Samples) -> Vec<Timing> {
    let computed = match state {
        State::Whole => {
            vec![(0.50, entry.response_p50_ms), (0.95, entry.response_p95_ms), (0.99, entry.response_p99_ms)]
        }
        State::ZoneLost => vec![(0.95, entry.zone_lost_p95_ms)],
    };
    let timing = |(share, computed_ms)| Timing {
        entry: entry.address.clone(),
        state,
        share,
        computed_ms,
        played_ms: samples.percentile(share),
    };
    computed.into_iter().map(timing).collect()
}
