//! The clock that telemetry and the gateway read, so that tests can move time by hand.
//!
//! Production code makes one [`Clock::system`] a process and clones it. It never goes backwards and has no
//! relation to the calendar.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

/// A monotonic clock: microseconds since some moment before the first reading.
#[derive(Clone, Debug)]
pub struct Clock(Source);

#[derive(Clone, Debug)]
enum Source {
    System(Instant),
    Manual(Arc<AtomicU64>),
}

/// The handle that moves a manual clock.
#[derive(Clone, Debug)]
pub struct ManualClock(Arc<AtomicU64>);

impl Clock {
    /// The machine's monotonic clock, counted from now.
    pub fn system() -> Self {
        Self(Source::System(Instant::now()))
    }

    /// A clock that stands still until its handle moves it.
    pub fn manual() -> (Self, ManualClock) {
        let micros = Arc::new(AtomicU64::new(0));
        (Self(Source::Manual(Arc::clone(&micros))), ManualClock(micros))
    }

    /// Microseconds since the clock was made.
    pub fn micros(&self) -> u64 {
        match &self.0 {
            Source::System(start) => u64::try_from(start.elapsed().as_micros()).unwrap_or(u64::MAX),
            Source::Manual(micros) => micros.load(Ordering::Relaxed),
        }
    }
}

impl ManualClock {
    /// Moves the clock forward.
    pub fn advance(&self, by: Duration) {
        let micros = u64::try_from(by.as_micros()).unwrap_or(u64::MAX);
        self.0.fetch_add(micros, Ordering::Relaxed);
    }
}
