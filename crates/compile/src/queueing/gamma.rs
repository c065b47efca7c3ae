//! The gamma distribution: service times with any variability, and fits by two moments.

use super::{Moments, percentile};

/// The probability that a gamma variable of this `mean` and squared coefficient of variation is at most `time`.
///
/// Shape k = 1 / scv, scale = mean x scv: the regularised incomplete gamma function P(k, time / scale).
///
/// ```
/// // With scv 1 it is the exponential distribution.
/// let one = appia_compile::queueing::gamma_cdf(1.0, (1.0, 1.0));
/// assert!((one - (1.0 - (-1.0_f64).exp())).abs() < 1e-12);
/// ```
pub fn gamma_cdf(time: f64, (mean, scv): (f64, f64)) -> f64 {
    if time <= 0.0 {
        return 0.0;
    }
    if scv * mean <= 0.0 {
        return if time >= mean { 1.0 } else { 0.0 };
    }
    regularised(1.0 / scv, time / (mean * scv))
}

/// The time within which a share of a gamma variable with these moments lies; infinite when its mean is.
pub fn gamma_percentile(share: f64, moments: Moments) -> f64 {
    if !moments.mean.is_finite() {
        return f64::INFINITY;
    }
    let scv = moments.variance / (moments.mean * moments.mean);
    percentile(share, moments, &|time| 1.0 - gamma_cdf(time, (moments.mean, scv)))
}

/// P(a, x). Source: NIST Digital Library of Mathematical Functions, 8.11.4 (series, for x < a + 1) and 8.9.2
/// (continued fraction, elsewhere).
fn regularised(a: f64, x: f64) -> f64 {
    let front = libm::exp(a * libm::log(x) - x - libm::lgamma(a));
    if x < a + 1.0 { front * series(a, x) } else { 1.0 - front * fraction(a, x) }
}

const STEPS: u32 = 10_000;
const PRECISION: f64 = 1e-15;

fn series(a: f64, x: f64) -> f64 {
    let (mut term, mut sum, mut step) = (1.0 / a, 1.0 / a, a);
    for _ in 0..STEPS {
        step += 1.0;
        term *= x / step;
        sum += term;
        if term < sum * PRECISION {
            break;
        }
    }
    sum
}

/// By Lentz's method, which needs no rescaling.
fn fraction(a: f64, x: f64) -> f64 {
    const TINY: f64 = 1e-300;
    let mut b = x + 1.0 - a;
    let (mut c, mut d) = (1.0 / TINY, 1.0 / b);
    let mut value = d;
    for step in 1..STEPS {
        let step = f64::from(step);
        let numerator = -step * (step - a);
        b += 2.0;
        d = 1.0 / nonzero(numerator * d + b, TINY);
        c = nonzero(b + numerator / c, TINY);
        value *= d * c;
        if (d * c - 1.0).abs() < PRECISION {
            break;
        }
    }
    value
}

fn nonzero(value: f64, tiny: f64) -> f64 {
    if value.abs() < tiny { tiny } else { value }
}

#[cfg(test)]
mod tests {
    use super::gamma_cdf;

    #[test]
    fn agrees_with_closed_forms() {
        // An Erlang-k variable of mean k is at most t with probability 1 - sum e^-t t^i / i! for i < k.
        for (shape, time) in [(1_u32, 0.3), (2, 1.0), (3, 5.0), (10, 4.0), (10, 25.0)] {
            let mut term = f64::exp(-time);
            let mut expect = 1.0;
            for i in 0..shape {
                expect -= term;
                term *= time / f64::from(i + 1);
            }
            let mean = f64::from(shape);
            let found = gamma_cdf(time, (mean, 1.0 / mean));
            assert!((found - expect).abs() < 1e-12, "shape {shape}: {found} {expect}");
        }
        // Half an exponent: a chi-square variable of one degree; P(X <= 3.841459) = 0.95 in any table.
        assert!((gamma_cdf(3.841_459, (1.0, 2.0)) - 0.95).abs() < 1e-6);
    }

    #[test]
    fn without_variability_it_is_a_step() {
        assert_eq!((gamma_cdf(0.9, (1.0, 0.0)), gamma_cdf(1.0, (1.0, 0.0))), (0.0, 1.0));
    }
}
