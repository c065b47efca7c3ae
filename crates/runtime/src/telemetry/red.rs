//! Rate, errors and duration of one stream of requests: a route's, or an instance's.
//!
//! The gateway holds one [`Red`] a route and one an instance and calls [`Red::record`] when a request ends. `status`
//! reads [`Red::rates`] (the last five minutes), `/metrics` reads [`Red::totals`] (since the start).

use std::sync::atomic::{AtomicU64, Ordering};

use serde::Serialize;

use super::clock::Clock;
use super::latency;
use super::window::Window;

/// Upper bounds, in microseconds, of the histogram that `/metrics` shows; `+Inf` comes after the last.
const BOUNDS: [u64; 14] = [
    500, 1_000, 2_500, 5_000, 10_000, 25_000, 50_000, 100_000, 250_000, 500_000, 1_000_000, 2_500_000,
    5_000_000, 10_000_000,
];

/// Everything counted about one stream of requests.
#[derive(Debug)]
pub struct Red {
    clock: Clock,
    in_flight: AtomicU64,
    codes: [AtomicU64; 5],
    errors: AtomicU64,
    failures: AtomicU64,
    bounds: [AtomicU64; BOUNDS.len() + 1],
    sum_micros: AtomicU64,
    /// Wraps around once their sum is beyond 64 bits: only differences say something.
    squared_micros: AtomicU64,
    window: Window,
}

/// The first digit of a status code.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CodeClass {
    /// 1xx: an upgrade, for the most part.
    Informational,
    /// 2xx.
    Success,
    /// 3xx.
    Redirection,
    /// 4xx.
    ClientError,
    /// 5xx.
    ServerError,
}

/// How a request ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// The workload answered, with this class of code.
    Answered(CodeClass),
    /// The gateway had to answer itself, or the answer broke off.
    Failed(CodeClass),
}

/// Rates over the last five minutes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize)]
pub struct Rates {
    /// Requests a second.
    pub rps: f64,
    /// 5xx answers and failures of the gateway, a second.
    pub errors_per_s: f64,
    /// Half of the requests took at most this many milliseconds, to the last byte of the answer.
    pub p50_ms: f64,
    /// 95 of 100 requests took at most this.
    pub p95_ms: f64,
    /// 99 of 100 requests took at most this.
    pub p99_ms: f64,
}

/// Counts since the start.
#[derive(Clone, Debug, PartialEq)]
pub struct Totals {
    /// Requests that have ended.
    pub requests: u64,
    /// Those that ended with a 5xx or with a failure of the gateway.
    pub errors: u64,
    /// Those that the gateway itself had to answer, or whose answer broke off.
    pub failures: u64,
    /// Requests that have not ended yet.
    pub in_flight: u64,
    /// Requests by class of code.
    pub by_class: [(CodeClass, u64); 5],
    /// How many requests took at most so many seconds, cumulative; the last bound is infinite.
    pub buckets: Vec<(f64, u64)>,
    /// All durations added up, in seconds.
    pub sum_seconds: f64,
    /// The squares of all durations added up, in seconds squared: with the sum, they tell how much durations vary.
    pub squared_seconds: f64,
}

impl Red {
    /// Counters at zero.
    pub fn new(clock: Clock) -> Self {
        let window = Window::new(clock.micros());
        Self {
            clock,
            in_flight: AtomicU64::new(0),
            codes: Default::default(),
            errors: AtomicU64::new(0),
            failures: AtomicU64::new(0),
            bounds: Default::default(),
            sum_micros: AtomicU64::new(0),
            squared_micros: AtomicU64::new(0),
            window,
        }
    }

    /// Counts a request that begins, before anything that the caller reads afterwards. Each call is
    /// followed by one of [`Red::record`] or [`Red::cancel`].
    pub fn begin(&self) {
        self.in_flight.fetch_add(1, Ordering::SeqCst);
    }

    /// Takes back a [`Red::begin`]: the request went elsewhere.
    pub fn cancel(&self) {
        self.in_flight.fetch_sub(1, Ordering::SeqCst);
    }

    /// Counts a request that began and ended at these readings of the clock, in microseconds.
    pub fn record(&self, outcome: Outcome, began: u64, ended: u64) {
        let micros = ended.saturating_sub(began);
        let (class, failed) = match outcome {
            Outcome::Answered(class) => (class, class == CodeClass::ServerError),
            Outcome::Failed(class) => {
                self.failures.fetch_add(1, Ordering::Relaxed);
                (class, true)
            }
        };
        if failed {
            self.errors.fetch_add(1, Ordering::Relaxed);
        }
        self.in_flight.fetch_sub(1, Ordering::SeqCst);
        if let Some(count) = self.codes.get(class.index()) {
            count.fetch_add(1, Ordering::Relaxed);
        }
        if let Some(count) = self.bounds.get(BOUNDS.partition_point(|bound| *bound < micros)) {
            count.fetch_add(1, Ordering::Relaxed);
        }
        self.sum_micros.fetch_add(micros, Ordering::Relaxed);
        self.squared_micros.fetch_add(micros.wrapping_mul(micros), Ordering::Relaxed);
        self.window.record(ended, micros, failed);
    }

    /// Requests that have begun and not ended.
    pub fn in_flight(&self) -> u64 {
        self.in_flight.load(Ordering::SeqCst)
    }

    /// Rates over the last five minutes.
    pub fn rates(&self) -> Rates {
        let reading = self.window.read(self.clock.micros());
        let millis = |share| latency::quantile(&reading.counts, share) / 1e3;
        Rates {
            rps: reading.requests as f64 / reading.seconds,
            errors_per_s: reading.errors as f64 / reading.seconds,
            p50_ms: millis(0.50),
            p95_ms: millis(0.95),
            p99_ms: millis(0.99),
        }
    }

    /// Counts since the start.
    pub fn totals(&self) -> Totals {
        let by_class = CodeClass::ALL.map(|class| {
            (class, self.codes.get(class.index()).map_or(0, |count| count.load(Ordering::Relaxed)))
        });
        let mut below = 0;
        let bounds = BOUNDS.iter().map(|bound| *bound as f64 / 1e6).chain([f64::INFINITY]);
        let buckets = bounds
            .zip(&self.bounds)
            .map(|(bound, count)| {
                below += count.load(Ordering::Relaxed);
                (bound, below)
            })
            .collect();
        Totals {
            requests: by_class.iter().map(|(_, count)| count).sum(),
            errors: self.errors.load(Ordering::Relaxed),
            failures: self.failures.load(Ordering::Relaxed),
            in_flight: self.in_flight(),
            by_class,
            buckets,
            sum_seconds: self.sum_micros.load(Ordering::Relaxed) as f64 / 1e6,
            squared_seconds: self.squared_micros.load(Ordering::Relaxed) as f64 / 1e12,
        }
    }
}

impl CodeClass {
    /// Every class, in order.
    pub const ALL: [Self; 5] =
        [Self::Informational, Self::Success, Self::Redirection, Self::ClientError, Self::ServerError];

    /// The class of a status code such as 404.
    pub fn of(code: u16) -> Self {
        match code / 100 {
            1 => Self::Informational,
            2 => Self::Success,
            3 => Self::Redirection,
            4 => Self::ClientError,
            _ => Self::ServerError,
        }
    }

    /// How metrics name it: `2xx`.
    pub fn name(self) -> &'static str {
        match self {
            Self::Informational => "1xx",
            Self::Success => "2xx",
            Self::Redirection => "3xx",
            Self::ClientError => "4xx",
            Self::ServerError => "5xx",
        }
    }

    fn index(self) -> usize {
        match self {
            Self::Informational => 0,
            Self::Success => 1,
            Self::Redirection => 2,
            Self::ClientError => 3,
            Self::ServerError => 4,
        }
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    const OK: Outcome = Outcome::Answered(CodeClass::Success);
    const BAD: Outcome = Outcome::Answered(CodeClass::ServerError);

    fn record(red: &Red, outcome: Outcome, micros: u64) {
        red.begin();
        let began = red.clock.micros();
        red.record(outcome, began, began + micros);
    }

    #[test]
    fn rates_cover_five_minutes_and_forget_older_requests() {
        let (clock, time) = Clock::manual();
        let red = Red::new(clock);
        for second in 0..100 {
            record(&red, if second % 10 == 0 { BAD } else { OK }, 2_000);
            time.advance(Duration::from_secs(1));
        }
        let rates = red.rates();
        assert!((rates.rps - 1.0).abs() < 0.01, "{rates:?}");
        assert!((rates.errors_per_s - 0.1).abs() < 0.01, "{rates:?}");
        assert!((rates.p50_ms - 2.0).abs() < 0.1, "{rates:?}");
        time.advance(Duration::from_secs(150));
        assert!(red.rates().rps > 0.3 && red.rates().rps < 0.5, "{:?}", red.rates());
        time.advance(Duration::from_secs(160));
        assert_eq!(red.rates(), Rates::default());
        record(&red, OK, 9_000);
        assert!((red.rates().p99_ms - 9.0).abs() < 0.4, "an old slot is emptied before it is used again");
        assert_eq!(red.totals().requests, 101);
    }

    #[test]
    fn totals_are_cumulative_and_count_a_failure_once() {
        let red = Red::new(Clock::manual().0);
        record(&red, OK, 400);
        record(&red, OK, 700);
        record(&red, Outcome::Failed(CodeClass::Success), 20_000_000);
        red.begin();
        let totals = red.totals();
        assert_eq!((totals.requests, totals.errors, totals.failures, totals.in_flight), (3, 1, 1, 1));
        assert_eq!(totals.buckets.first(), Some(&(0.0005, 1)));
        assert_eq!(totals.buckets.get(1), Some(&(0.001, 2)));
        assert_eq!(totals.buckets.last(), Some(&(f64::INFINITY, 3)));
        assert!((totals.sum_seconds - 20.0011).abs() < 1e-9);
        assert!((totals.squared_seconds - 400.000_000_65).abs() < 1e-9);
    }

    #[test]
    fn nothing_is_lost_when_many_threads_record() {
        let red = Red::new(Clock::system());
        std::thread::scope(|scope| {
            for _ in 0..4 {
                scope.spawn(|| (0..10_000).for_each(|micros| record(&red, OK, micros)));
            }
        });
        assert_eq!((red.totals().requests, red.totals().in_flight), (40_000, 0));
    }
}
