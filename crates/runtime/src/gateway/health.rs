//! Whether an instance should be given requests, from what requests (passive) and checks (active) say about it.
//!
//! `route.rs` asks before it chooses, `forward.rs` tells how requests went, `check.rs` how checks went. A decision
//! here never closes a connection; it only steers new requests.

use std::sync::atomic::{AtomicBool, AtomicU32, AtomicU64, Ordering};
use std::time::Duration;

use super::config::Ejection;

/// The health of one instance. All in atomics: read by every request.
#[derive(Debug, Default)]
pub(super) struct Health {
    failures: AtomicU32,
    ejections: AtomicU32,
    /// When the instance may be tried again, in microseconds of the gateway's clock; 0 when it is not ejected.
    ejected_until: AtomicU64,
    failed_checks: AtomicBool,
}

impl Health {
    pub(super) fn is_ejected(&self, now: impl FnOnce() -> u64) -> bool {
        let until = self.ejected_until.load(Ordering::Relaxed);
        until != 0 && until > now()
    }

    pub(super) fn fails_checks(&self) -> bool {
        self.failed_checks.load(Ordering::Relaxed)
    }

    pub(super) fn set_checks_failed(&self, failed: bool) {
        self.failed_checks.store(failed, Ordering::Relaxed);
    }

    /// A request went well: past failures are forgiven.
    pub(super) fn succeeded(&self) {
        if self.failures.load(Ordering::Relaxed) != 0 {
            self.failures.store(0, Ordering::Relaxed);
            self.ejections.store(0, Ordering::Relaxed);
            self.ejected_until.store(0, Ordering::Relaxed);
        }
    }

    /// A request failed at `now`. After an ejection the next failure ejects again at once, for twice as long.
    pub(super) fn failed(&self, ejection: &Ejection, now: u64) {
        let failures = self.failures.fetch_add(1, Ordering::Relaxed).saturating_add(1);
        if failures < ejection.after || self.is_ejected(|| now) {
            return;
        }
        let times = self.ejections.fetch_add(1, Ordering::Relaxed);
        let pause = ejection.base.saturating_mul(1 << times.min(16)).min(ejection.max);
        self.ejected_until.store(now.saturating_add(micros(pause)).max(1), Ordering::Relaxed);
    }
}

/// A duration in the unit of the clock.
pub(super) fn micros(duration: Duration) -> u64 {
    u64::try_from(duration.as_micros()).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_third_failure_ejects_and_each_return_that_fails_doubles_the_pause() {
        let (health, rule) = (Health::default(), Ejection::default());
        health.failed(&rule, 0);
        health.failed(&rule, 0);
        assert!(!health.is_ejected(|| 0));
        health.failed(&rule, 0);
        assert!(health.is_ejected(|| 999_999) && !health.is_ejected(|| 1_000_000));
        health.failed(&rule, 1_000_000);
        assert!(health.is_ejected(|| 2_999_999) && !health.is_ejected(|| 3_000_000));
        health.succeeded();
        health.failed(&rule, 3_000_000);
        assert!(!health.is_ejected(|| 3_000_000), "a success forgives");
    }

    #[test]
    fn the_pause_has_an_upper_bound() {
        let (health, rule) = (Health::default(), Ejection { after: 1, ..Ejection::default() });
        let mut now = 0;
        for _ in 0..40 {
            health.failed(&rule, now);
            now += 10_000_000;
        }
        assert!(!health.is_ejected(|| now));
    }
}
