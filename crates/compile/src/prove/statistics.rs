//! From what was played to a percentile with a confidence interval.
//!
//! By batch means: requests are cut into batches in the order of their arrival, each gives a percentile, and the spread
//! of those gives the interval. Neighbours influence each other, far away batches do not.

/// Batches that requests are cut into.
const BATCHES: usize = 20;

/// Student's t for 19 degrees of freedom and 95 % on both sides.
const STUDENT: f64 = 2.093;

/// A value and where it lies with 95 % confidence.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Interval {
    /// The middle.
    pub value: f64,
    /// From there.
    pub low: f64,
    /// Up to there.
    pub high: f64,
}

impl Interval {
    /// Of the mean of batches.
    pub(super) fn of(batches: &[f64]) -> Interval {
        let count = batches.len().max(1) as f64;
        let mean = batches.iter().sum::<f64>() / count;
        let squares: f64 = batches.iter().map(|value| (value - mean) * (value - mean)).sum();
        let error = libm::sqrt(squares / (count - 1.0).max(1.0) / count);
        Interval { value: mean, low: mean - STUDENT * error, high: mean + STUDENT * error }
    }
}

/// Response times in the order of arrival, in milliseconds.
#[derive(Debug, Clone, Default)]
pub(super) struct Samples(Vec<f64>);

impl Samples {
    pub(super) fn of(times: Vec<f64>) -> Samples {
        Samples(times)
    }

    /// The time within which that share was answered.
    pub(super) fn percentile(&self, share: f64) -> Interval {
        let size = (self.0.len() / BATCHES).max(1);
        let batches: Vec<f64> =
            self.0.chunks_exact(size).map(|batch| of_sorted(&sorted(batch), share)).collect();
        Interval { value: of_sorted(&sorted(&self.0), share), ..Interval::of(&batches) }
    }

    /// The times within which 0, 1, 2 ... 1000 thousandths were answered.
    pub(super) fn curve(&self) -> Vec<f64> {
        let sorted = sorted(&self.0);
        (0..=1000).map(|thousandth| of_sorted(&sorted, f64::from(thousandth) / 1000.0)).collect()
    }
}

fn sorted(times: &[f64]) -> Vec<f64> {
    let mut sorted = times.to_vec();
    sorted.sort_by(f64::total_cmp);
    sorted
}

fn of_sorted(sorted: &[f64], share: f64) -> f64 {
    let place = libm::ceil(share * sorted.len() as f64) as usize;
    sorted.get(place.saturating_sub(1)).copied().unwrap_or_default()
}
