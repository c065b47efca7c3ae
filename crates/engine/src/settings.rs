//! How patient the engine is, and how much it does at once.

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

/// How patient the engine is, and how much it does at once.
#[derive(Debug)]
pub struct Settings {
    /// Steps that run at once.
    pub parallelism: usize,
    /// How often a step is tried again after a transient error.
    pub retries: u32,
    /// Waits after transient errors.
    pub retry: Backoff,
    /// Waits before a pending step is asked again.
    pub pending: Backoff,
    /// A step that did not end within this time, all tries together, has failed.
    pub step_timeout: Duration,
    /// Spreads the waits of many engines.
    pub jitter: Jitter,
}

impl Default for Settings {
    /// Ten at once; five retries over about six seconds; pending steps are asked every 5 ms at first and every second
    /// in the end; a quarter of an hour for a step.
    fn default() -> Settings {
        Settings {
            parallelism: 10,
            retries: 5,
            retry: Backoff { first: Duration::from_millis(200), ceiling: Duration::from_secs(5) },
            pending: Backoff { first: Duration::from_millis(5), ceiling: Duration::from_secs(1) },
            step_timeout: Duration::from_secs(15 * 60),
            jitter: Jitter::seeded(1),
        }
    }
}

/// Waits that double from `first` to `ceiling`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Backoff {
    /// The first wait.
    pub first: Duration,
    /// The longest wait.
    pub ceiling: Duration,
}

impl Backoff {
    /// The wait after so many tries (1, 2, ...): between half of the doubled wait and the whole of it.
    pub fn wait(&self, tries: u32, jitter: &Jitter) -> Duration {
        let doubled = self.first.saturating_mul(2_u32.saturating_pow(tries.saturating_sub(1)));
        doubled.min(self.ceiling).mul_f64(0.5 + jitter.next_fraction() / 2.0)
    }
}

/// A source of fractions that need not be secret (xorshift, Marsaglia 2003). Whoever starts an engine seeds it.
#[derive(Debug)]
pub struct Jitter(AtomicU64);

impl Jitter {
    /// The same seed gives the same waits.
    pub fn seeded(seed: u64) -> Jitter {
        Jitter(AtomicU64::new(seed.max(1)))
    }

    /// In `0.0..1.0`.
    fn next_fraction(&self) -> f64 {
        let step = |state: u64| {
            let state = state ^ (state << 13);
            let state = state ^ (state >> 7);
            state ^ (state << 17)
        };
        let before =
            self.0.fetch_update(Ordering::Relaxed, Ordering::Relaxed, |state| Some(step(state))).unwrap_or(1);
        let low = u32::try_from(step(before) >> 32).unwrap_or(0);
        f64::from(low) / (f64::from(u32::MAX) + 1.0)
    }
}

#[cfg(test)]
mod tests {
    use super::{Backoff, Jitter};
    use std::time::Duration;

    #[test]
    fn waits_grow_to_the_ceiling_and_differ() {
        let backoff = Backoff { first: Duration::from_millis(100), ceiling: Duration::from_secs(1) };
        let jitter = Jitter::seeded(7);
        let mut seen = Vec::new();
        for (tries, longest) in [(1, 100), (2, 200), (3, 400), (4, 800), (5, 1000), (90, 1000)] {
            let wait = backoff.wait(tries, &jitter);
            let longest = Duration::from_millis(longest);
            assert!(wait >= longest / 2 && wait <= longest, "try {tries} waits {wait:?}");
            seen.push(wait.as_secs_f64() / longest.as_secs_f64());
        }
        seen.dedup();
        assert_eq!(seen.len(), 6, "every wait has its own share");
    }
}
