//! Where a latency lies in a fixed set of log-linear buckets, and back.
//!
//! Below 32 µs every microsecond has its bucket; above, every doubling is cut into sixteen, so that a value read
//! back is off by at most 1/16, and by far less after interpolation. The set is small (384 counters) and never
//! grows, whatever is recorded. `window.rs` holds the counters.

/// How many buckets there are; the last one also takes everything beyond about two minutes.
pub(super) const BUCKETS: usize = 384;

const EXACT: u64 = 32;
const EXACT_BITS: u32 = 5;
const SUB_BITS: u32 = 4;
const SUBS: u64 = 1 << SUB_BITS;

/// The bucket of a latency in microseconds.
pub(super) fn bucket(micros: u64) -> usize {
    if micros < EXACT {
        return usize::try_from(micros).unwrap_or(0);
    }
    let octave = micros.ilog2();
    let sub = (micros >> (octave - SUB_BITS)) & (SUBS - 1);
    let index = EXACT + u64::from(octave - EXACT_BITS) * SUBS + sub;
    usize::try_from(index).unwrap_or(BUCKETS).min(BUCKETS - 1)
}

/// The lowest latency of a bucket and the width of the bucket, in microseconds.
fn range(bucket: usize) -> (u64, u64) {
    let index = bucket as u64;
    if index < EXACT {
        return (index, 1);
    }
    let (octave, sub) = ((index - EXACT) / SUBS + u64::from(EXACT_BITS), (index - EXACT) % SUBS);
    let width = 1_u64 << (octave - u64::from(SUB_BITS));
    ((SUBS + sub) * width, width)
}

/// The latency in microseconds below which the share `quantile` of all counts lies; 0 when nothing was counted.
pub(super) fn quantile(counts: &[u64], quantile: f64) -> f64 {
    let total: u64 = counts.iter().sum();
    let rank = quantile * total as f64;
    let mut below = 0.0;
    for (bucket, &count) in counts.iter().enumerate().filter(|(_, count)| **count > 0) {
        let count = count as f64;
        if below + count >= rank {
            let (low, width) = range(bucket);
            return low as f64 + width as f64 * ((rank - below) / count);
        }
        below += count;
    }
    0.0
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_bucket_holds_its_own_range() {
        for index in 0..BUCKETS {
            let (low, width) = range(index);
            assert_eq!(bucket(low), index, "low end of {index}");
            assert_eq!(bucket(low + width - 1), index, "high end of {index}");
        }
        assert_eq!(bucket(u64::MAX), BUCKETS - 1);
    }

    #[test]
    fn quantiles_of_an_even_spread_are_within_four_percent() {
        let mut counts = vec![0; BUCKETS];
        for micros in 1..=100_000 {
            counts[bucket(micros)] += 1;
        }
        for (share, expected) in [(0.5, 50_000.0), (0.95, 95_000.0), (0.99, 99_000.0)] {
            let got = quantile(&counts, share);
            assert!((got / expected - 1.0).abs() < 0.04, "{share}: {got}");
        }
        assert!(quantile(&vec![0; BUCKETS], 0.5).abs() < f64::EPSILON);
    }
}
