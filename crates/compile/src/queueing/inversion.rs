//! From a Laplace transform back to probabilities and percentiles.
//!
//! The transform of a sum is the product of the transforms, so this is how convolutions are computed without a grid.
//! Called by `queue` and `journey`. Start reading at [`percentile`].

use super::{Complex, Moments};

/// Half of the number of terms: about 0.6 significant digits each.
const TERMS: u32 = 12;

/// Steps until a percentile is found; each about halves what is left, most do far better.
const STEPS: u32 = 200;

/// Relative precision of a percentile.
const PRECISION: f64 = 1e-9;

/// P(T > time) of a variable with this transform E[e^(-sT)].
///
/// The Euler algorithm for (1 - F*(s)) / s. Source: J. Abate, W. Whitt, "A unified framework for numerically inverting
/// Laplace transforms", INFORMS Journal on Computing 18, 2006, section 5.
///
/// ```
/// use appia_compile::queueing::{Complex, tail};
/// let exponential = |s: Complex| (Complex::ONE + s).inverse();
/// assert!((tail(&exponential, 2.0) - (-2.0_f64).exp()).abs() < 1e-7);
/// ```
pub fn tail(transform: &dyn Fn(Complex) -> Complex, time: f64) -> f64 {
    let tails = tails(&|s| vec![transform(s)], time);
    tails.first().copied().unwrap_or(0.0)
}

/// As [`tail`] for several variables at once, whose transforms are found together.
pub(super) fn tails(transforms: &dyn Fn(Complex) -> Vec<Complex>, time: f64) -> Vec<f64> {
    let real = f64::from(TERMS) * libm::log(10.0) / 3.0;
    let mut sums: Vec<f64> = Vec::new();
    for (k, weight) in weights().enumerate() {
        let s = Complex { re: real / time, im: core::f64::consts::PI * k as f64 / time };
        let found = transforms(s);
        sums.resize(found.len(), 0.0);
        let sign = if k % 2 == 0 { 1.0 } else { -1.0 };
        for (sum, value) in sums.iter_mut().zip(found) {
            let lacking = Complex::ONE + value.scaled(-1.0);
            *sum += sign * weight * (lacking * s.inverse()).re;
        }
    }
    let front = libm::pow(10.0, f64::from(TERMS) / 3.0) / time;
    sums.into_iter().map(|sum| (front * sum).clamp(0.0, 1.0)).collect()
}

/// 1/2, then 1 for the first half, then binomial tails for the second, which make the alternating series converge.
fn weights() -> impl Iterator<Item = f64> {
    let all = libm::pow(2.0, -f64::from(TERMS));
    let second = (0..=TERMS).scan((1.0, 0.0), move |(binomial, sum), k| {
        *sum += all * *binomial;
        *binomial *= f64::from(TERMS - k) / f64::from(k + 1);
        Some(*sum)
    });
    let second: Vec<f64> = second.collect();
    let first = (0..TERMS).map(|k| if k == 0 { 0.5 } else { 1.0 });
    first.chain(second.into_iter().rev())
}

/// The time within which the variable stays with probability `share`, where `exceeds(t)` is P(T > t).
///
/// Bracketed by Cantelli's inequality, P(T >= mean + k sd) <= 1 / (1 + k^2), then by false position on the logarithm
/// (the Illinois variant), as tails are nearly exponential.
pub fn percentile(share: f64, moments: Moments, exceeds: &dyn Fn(f64) -> f64) -> f64 {
    let deviation = libm::sqrt(moments.variance);
    let most = moments.mean + deviation * libm::sqrt(share / (1.0 - share));
    if deviation <= moments.mean * PRECISION {
        return moments.mean;
    }
    let target = libm::log(1.0 - share);
    let height = |time: f64| libm::log(exceeds(time).max(1e-300)) - target;
    let (mut low, mut high) = ((0.0, -target), (most, height(most).min(-1e-12)));
    let mut last_was_low = None;
    for _ in 0..STEPS {
        let guess = low.0 + (high.0 - low.0) * low.1 / (low.1 - high.1);
        if (high.0 - low.0) < PRECISION * high.0 {
            return guess;
        }
        let found = height(guess);
        if found.abs() < PRECISION {
            return guess;
        }
        if found > 0.0 {
            low = (guess, found);
            high.1 *= if last_was_low == Some(true) { 0.5 } else { 1.0 };
        } else {
            high = (guess, found);
            low.1 *= if last_was_low == Some(false) { 0.5 } else { 1.0 };
        }
        last_was_low = Some(found > 0.0);
    }
    high.0
}
