//! How long to wait before a program is started again: twice as long each time, with jitter, forgotten after a
//! while without trouble.

use std::time::Duration;

const FIRST: Duration = Duration::from_millis(100);
const LONGEST: Duration = Duration::from_secs(30);
/// A program that ran for so long starts with a clean record.
const STABLE: Duration = Duration::from_secs(10);

/// The record of one program.
#[derive(Debug, Default)]
pub(crate) struct Backoff {
    failures: u32,
}

impl Backoff {
    /// The pause after a run of this length.
    pub(crate) fn after(&mut self, ran: Duration) -> Duration {
        if ran >= STABLE {
            self.failures = 0;
        }
        let pause = FIRST.saturating_mul(1u32.checked_shl(self.failures).unwrap_or(u32::MAX)).min(LONGEST);
        self.failures = self.failures.saturating_add(1).min(16);
        pause.mul_f64(rand::random_range(0.8..1.2))
    }

    /// Runs in a row that ended too soon.
    pub(crate) fn failures(&self) -> u32 {
        self.failures
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::Backoff;

    #[test]
    fn doubles_up_to_a_limit_and_forgets() {
        let mut backoff = Backoff::default();
        for expect in [100, 200, 400, 800] {
            let pause = backoff.after(Duration::ZERO).as_millis();
            assert!((expect * 8 / 10..=expect * 12 / 10).contains(&pause), "{pause} for {expect}");
        }
        (0..40).for_each(|_| {
            assert!(backoff.after(Duration::ZERO) <= Duration::from_secs(36));
        });
        assert!(backoff.after(Duration::from_secs(60)) < Duration::from_millis(121));
    }
}
