//! How few replicas are enough between peaks, where the place starts and stops them by itself.
//!
//! Called by `promise` for a decision, which is the ceiling and what is paid for. Choices of time are not made again: a
//! range is as fast at any load as the ceiling is at peak, with a zone lost and while more replicas start. Start reading
//! at [`ranges`].

use appia_intent::units::Duration;
use appia_plan::{Capacity, Fact, Form};

use super::candidates::{Candidate, left};
use super::decide::{Case, Decision, Place};
use super::defaults::RAMP;
use super::load::Thing;
use crate::availability::together;

/// Replicas of a range up to which every number of them is tried, and not only the ends.
const TRIED: u32 = 200;

/// What the share of processors at which replicas are added is made smaller by, until all of the range keeps up.
const STEP: f64 = 0.98;

/// Rounding of one slowness against another.
const SAME: f64 = 1.0 + 1e-9;

/// Between which numbers replicas may be, and at which use of processors more are started.
#[derive(Debug, Clone)]
pub(super) struct Range<'a> {
    /// Requests a second on average.
    pub(super) base: f64,
    /// How much the load may grow while a replica starts.
    pub(super) headroom: f64,
    /// Time until one more replica answers.
    pub(super) start: &'a Fact<Duration>,
    /// The fewest replicas.
    pub(super) floor: u32,
    /// Share of the processors that are paid for.
    pub(super) target: f64,
}

impl Range<'_> {
    /// The share in hundredths, rounded down.
    pub(super) fn percent(&self) -> u32 {
        (libm::floor(self.target * 100.0) as u32).clamp(1, 95)
    }
}

/// Of each station; none where replicas are stated, cannot differ, or nobody starts them.
pub(super) fn ranges<'a>(decision: &Decision, case: Case<'a>) -> Vec<Option<Range<'a>>> {
    let stations = decision.graph.things.iter().zip(&decision.chosen);
    let mut floors: Vec<Option<(u32, &Fact<Duration>)>> = stations
        .map(|(thing, ceiling)| {
            let start = start(thing, case.terms.capacity)?;
            Some((floor((thing, ceiling), headroom(thing, start), case.terms.zones), start))
        })
        .collect();
    keep_being_there(decision, case, &mut floors);
    let stations = decision.graph.things.iter().zip(&decision.chosen);
    let ranges = stations.zip(floors).map(|((thing, ceiling), found)| {
        let (floor, start) = found.filter(|(floor, _)| *floor < ceiling.replicas)?;
        let headroom = headroom(thing, start);
        let mut range =
            Range { base: thing.rate * thing.mean_to_peak(), headroom, start, floor, target: 1.0 };
        range.target = target((thing, ceiling), &range, case.terms.zones);
        Some(range)
    });
    ranges.collect()
}

/// Time until one more replica answers, where the place starts them by itself.
fn start<'a>(thing: &Thing, capacity: &'a Capacity) -> Option<&'a Fact<Duration>> {
    let free = thing.work.form == Form::Replicas && thing.work.stated_replicas.is_none();
    capacity.runner(thing.work.kind.filter(|_| free)?)?.start.as_ref()
}

/// How much the load grows, from its average, in the time that a replica takes to start.
fn headroom(thing: &Thing, start: &Fact<Duration>) -> f64 {
    let grows = 1.0 / thing.mean_to_peak() - 1.0;
    1.0 + grows * (start.value.as_millis_f64() / 1_000.0 / RAMP.0).min(1.0)
}

/// The fewest replicas that are no slower at the average load, grown by the headroom and with a zone lost, than the
/// ceiling is at peak.
fn floor((thing, ceiling): (&Thing, &Candidate), headroom: f64, zones: u32) -> u32 {
    let share = thing.mean_to_peak() * headroom;
    let keeps = |replicas: u32| {
        ceiling.slowness_at(left(&thing.work, replicas, zones), share) <= ceiling.slowness * SAME
    };
    let (mut few, mut enough) = (0, ceiling.replicas);
    while enough - few > 1 {
        let middle = few + (enough - few) / 2;
        if keeps(middle) { enough = middle } else { few = middle }
    }
    enough
}

/// What is promised about being there is kept at the floors too: all are raised until it is.
fn keep_being_there(decision: &Decision, case: Case<'_>, floors: &mut [Option<(u32, &Fact<Duration>)>]) {
    let promised = case.outcomes.availability.as_ref().map(|promised| promised.value.fraction());
    let Some((place, promised)) = Place::of(case.terms.capacity).zip(promised) else { return };
    if decision.availability.is_none_or(|found| found < promised) {
        return;
    }
    loop {
        let mut groups = decision.groups.clone();
        let stations = groups.iter_mut().zip(&decision.graph.things).zip(floors.iter());
        for ((group, thing), floor) in stations {
            if let Some((floor, _)) = floor {
                group.all = *floor;
                let here = left(&thing.work, *floor, case.terms.zones);
                group.needed = if case.terms.zones > 1 { here.max(1) } else { *floor };
            }
        }
        let mut raised = false;
        if together(place.zones, &groups) < promised {
            for (floor, ceiling) in floors.iter_mut().zip(&decision.chosen) {
                if let Some((floor, _)) = floor.as_mut().filter(|(floor, _)| *floor < ceiling.replicas) {
                    (*floor, raised) = (*floor + 1, true);
                }
            }
        }
        if !raised {
            return;
        }
    }
}

/// The use of processors at which replicas are added: so that any number of them, as full as that and with the load
/// growing while the next one starts and a zone lost, is no slower than the ceiling at peak.
fn target((thing, ceiling): (&Thing, &Candidate), range: &Range<'_>, zones: u32) -> f64 {
    let peak = ceiling.utilisation();
    let keeps = |busy: f64| {
        let numbers = range.floor..ceiling.replicas;
        numbers.take(TRIED as usize).all(|replicas| {
            // The load that keeps so many replicas that busy, as a part of the load at peak.
            let share = busy / peak * f64::from(replicas) / f64::from(ceiling.replicas);
            let grown = share + (range.headroom - 1.0) * thing.mean_to_peak();
            ceiling.slowness_at(left(&thing.work, replicas, zones), grown.min(1.0)) <= ceiling.slowness * SAME
        })
    };
    let mut busy = peak;
    while !keeps(busy) && busy > 0.05 {
        busy *= STEP;
    }
    // Of the processors that are paid for, some may have no thread to serve on.
    let serving = f64::from(ceiling.servers) * (ceiling.fit.cpu.millis() as f64 / 1_000.0).min(1.0);
    busy * serving / (ceiling.fit.paid_cpu.millis() as f64 / 1_000.0)
}
