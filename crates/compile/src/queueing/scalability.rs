//! The Universal Scalability Law: why twice the servers do less than twice the work.

/// How much servers stand in each other's way.
///
/// X(N) / X(1) = N / (1 + sigma (N - 1) + kappa N (N - 1)). Source: N. J. Gunther, Guerrilla Capacity Planning, 2007.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Scalability {
    /// Share of the work that only one can do at a time (contention).
    pub sigma: f64,
    /// Cost of keeping each other up to date (coherency).
    pub kappa: f64,
}

impl Scalability {
    /// Nobody stands in anybody's way.
    pub const LINEAR: Scalability = Scalability { sigma: 0.0, kappa: 0.0 };

    /// How much more than one server `servers` of them do together.
    ///
    /// ```
    /// let law = appia_compile::queueing::Scalability { sigma: 0.05, kappa: 0.0002 };
    /// assert!((law.speedup(32) - 11.6431).abs() < 5e-5);
    /// ```
    pub fn speedup(self, servers: u32) -> f64 {
        let n = f64::from(servers);
        n / (1.0 + self.sigma * (n - 1.0) + self.kappa * n * (n - 1.0))
    }

    /// The number of servers beyond which more do less: sqrt((1 - sigma) / kappa).
    ///
    /// ```
    /// let law = appia_compile::queueing::Scalability { sigma: 0.05, kappa: 0.0002 };
    /// assert!((law.peak() - 68.920).abs() < 5e-4);
    /// ```
    pub fn peak(self) -> f64 {
        if self.kappa <= 0.0 { f64::INFINITY } else { libm::sqrt((1.0 - self.sigma) / self.kappa) }
    }

    /// How much longer each piece of work takes when `servers` work at the same time.
    pub fn slowdown(self, servers: u32) -> f64 {
        f64::from(servers) / self.speedup(servers)
    }
}
