//! Calls made at the same time: the caller goes on when the slowest has answered.

use super::{Moments, gamma_cdf};

/// Points of the integrals below; even, as Simpson's rule wants it.
const POINTS: u32 = 400;

/// Standard deviations beyond the slowest mean where nothing is left.
const REACH: f64 = 14.0;

/// Mean and variance of the slowest of independent branches, each made a number of times.
///
/// Each branch is taken as gamma with its two moments; E[max] is the integral of 1 - F1 F2 ..., E[max^2] that of
/// 2 t (1 - F1 F2 ...). A fraction of a visit is made with that probability.
pub(super) fn slowest(branches: &[(Moments, f64)]) -> Moments {
    let reach = |branch: &(Moments, f64)| branch.0.mean + REACH * libm::sqrt(branch.0.variance);
    let most = branches.iter().map(reach).fold(0.0, f64::max);
    if !most.is_finite() || most <= 0.0 {
        return Moments { mean: most, variance: if most > 0.0 { most } else { 0.0 } };
    }
    let step = most / f64::from(POINTS);
    let (mut first, mut second) = (0.0, 0.0);
    for index in 0..=POINTS {
        let time = step * f64::from(index);
        let weight = match index {
            0 | POINTS => 1.0,
            _ if index % 2 == 1 => 4.0,
            _ => 2.0,
        };
        let left = 1.0 - branches.iter().map(|branch| all_done(branch, time)).product::<f64>();
        first += weight * left;
        second += weight * 2.0 * time * left;
    }
    let mean = first * step / 3.0;
    Moments { mean, variance: (second * step / 3.0 - mean * mean).max(0.0) }
}

fn all_done((moments, visits): &(Moments, f64), time: f64) -> f64 {
    let scv = moments.variance / (moments.mean * moments.mean);
    let done = gamma_cdf(time, (moments.mean, scv));
    let whole = libm::floor(*visits);
    libm::pow(done, whole) * (1.0 - (visits - whole) * (1.0 - done))
}

#[cfg(test)]
mod tests {
    use super::slowest;
    use crate::queueing::Moments;

    #[test]
    fn the_slowest_of_two_exponentials() {
        // E[max] = 3/2, Var[max] = 5/4 for two exponential variables of mean 1.
        let one = Moments { mean: 1.0, variance: 1.0 };
        for branches in [vec![(one, 1.0), (one, 1.0)], vec![(one, 2.0)]] {
            let found = slowest(&branches);
            assert!((found.mean - 1.5).abs() < 1e-4 && (found.variance - 1.25).abs() < 1e-3, "{found:?}");
        }
    }
}
