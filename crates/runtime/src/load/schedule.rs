//! When each request is due: a Poisson process, drawn from a seed before anything is sent.

use std::time::Duration;

use rand::rngs::SmallRng;
use rand::{RngExt, SeedableRng};

/// One request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Arrival {
    /// After the first moment.
    pub due: Duration,
    /// The place of what is asked for.
    pub goal: usize,
}

/// Requests at `rate` a second for so long; each goal gets its share of them by weight.
///
/// Times between two arrivals are exponential, as requests of many independent people are.
///
/// ```
/// use std::time::Duration;
/// let arrivals = appia_runtime::load::schedule((100.0, Duration::from_secs(10)), &[3.0, 1.0], 1);
/// assert!((900..1100).contains(&arrivals.len()));
/// assert_eq!(arrivals, appia_runtime::load::schedule((100.0, Duration::from_secs(10)), &[3.0, 1.0], 1));
/// ```
pub fn schedule((rate, time): (f64, Duration), weights: &[f64], seed: u64) -> Vec<Arrival> {
    let mut chance = SmallRng::seed_from_u64(seed);
    let total: f64 = weights.iter().sum();
    let mut arrivals = Vec::new();
    let mut at = 0.0;
    loop {
        // Between 0 and 1, and never 0.
        let share = 1.0 - chance.random::<f64>();
        at -= share.ln() / rate;
        if at >= time.as_secs_f64() || !at.is_finite() {
            return arrivals;
        }
        let goal = pick(weights, chance.random::<f64>() * total);
        arrivals.push(Arrival { due: Duration::from_secs_f64(at), goal });
    }
}

fn pick(weights: &[f64], mut at: f64) -> usize {
    let place = weights.iter().position(|weight| {
        at -= weight;
        at < 0.0
    });
    place.unwrap_or(weights.len().saturating_sub(1))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn arrivals_are_poisson_and_shared_by_weight() {
        let arrivals = schedule((1000.0, Duration::from_secs(20)), &[3.0, 1.0], 7);
        let first = arrivals.iter().filter(|arrival| arrival.goal == 0).count() as f64;
        assert!((first / arrivals.len() as f64 - 0.75).abs() < 0.02);
        let gaps: Vec<f64> = arrivals
            .iter()
            .zip(arrivals.iter().skip(1))
            .map(|(one, next)| (next.due - one.due).as_secs_f64())
            .collect();
        let mean = gaps.iter().sum::<f64>() / gaps.len() as f64;
        let variance = gaps.iter().map(|gap| (gap - mean).powi(2)).sum::<f64>() / gaps.len() as f64;
        assert!((mean * 1000.0 - 1.0).abs() < 0.05 && (variance / mean / mean - 1.0).abs() < 0.1);
    }
}
