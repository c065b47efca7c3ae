//! From the edge through every station: the time of a whole request, by convolution and never by adding percentiles.
//!
//! Stations stand in a list in which whoever is called comes before its callers. Start reading at [`Journeys`].

use std::collections::BTreeSet;

use super::inversion::tails;
use super::meeting::Meetings;
use super::queue::waiting_transform;
use super::{Complex, Moments, Queue, fork, percentile, tail};

/// A station and what it calls while it serves a request.
#[derive(Debug, Clone, PartialEq)]
pub struct Stop {
    /// Where it waits and is served; none: it takes no time of its own.
    pub queue: Option<Queue>,
    /// Lines like this one that visits are spread over at random.
    pub lines: u32,
    /// Calls for each request.
    pub visits: Vec<Visit>,
}

/// Calls of one station to another.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Visit {
    /// The place of the callee in the list; it is before the caller's.
    pub to: usize,
    /// How often for each request; a fraction is the probability of one more.
    pub times: f64,
    /// They are made at the same time as the other parallel ones, not one after the other.
    pub parallel: bool,
    /// Seconds on the network for each call, there and back.
    pub network: f64,
}

/// The stations that requests come through, from their entries on.
///
/// Response of a stop = its own queue + every sequential call + the slowest of the parallel calls, independent of each
/// other: a product of transforms (convolution). The slowest is a gamma variable with its two moments.
///
/// Visits in a row to the same line wait as long as the first of them, or as if each came alone: whichever of the two is
/// slower, as the first has the longer tail and the second the later middle. Where a line is met on several ways, what
/// lies beyond the mean is stretched as the standard deviation grows by that (`meeting`). Both are the safe side of what
/// really happens. Visits to other lines, and all services, are independent.
#[derive(Debug, Clone)]
pub struct Journeys<'a> {
    stops: &'a [Stop],
    /// Callees first.
    legs: Vec<Leg>,
    /// The place of each entry's leg.
    entries: Vec<usize>,
    /// For each entry, how many times the standard deviation is larger for lines that are met on several ways.
    stretches: Vec<f64>,
    /// Some line is visited in a row.
    repeats: bool,
}

/// How visits in a row to one line belong together.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Row {
    Together,
    Apart,
}

/// A stop and how many visits in a row a request makes there.
#[derive(Debug, Clone)]
pub(super) struct Leg {
    pub(super) stop: usize,
    pub(super) times: u64,
    /// Probability of waiting, and the mean of those who wait.
    waiting: (f64, f64),
    pub(super) calls: Vec<LegCall>,
    /// The slowest of the parallel calls of one visit.
    slowest: Option<Moments>,
    moments: Moments,
}

/// Sequential calls of a leg.
#[derive(Debug, Clone, Copy)]
pub(super) struct LegCall {
    /// The place of the leg that is visited for certain, and how often.
    pub(super) certain: Option<(usize, u64)>,
    /// The place of a single visit, and its probability for each visit of the caller.
    pub(super) perhaps: Option<(usize, f64)>,
    network: f64,
}

impl<'a> Journeys<'a> {
    /// The journeys that begin at `entries`.
    pub fn new(stops: &'a [Stop], entries: &[usize]) -> Journeys<'a> {
        let order: Vec<(usize, u64)> = reached(stops, entries).into_iter().collect();
        let place = |entry: &usize| order.binary_search(&(*entry, 1)).ok();
        let entries = entries.iter().filter_map(place).collect();
        let legs = Vec::with_capacity(order.len());
        let repeats = order.iter().any(|(_, times)| *times > 1);
        let mut journeys = Journeys { stops, legs, entries, stretches: Vec::new(), repeats };
        for (stop, times) in &order {
            let leg = journeys.leg((*stop, *times), &order);
            journeys.legs.push(leg);
        }
        journeys.stretches = journeys.stretched();
        journeys
    }

    fn stretched(&self) -> Vec<f64> {
        let meetings = Meetings::of(self.stops, &self.legs);
        let stretch = |place: &usize| {
            let variance = self.moments(*place).variance;
            let more = meetings.variance(*place, self.stops);
            if more > 0.0 && variance.is_finite() { libm::sqrt((variance + more) / variance) } else { 1.0 }
        };
        self.entries.iter().map(stretch).collect()
    }

    /// Mean and variance of the whole time, for each entry.
    pub fn responses(&self) -> Vec<Moments> {
        self.entries.iter().map(|place| self.moments(*place)).collect()
    }

    /// Mean and variance of the whole time, for one entry.
    pub fn response(&self, entry: usize) -> Moments {
        self.entries.get(entry).map_or(Moments::NONE, |place| self.moments(*place))
    }

    /// P(T > time) of the whole time, for each entry.
    pub fn tails(&self, time: f64) -> Vec<f64> {
        let mut found = tails(&|s| self.transforms(s, Row::Together), time);
        if self.repeats {
            let apart = tails(&|s| self.transforms(s, Row::Apart), time);
            found.iter_mut().zip(apart).for_each(|(found, apart)| *found = found.max(apart));
        }
        for (entry, found) in found.iter_mut().enumerate() {
            let moments = self.response(entry);
            *found = if moments.mean.is_finite() { found.max(self.beyond(entry, time)) } else { 1.0 };
        }
        found
    }

    /// P(T > time) for one entry.
    fn tail(&self, entry: usize, time: f64) -> f64 {
        let at =
            |row: Row| tail(&|s| self.transforms(s, row).get(entry).copied().unwrap_or(Complex::ONE), time);
        let apart = if self.repeats { at(Row::Apart) } else { 0.0 };
        at(Row::Together).max(apart).max(self.beyond(entry, time))
    }

    /// P(T > time) when what lies beyond the mean is stretched; 0 where nothing is.
    fn beyond(&self, entry: usize, time: f64) -> f64 {
        let stretch = self.stretches.get(entry).copied().unwrap_or(1.0);
        let mean = self.response(entry).mean;
        if stretch <= 1.0 || time <= mean {
            return 0.0;
        }
        let transform = |s| self.transforms(s, Row::Together).get(entry).copied().unwrap_or(Complex::ONE);
        tail(&transform, mean + (time - mean) / stretch)
    }

    /// The time within which a share of the requests of an entry is answered; infinite when a line on the way grows
    /// for ever.
    pub fn percentile(&self, entry: usize, share: f64) -> f64 {
        let moments = self.response(entry);
        if !moments.mean.is_finite() {
            return f64::INFINITY;
        }
        let stretch = self.stretches.get(entry).copied().unwrap_or(1.0);
        let moments = Moments { variance: moments.variance * stretch * stretch, ..moments };
        percentile(share, moments, &|time| self.tail(entry, time))
    }

    /// The longest of the entries' percentiles.
    pub fn slowest(&self, share: f64) -> f64 {
        (0..self.entries.len()).map(|entry| self.percentile(entry, share)).fold(0.0, f64::max)
    }

    /// E[e^(-sT)] of the whole time, for each entry.
    fn transforms(&self, s: Complex, row: Row) -> Vec<Complex> {
        let mut known: Vec<Complex> = Vec::with_capacity(self.legs.len());
        for leg in &self.legs {
            let value = self.transform_of((leg, row), (s, &known));
            known.push(value);
        }
        self.entries.iter().map(|place| known.get(*place).copied().unwrap_or(Complex::ONE)).collect()
    }

    fn transform_of(&self, (leg, row): (&Leg, Row), (s, known): (Complex, &[Complex])) -> Complex {
        let at = |place: usize| known.get(place).copied().unwrap_or(Complex::ONE);
        let mut product = match self.stops.get(leg.stop) {
            Some(Stop { queue: Some(queue), lines, .. }) => {
                let served = queue.service_transform(s).whole_power(leg.times);
                repeated_wait((s, leg), (*lines, row)) * served
            }
            Some(Stop { queue: None, .. }) | None => Complex::ONE,
        };
        for call in &leg.calls {
            let delay = s.scaled(-call.network).exp();
            if let Some((place, times)) = call.certain {
                product = product * at(place) * delay.whole_power(times);
            }
            if let Some((place, chance)) = call.perhaps {
                let once = Complex::real(1.0 - chance) + (at(place) * delay).scaled(chance);
                product = product * once.whole_power(leg.times);
            }
        }
        match leg.slowest {
            Some(slowest) => product * gamma_transform(slowest, s).whole_power(leg.times),
            None => product,
        }
    }

    fn leg(&self, (stop, times): (usize, u64), order: &[(usize, u64)]) -> Leg {
        let mut leg = Leg {
            stop,
            times,
            waiting: (0.0, 0.0),
            calls: Vec::new(),
            slowest: None,
            moments: Moments::NONE,
        };
        let Some(of) = self.stops.get(stop) else { return leg };
        let place = |callee: usize, times: u64| order.binary_search(&(callee, times)).ok();
        let mut branches = Vec::new();
        for visit in &of.visits {
            if visit.parallel {
                let callee = place(visit.to, 1).map_or(Moments::NONE, |place| self.moments(place));
                branches.push((Moments { mean: callee.mean + visit.network, ..callee }, visit.times));
                continue;
            }
            let (certain, chance) = split(visit.times, times);
            leg.calls.push(LegCall {
                certain: place(visit.to, certain).filter(|_| certain > 0).map(|place| (place, certain)),
                perhaps: place(visit.to, 1).filter(|_| chance > 0.0).map(|place| (place, chance)),
                network: visit.network,
            });
        }
        leg.slowest = (!branches.is_empty()).then(|| fork::slowest(&branches));
        leg.waiting = of.queue.map_or((0.0, 0.0), |queue| queue.waiting());
        leg.moments = self.moments_of(&leg, of);
        leg
    }

    fn moments_of(&self, leg: &Leg, stop: &Stop) -> Moments {
        let times = leg.times as f64;
        let mut sum = stop.queue.map_or(Moments::NONE, |queue| {
            let one = queue.response();
            let (served, waited) = (queue.served_variance(), queue.waited_variance());
            let same = 1.0 / f64::from(stop.lines.max(1));
            let together = same * times * times + (1.0 - same) * times;
            Moments { mean: times * one.mean, variance: together * waited + times * served }
        });
        for call in &leg.calls {
            if let Some((place, visits)) = call.certain {
                let callee = self.moments(place);
                sum.mean += callee.mean + visits as f64 * call.network;
                sum.variance += callee.variance;
            }
            if let Some((place, chance)) = call.perhaps {
                let callee = self.moments(place);
                let mean = callee.mean + call.network;
                sum.mean += times * chance * mean;
                sum.variance += times * (chance * callee.variance + chance * (1.0 - chance) * mean * mean);
            }
        }
        if let Some(slowest) = leg.slowest {
            sum.mean += times * slowest.mean;
            sum.variance += times * slowest.variance;
        }
        sum
    }

    fn moments(&self, place: usize) -> Moments {
        self.legs.get(place).map_or(Moments::NONE, |leg| leg.moments)
    }
}

/// Waiting of visits in a row: together where the line is the same, independent where it is another.
fn repeated_wait((s, leg): (Complex, &Leg), (lines, row): (u32, Row)) -> Complex {
    let (waits, wait) = leg.waiting;
    let waited = |wait: f64| waiting_transform((waits, wait), s);
    if leg.times == 1 {
        return waited(wait);
    }
    let same = match row {
        Row::Together => 1.0 / f64::from(lines.max(1)),
        Row::Apart => return waited(wait).whole_power(leg.times),
    };
    let as_the_first = waited(wait * leg.times as f64);
    as_the_first.scaled(same) + waited(wait).whole_power(leg.times).scaled(1.0 - same)
}

/// Visits that are made for certain, and the probability of one more for each visit of the caller.
fn split(visits: f64, times: u64) -> (u64, f64) {
    let whole = libm::floor(visits);
    ((whole as u64).saturating_mul(times), visits - whole)
}

fn gamma_transform(moments: Moments, s: Complex) -> Complex {
    let scv = moments.variance / (moments.mean * moments.mean);
    if scv.is_nan() || scv <= 0.0 {
        return s.scaled(-moments.mean).exp();
    }
    (Complex::ONE + s.scaled(moments.mean * scv)).power(-1.0 / scv)
}

/// Everything that is reached from the entries, with how many visits in a row, in the order of the list.
fn reached(stops: &[Stop], entries: &[usize]) -> BTreeSet<(usize, u64)> {
    let mut open: Vec<(usize, u64)> = entries.iter().map(|entry| (*entry, 1)).collect();
    let mut seen: BTreeSet<(usize, u64)> = open.iter().copied().collect();
    while let Some((index, times)) = open.pop() {
        for visit in stops.get(index).map(|stop| stop.visits.as_slice()).unwrap_or_default() {
            let (certain, chance) = split(visit.times, times);
            let single = visit.parallel || chance > 0.0;
            let legs = [(certain, !visit.parallel && certain > 0), (1, single)];
            for (times, _) in legs.into_iter().filter(|(_, made)| *made) {
                if seen.insert((visit.to, times)) {
                    open.push((visit.to, times));
                }
            }
        }
    }
    seen
}

#[cfg(test)]
mod tests {
    use super::{Journeys, Stop, Visit};
    use crate::queueing::Queue;

    fn station(servers: u32, rate: f64, visits: Vec<Visit>) -> Stop {
        Stop { queue: Some(Queue { servers, rate, service: 1.0, scv: 1.0 }), lines: 1, visits }
    }

    fn once(to: usize) -> Visit {
        Visit { to, times: 1.0, parallel: false, network: 0.0 }
    }

    #[test]
    fn two_equal_tiers_are_an_erlang_variable() {
        // M/M/1 at rho .5 twice: Erlang-2 with rate .5, whose 95th percentile is 4.743865 / .5.
        let stops = [station(1, 0.5, vec![]), station(1, 0.5, vec![once(0)])];
        let p95 = Journeys::new(&stops, &[1]).percentile(0, 0.95);
        assert!((p95 - 9.487729).abs() < 1e-4, "{p95}");
        let sum = 2.0 * Journeys::new(&stops, &[0]).percentile(0, 0.95);
        assert!(p95 < sum, "percentiles do not add: {p95} {sum}");
    }

    #[test]
    fn a_second_visit_to_another_line_is_like_a_second_tier() {
        let many = Stop { lines: 10_000_000, ..station(1, 0.5, vec![]) };
        let two = [many, Stop { queue: None, lines: 1, visits: vec![Visit { times: 2.0, ..once(0) }] }];
        assert!((Journeys::new(&two, &[1]).percentile(0, 0.95) - 9.487729).abs() < 1e-4);
        let half = [
            station(1, 0.5, vec![]),
            Stop { queue: None, lines: 1, visits: vec![Visit { times: 0.5, ..once(0) }] },
        ];
        // Half of the requests take no time; of the others, e^(-t/2): 0.5 e^(-t/2) = 0.05.
        assert!((Journeys::new(&half, &[1]).percentile(0, 0.95) - 2.0 * 10.0_f64.ln()).abs() < 1e-4);
    }

    #[test]
    fn the_network_is_added() {
        let stops = [
            station(1, 0.5, vec![]),
            Stop { queue: None, lines: 1, visits: vec![Visit { network: 3.0, ..once(0) }] },
        ];
        assert!((Journeys::new(&stops, &[1]).percentile(0, 0.95) - 3.0 - 2.0 * 20.0_f64.ln()).abs() < 1e-3);
    }

    #[test]
    fn parallel_calls_cost_the_slowest() {
        let parallel = Visit { times: 2.0, parallel: true, ..once(0) };
        let stops = [station(1, 0.5, vec![]), Stop { queue: None, lines: 1, visits: vec![parallel] }];
        let found = Journeys::new(&stops, &[1]);
        assert!((found.responses()[0].mean - 3.0).abs() < 1e-3, "{:?}", found.responses());
        // Exactly: 1 - (1 - e^(-t/2))^2 = 0.05; the gamma fit is within 2 %.
        let exact = -2.0 * (1.0 - 0.95_f64.sqrt()).ln();
        assert!(
            (found.percentile(0, 0.95) / exact - 1.0).abs() < 0.02,
            "{} {exact}",
            found.percentile(0, 0.95)
        );
    }

    #[test]
    fn a_line_that_is_met_on_two_ways_is_slower_in_the_tail_only() {
        // Directly and by another that takes no time: as two visits in a row, but only what is beyond the mean.
        let through = Stop { queue: None, lines: 1, visits: vec![once(0)] };
        let entry = Stop { queue: None, lines: 1, visits: vec![once(0), once(1)] };
        let met = [station(1, 0.5, vec![]), through, entry];
        let twice = Stop { queue: None, lines: 1, visits: vec![Visit { times: 2.0, ..once(0) }] };
        let in_a_row = [station(1, 0.5, vec![]), twice];
        let (met, in_a_row) = (Journeys::new(&met, &[2]), Journeys::new(&in_a_row, &[1]));
        let alone = 9.487729;
        assert!(met.percentile(0, 0.95) > alone * 1.02, "{}", met.percentile(0, 0.95));
        assert!((met.percentile(0, 0.95) / in_a_row.percentile(0, 0.95) - 1.0).abs() < 0.1);
        assert!(
            (met.percentile(0, 0.3) / in_a_row.percentile(0, 0.3) - 1.0).abs() < 1e-6,
            "as if each came alone"
        );
    }

    #[test]
    fn one_line_without_end_makes_all_endless() {
        let stops = [station(1, 1.5, vec![]), station(4, 1.0, vec![once(0)])];
        assert!(Journeys::new(&stops, &[1]).percentile(0, 0.95).is_infinite());
    }
}
