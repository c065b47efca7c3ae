//! From the edge through every station: the time of a whole request, by convolution and never by adding percentiles.
//!
//! Stations stand in a list in which whoever is called comes before its callers. Start reading at [`Journey`].

use super::{Complex, Moments, Queue, fork, percentile, tail};

/// A station and what it calls while it serves a request.
#[derive(Debug, Clone, PartialEq)]
pub struct Stop {
    /// Where it waits and is served; none: it takes no time of its own.
    pub queue: Option<Queue>,
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

/// The stations that a request comes through, from its entry on.
///
/// Response of a stop = its own queue + every sequential call + the slowest of the parallel calls, all independent:
/// a product of transforms (convolution). The slowest is a gamma variable with its two moments.
#[derive(Debug, Clone)]
pub struct Journey<'a> {
    /// Indices into the list, callees first; the entry is last.
    order: Vec<usize>,
    stops: &'a [Stop],
    moments: Vec<Moments>,
    waiting: Vec<(f64, f64)>,
    forks: Vec<Option<Moments>>,
}

impl<'a> Journey<'a> {
    /// The journey that begins at `entry`.
    pub fn new(stops: &'a [Stop], entry: usize) -> Journey<'a> {
        let order = reached(stops, entry);
        let none = vec![Moments::NONE; order.len()];
        let mut journey = Journey { stops, moments: none, waiting: Vec::new(), forks: Vec::new(), order };
        journey.waiting = journey.each(|stop| stop.queue.map_or((0.0, 0.0), |queue| queue.waiting()));
        for place in 0..journey.order.len() {
            let (own, slowest) = journey.moments_at(place);
            journey.forks.push(slowest);
            if let Some(moments) = journey.moments.get_mut(place) {
                *moments = own;
            }
        }
        journey
    }

    /// Mean and variance of the whole time.
    pub fn response(&self) -> Moments {
        self.moments.last().copied().unwrap_or(Moments::NONE)
    }

    /// P(T > time) of the whole time.
    pub fn tail(&self, time: f64) -> f64 {
        if !self.response().mean.is_finite() {
            return 1.0;
        }
        tail(&|s| self.transform(s), time)
    }

    /// The time within which a share of the requests is answered; infinite when a line on the way grows for ever.
    pub fn percentile(&self, share: f64) -> f64 {
        let moments = self.response();
        if !moments.mean.is_finite() {
            return f64::INFINITY;
        }
        percentile(share, moments, &|time| tail(&|s| self.transform(s), time))
    }

    /// E[e^(-sT)] of the whole time.
    pub fn transform(&self, s: Complex) -> Complex {
        let mut known: Vec<Complex> = Vec::with_capacity(self.order.len());
        for place in 0..self.order.len() {
            let value = self.transform_at(place, (s, &known));
            known.push(value);
        }
        known.last().copied().unwrap_or(Complex::ONE)
    }

    fn transform_at(&self, place: usize, (s, known): (Complex, &[Complex])) -> Complex {
        let Some(stop) = self.stop(place) else { return Complex::ONE };
        let waiting = self.waiting.get(place).copied().unwrap_or_default();
        let mut product = stop.queue.map_or(Complex::ONE, |queue| queue.transform_knowing(s, waiting));
        for visit in stop.visits.iter().filter(|visit| !visit.parallel) {
            let callee = self.place_of(visit.to).and_then(|place| known.get(place)).copied();
            let once = callee.unwrap_or(Complex::ONE) * s.scaled(-visit.network).exp();
            let whole = libm::floor(visit.times);
            let rest = visit.times - whole;
            product = product * once.whole_power(whole as u64);
            if rest > 0.0 {
                product = product * (Complex::real(1.0 - rest) + once.scaled(rest));
            }
        }
        match self.forks.get(place).copied().flatten() {
            Some(slowest) => product * gamma_transform(slowest, s),
            None => product,
        }
    }

    /// The moments of a stop's response, and those of the slowest of its parallel calls.
    fn moments_at(&self, place: usize) -> (Moments, Option<Moments>) {
        let Some(stop) = self.stop(place) else { return (Moments::NONE, None) };
        let mut sum = stop.queue.map_or(Moments::NONE, |queue| queue.response());
        let mut branches = Vec::new();
        for visit in &stop.visits {
            let callee = self.place_of(visit.to).and_then(|place| self.moments.get(place)).copied();
            let callee = callee.unwrap_or(Moments::NONE);
            let once = Moments { mean: callee.mean + visit.network, ..callee };
            if visit.parallel {
                branches.push((once, visit.times));
                continue;
            }
            let rest = visit.times - libm::floor(visit.times);
            sum.mean += visit.times * once.mean;
            sum.variance += visit.times * once.variance + rest * (1.0 - rest) * once.mean * once.mean;
        }
        let slowest = (!branches.is_empty()).then(|| fork::slowest(&branches));
        if let Some(slowest) = slowest {
            sum = Moments { mean: sum.mean + slowest.mean, variance: sum.variance + slowest.variance };
        }
        (sum, slowest)
    }

    fn stop(&self, place: usize) -> Option<&'a Stop> {
        self.order.get(place).and_then(|index| self.stops.get(*index))
    }

    /// The order is sorted, so that a place is found by halving.
    fn place_of(&self, index: usize) -> Option<usize> {
        self.order.binary_search(&index).ok()
    }

    fn each<T>(&self, value: impl Fn(&Stop) -> T) -> Vec<T> {
        self.order.iter().filter_map(|index| self.stops.get(*index)).map(value).collect()
    }
}

fn gamma_transform(moments: Moments, s: Complex) -> Complex {
    let scv = moments.variance / (moments.mean * moments.mean);
    if scv.is_nan() || scv <= 0.0 {
        return s.scaled(-moments.mean).exp();
    }
    (Complex::ONE + s.scaled(moments.mean * scv)).power(-1.0 / scv)
}

/// Everything that is reached from the entry, in the order of the list.
fn reached(stops: &[Stop], entry: usize) -> Vec<usize> {
    let mut seen = std::collections::BTreeSet::from([entry]);
    let mut open = vec![entry];
    while let Some(index) = open.pop() {
        for visit in stops.get(index).map(|stop| stop.visits.as_slice()).unwrap_or_default() {
            if seen.insert(visit.to) {
                open.push(visit.to);
            }
        }
    }
    seen.into_iter().collect()
}

#[cfg(test)]
mod tests {
    use super::{Journey, Stop, Visit};
    use crate::queueing::Queue;

    fn station(servers: u32, rate: f64, visits: Vec<Visit>) -> Stop {
        Stop { queue: Some(Queue { servers, rate, service: 1.0, scv: 1.0 }), visits }
    }

    fn once(to: usize) -> Visit {
        Visit { to, times: 1.0, parallel: false, network: 0.0 }
    }

    #[test]
    fn two_equal_tiers_are_an_erlang_variable() {
        // M/M/1 at rho .5 twice: Erlang-2 with rate .5, whose 95th percentile is 4.743865 / .5.
        let stops = [station(1, 0.5, vec![]), station(1, 0.5, vec![once(0)])];
        let p95 = Journey::new(&stops, 1).percentile(0.95);
        assert!((p95 - 9.487729).abs() < 1e-4, "{p95}");
        let sum = 2.0 * Journey::new(&stops, 0).percentile(0.95);
        assert!(p95 < sum, "percentiles do not add: {p95} {sum}");
    }

    #[test]
    fn a_second_visit_is_like_a_second_tier() {
        let two =
            [station(1, 0.5, vec![]), Stop { queue: None, visits: vec![Visit { times: 2.0, ..once(0) }] }];
        assert!((Journey::new(&two, 1).percentile(0.95) - 9.487729).abs() < 1e-4);
        let half =
            [station(1, 0.5, vec![]), Stop { queue: None, visits: vec![Visit { times: 0.5, ..once(0) }] }];
        // Half of the requests take no time; of the others, e^(-t/2): 0.5 e^(-t/2) = 0.05.
        assert!((Journey::new(&half, 1).percentile(0.95) - 2.0 * 10.0_f64.ln()).abs() < 1e-4);
    }

    #[test]
    fn the_network_is_added() {
        let stops =
            [station(1, 0.5, vec![]), Stop { queue: None, visits: vec![Visit { network: 3.0, ..once(0) }] }];
        assert!((Journey::new(&stops, 1).percentile(0.95) - 3.0 - 2.0 * 20.0_f64.ln()).abs() < 1e-3);
    }

    #[test]
    fn parallel_calls_cost_the_slowest() {
        let parallel = Visit { times: 2.0, parallel: true, ..once(0) };
        let stops = [station(1, 0.5, vec![]), Stop { queue: None, visits: vec![parallel] }];
        let found = Journey::new(&stops, 1);
        assert!((found.response().mean - 3.0).abs() < 1e-3, "{:?}", found.response());
        // Exactly: 1 - (1 - e^(-t/2))^2 = 0.05; the gamma fit is within 2 %.
        let exact = -2.0 * (1.0 - 0.95_f64.sqrt()).ln();
        assert!((found.percentile(0.95) / exact - 1.0).abs() < 0.02, "{} {exact}", found.percentile(0.95));
    }

    #[test]
    fn one_line_without_end_makes_all_endless() {
        let stops = [station(1, 1.5, vec![]), station(4, 1.0, vec![once(0)])];
        assert!(Journey::new(&stops, 1).percentile(0.95).is_infinite());
    }
}
