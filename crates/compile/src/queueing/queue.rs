//! One station: requests arrive, wait until one of some equal servers is free, and are served.

use super::{Complex, erlang_c, percentile, tail};

/// Mean and variance.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Moments {
    /// In seconds.
    pub mean: f64,
    /// In seconds squared.
    pub variance: f64,
}

impl Moments {
    /// No time at all.
    pub const NONE: Moments = Moments { mean: 0.0, variance: 0.0 };
}

/// A station with Poisson arrivals and gamma service: M/G/c by Allen and Cunneen, exact where service is exponential.
///
/// Waiting is 0 with probability 1 - C, else exponential with mean (1 + scv) / 2 / (c mu - lambda), where C is Erlang's:
/// the mean is that of A. O. Allen, Probability, Statistics, and Queueing Theory, 2nd edition, 1990, section 6.2
/// (Allen-Cunneen approximation), with the variability of arrivals at 1.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Queue {
    /// Equal servers with one line before them.
    pub servers: u32,
    /// Arrivals a second.
    pub rate: f64,
    /// Mean time of service in seconds.
    pub service: f64,
    /// Squared coefficient of variation of the time of service: variance divided by the square of the mean.
    pub scv: f64,
}

impl Queue {
    /// How much of the servers is busy on average; from 1 on the line grows for ever.
    pub fn utilisation(&self) -> f64 {
        self.load() / f64::from(self.servers)
    }

    /// True when the line does not grow for ever.
    pub fn is_stable(&self) -> bool {
        self.utilisation() < 1.0
    }

    /// The probability that a request waits.
    pub fn waits(&self) -> f64 {
        erlang_c(self.servers, self.load())
    }

    /// Mean and variance of the time from arrival to answer. Infinite when the line grows for ever.
    pub fn response(&self) -> Moments {
        if !self.is_stable() {
            return Moments { mean: f64::INFINITY, variance: f64::INFINITY };
        }
        let (waits, wait) = (self.waits(), self.wait_of_those_who_wait());
        Moments {
            mean: waits * wait + self.service,
            variance: waits * (2.0 - waits) * wait * wait + self.served_variance(),
        }
    }

    /// P(T > time), T from arrival to answer.
    ///
    /// Exact for exponential service: e^(-mu t) (1 + C mu (1 - e^(-d t)) / d) with d = c mu - lambda - mu.
    /// Source: D. Gross, C. M. Harris, Fundamentals of Queueing Theory, section 2.3 (waiting times of M/M/c).
    ///
    /// ```
    /// use appia_compile::queueing::Queue;
    /// let queue = Queue { servers: 1, rate: 0.5, service: 1.0, scv: 1.0 };
    /// // M/M/1: e^(-(mu - lambda) t).
    /// assert!((queue.tail(3.0) - (-1.5_f64).exp()).abs() < 1e-12);
    /// ```
    pub fn tail(&self, time: f64) -> f64 {
        if !self.is_stable() {
            return 1.0;
        }
        if self.scv != 1.0 {
            return tail(&|s| self.transform(s), time);
        }
        let served = 1.0 / self.service;
        let difference = f64::from(self.servers) * served - self.rate - served;
        let grown = if (difference * time).abs() < 1e-9 {
            time
        } else {
            -libm::expm1(-difference * time) / difference
        };
        libm::exp(-served * time) * (1.0 + self.waits() * served * grown)
    }

    /// The time within which a share of the requests is answered. Infinite when the line grows for ever.
    pub fn percentile(&self, share: f64) -> f64 {
        if !self.is_stable() {
            return f64::INFINITY;
        }
        percentile(share, self.response(), &|time| self.tail(time))
    }

    /// E[e^(-sT)], T from arrival to answer.
    pub fn transform(&self, s: Complex) -> Complex {
        waiting_transform(self.waiting(), s) * self.service_transform(s)
    }

    /// Variance of the service alone.
    pub(super) fn served_variance(&self) -> f64 {
        self.scv * self.service * self.service
    }

    /// Variance of the waiting alone.
    pub(super) fn waited_variance(&self) -> f64 {
        (self.response().variance - self.served_variance()).max(0.0)
    }

    /// Probability and mean of waiting, which every point of the transform needs.
    pub(super) fn waiting(&self) -> (f64, f64) {
        (self.waits(), self.wait_of_those_who_wait())
    }

    /// Gamma with the mean and variability of the service.
    pub(super) fn service_transform(&self, s: Complex) -> Complex {
        if self.scv <= 0.0 {
            return s.scaled(-self.service).exp();
        }
        (Complex::ONE + s.scaled(self.service * self.scv)).power(-1.0 / self.scv)
    }

    /// In Erlangs: how many servers are busy on average.
    fn load(&self) -> f64 {
        self.rate * self.service
    }

    fn wait_of_those_who_wait(&self) -> f64 {
        let spare = f64::from(self.servers) / self.service - self.rate;
        f64::midpoint(1.0, self.scv) / spare
    }
}

/// Nothing with the probability that nobody waits, else exponential with the mean of those who wait.
pub(super) fn waiting_transform((waits, wait): (f64, f64), s: Complex) -> Complex {
    Complex::real(1.0 - waits) + (Complex::ONE + s.scaled(wait)).inverse().scaled(waits)
}

#[cfg(test)]
mod tests {
    use super::Queue;
    use proptest::prelude::*;

    fn queue(servers: u32, rate: f64) -> Queue {
        Queue { servers, rate, service: 1.0, scv: 1.0 }
    }

    #[test]
    fn gives_the_published_response_times() {
        let vectors = [
            (1, 0.8, 5.0, 14.97866, 23.02585),
            (4, 3.0, 1.50943, 4.12810, 6.00631),
            (10, 8.0, 1.20459, 3.32827, 4.94611),
            (20, 18.0, 1.27538, 3.42283, 5.04162),
        ];
        for (servers, rate, mean, p95, p99) in vectors {
            let queue = queue(servers, rate);
            let found = (queue.response().mean, queue.percentile(0.95), queue.percentile(0.99));
            assert!((found.0 - mean).abs() < 5e-6, "{servers} {rate}: {found:?}");
            assert!((found.1 - p95).abs() < 5e-6, "{servers} {rate}: {found:?}");
            assert!((found.2 - p99).abs() < 5e-6, "{servers} {rate}: {found:?}");
        }
    }

    #[test]
    fn the_transform_says_the_same_as_the_closed_form() {
        for (servers, rate) in [(1, 0.8), (2, 1.0), (4, 3.0), (20, 18.0)] {
            let queue = queue(servers, rate);
            for time in [0.2, 1.0, 3.0, 10.0] {
                let inverted = super::tail(&|s| queue.transform(s), time);
                assert!((inverted - queue.tail(time)).abs() < 1e-6, "{servers} {rate} {time}");
            }
        }
    }

    #[test]
    fn variability_is_as_simulated() {
        // Mean waiting of M/D/4 and M/H2/4 (scv 4) at rho .75: .2547 and 1.2736 by the formula, .2652 and 1.1017 simulated.
        for (scv, expect) in [(0.0, 0.2547), (4.0, 1.2736)] {
            let queue = Queue { scv, ..queue(4, 3.0) };
            assert!((queue.response().mean - 1.0 - expect).abs() < 5e-5, "{scv}");
        }
    }

    #[test]
    fn too_much_load_never_ends() {
        assert!(queue(2, 2.0).percentile(0.5).is_infinite());
        assert!(queue(2, 2.5).response().mean.is_infinite());
    }

    proptest! {
        #[test]
        fn percentiles_grow_with_load_and_share_and_fall_with_servers(
            servers in 1_u32..60, share in 0.01_f64..0.98, scv in prop::sample::select(vec![0.5, 1.0, 2.0, 4.0])
        ) {
            let queue = Queue { servers, rate: f64::from(servers) * share, service: 1.0, scv };
            let p95 = queue.percentile(0.95);
            prop_assert!(p95 <= queue.percentile(0.99) * (1.0 + 1e-6));
            prop_assert!(queue.percentile(0.5) <= p95 * (1.0 + 1e-6));
            let (calmer, wider) = (Queue { rate: queue.rate * 0.9, ..queue }, Queue { servers: servers + 1, ..queue });
            prop_assert!(calmer.percentile(0.95) <= p95 * (1.0 + 1e-6));
            prop_assert!(wider.percentile(0.95) <= p95 * (1.0 + 1e-6));
            prop_assert!((queue.tail(p95) - 0.05).abs() < 1e-5);
        }
    }
}
