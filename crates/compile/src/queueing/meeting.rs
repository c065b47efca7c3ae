//! A request that meets one line on several ways: what it waits there belongs together, as the line was as long.
//!
//! Called by `journey`, whose convolution takes different ways as independent. Start reading at [`Meetings::of`].

use std::collections::BTreeMap;

use super::Stop;
use super::journey::Leg;

/// Stops beyond which ways are taken as independent: to follow them all is not linear.
const MOST: usize = 200;

/// Expected visits of a leg to stops that are met on several ways: all of them, and the squares of those that are
/// taken as finding the same line already, added up.
type Visits = BTreeMap<usize, (f64, f64)>;

/// How often the legs of all journeys visit what is met on several ways.
#[derive(Debug, Clone)]
pub(super) struct Meetings {
    legs: Vec<Visits>,
}

impl Meetings {
    /// Of legs in an order in which callees are first.
    pub(super) fn of(stops: &[Stop], legs: &[Leg]) -> Meetings {
        let mut all: Vec<Visits> = Vec::new();
        let shared = if stops.len() > MOST { Vec::new() } else { shared(stops.len(), legs) };
        if !shared.contains(&true) {
            return Meetings { legs: all };
        }
        for leg in legs {
            let mut visits = Visits::new();
            let times = leg.times as f64;
            if shared.get(leg.stop) == Some(&true) {
                visits.insert(leg.stop, (times, times * times));
            }
            for call in &leg.calls {
                if let Some((place, _)) = call.certain {
                    add(&mut visits, all.get(place), (1.0, 1.0));
                }
                if let Some((place, chance)) = call.perhaps {
                    add(&mut visits, all.get(place), (times * chance, times * chance * chance));
                }
            }
            all.push(visits);
        }
        Meetings { legs: all }
    }

    /// The variance that a leg has beside that of independent ways.
    ///
    /// With N visits on all ways together, each of which waits as long as W, Var(N W) has E(N)^2 Var(W), and ways that
    /// are independent have the squares of their own visits only. Visits to the same one of some lines by chance.
    pub(super) fn variance(&self, leg: usize, stops: &[Stop]) -> f64 {
        let Some(visits) = self.legs.get(leg) else { return 0.0 };
        let extra = visits.iter().filter_map(|(stop, (all, together))| {
            let stop = stops.get(*stop)?;
            let waited = stop.queue?.waited_variance();
            Some((all * all - together).max(0.0) * waited / f64::from(stop.lines.max(1)))
        });
        extra.sum()
    }
}

fn add(visits: &mut Visits, callee: Option<&Visits>, (times, squared): (f64, f64)) {
    for (stop, (all, together)) in callee.into_iter().flatten() {
        let sum = visits.entry(*stop).or_default();
        *sum = (sum.0 + times * all, sum.1 + squared * together);
    }
}

/// Which stops are reached on more than one way: by two calls, or by whoever is reached so.
fn shared(stops: usize, legs: &[Leg]) -> Vec<bool> {
    let mut ways = vec![0_u32; stops];
    for leg in legs.iter().rev() {
        let own = if ways.get(leg.stop).is_some_and(|ways| *ways > 1) { 2 } else { 1 };
        for call in &leg.calls {
            let certain = call.certain.map(|(place, _)| (place, own));
            let perhaps = call.perhaps.map(|(place, _)| (place, if leg.times > 1 { 2 } else { own }));
            for (place, more) in certain.into_iter().chain(perhaps) {
                let stop = legs.get(place).map(|leg| leg.stop);
                if let Some(ways) = stop.and_then(|stop| ways.get_mut(stop)) {
                    *ways = ways.saturating_add(more);
                }
            }
        }
    }
    ways.into_iter().map(|ways| ways > 1).collect()
}
