//! One route at work: which deployment gets the next request, and whether a failed one may be tried again.
//!
//! Rebuilt by `table.rs` on every reload; the counters and the retry budget are handed on. Which instance of the
//! deployment it is: `balance.rs`. Choosing takes no lock.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, AtomicU64, Ordering};

use super::balance::{Asked, Group, Standard};
use super::config::{Route, Stage};
use super::instance::Ticket;
use crate::telemetry::Red;

/// A route with its instances.
#[derive(Debug)]
pub(super) struct LiveRoute {
    pub(super) config: Route,
    pub(super) red: Arc<Red>,
    pub(super) budget: Arc<RetryBudget>,
    pub(super) groups: Vec<Group>,
    /// Whether one of the groups is on trial.
    has_trial: bool,
    turn: AtomicU64,
}

impl LiveRoute {
    pub(super) fn new(config: Route, red: Arc<Red>, budget: Arc<RetryBudget>, groups: Vec<Group>) -> Self {
        let has_trial = groups.iter().any(|group| group.stage == Stage::Trial);
        Self { config, red, budget, groups, has_trial, turn: AtomicU64::new(0) }
    }

    /// The instance for the next request, none of those already `tried`. When every instance is unwell, an unwell one
    /// is tried all the same: an error from the workload says more than one from the gateway.
    pub(super) fn pick(&self, asked: &Asked<'_>) -> Option<Ticket> {
        let first = self.first_group(asked.prefers)?;
        [Standard::Available, Standard::NotDraining].into_iter().find_map(|standard| {
            let (before, from) = self.groups.split_at_checked(first)?;
            let mut order = from.iter().chain(before).filter(|group| group.weight > 0);
            order.find_map(|group| group.pick(self.config.balance, standard, asked))
        })
    }

    /// Steps of the golden ratio spread any run of requests over the weights as evenly as can be, without a lock.
    fn first_group(&self, prefers: Stage) -> Option<usize> {
        if self.has_trial {
            return self.groups.iter().position(|group| group.stage == prefers).or(Some(0));
        }
        if self.groups.len() < 2 {
            return self.groups.first().map(|_| 0);
        }
        let total: u64 = self.groups.iter().map(|group| u64::from(group.weight)).sum();
        let step = self.turn.fetch_add(1, Ordering::Relaxed).wrapping_mul(0x9e37_79b9_7f4a_7c15);
        let mut point = ((step >> 32) * total) >> 32;
        self.groups.iter().position(|group| {
            let weight = u64::from(group.weight);
            let here = point < weight;
            point = point.saturating_sub(weight);
            here
        })
    }
}

/// Bounds how much a failing service is asked again: one retry for five requests, and a few in reserve.
#[derive(Debug)]
pub(super) struct RetryBudget(AtomicU32);

impl RetryBudget {
    const RETRY: u32 = 5;
    const MOST: u32 = 100 * Self::RETRY;

    /// A request came in.
    pub(super) fn deposit(&self) {
        if self.0.load(Ordering::Relaxed) < Self::MOST {
            self.0.fetch_add(1, Ordering::Relaxed);
        }
    }

    /// Whether one more retry is allowed; if so it is spent.
    pub(super) fn withdraw(&self) -> bool {
        let spend = |saved: u32| saved.checked_sub(Self::RETRY);
        self.0.fetch_update(Ordering::Relaxed, Ordering::Relaxed, spend).is_ok()
    }
}

impl Default for RetryBudget {
    fn default() -> Self {
        Self(AtomicU32::new(10 * Self::RETRY))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use appia_intent::Balance;

    use crate::gateway::config::{Deployment, RouteOwner, Upstream};
    use crate::gateway::instance::Instance;
    use crate::telemetry::Clock;

    fn owner() -> RouteOwner {
        RouteOwner { app: "shop".into(), environment: "local".into(), workload: "web".into() }
    }

    fn route(balance: Balance, groups: &[(u32, usize)]) -> LiveRoute {
        let clock = Clock::manual().0;
        let groups = groups.iter().enumerate().map(|(number, (weight, size))| {
            let upstream =
                |port| Upstream { id: format!("{number}-{port}"), addr: ([127, 0, 0, 1], port).into() };
            let upstreams: Vec<_> = (1..=u16::try_from(*size).unwrap()).map(upstream).collect();
            let instances =
                upstreams.iter().map(|upstream| Arc::new(Instance::new(upstream, &clock))).collect();
            Group::new(
                &Deployment {
                    id: number.to_string(),
                    weight: *weight,
                    stage: Stage::Proven,
                    instances: upstreams,
                },
                instances,
            )
        });
        let config = Route { balance, ..Route::http("web", owner()) };
        LiveRoute::new(config, Arc::new(Red::new(clock.clone())), Arc::default(), groups.collect())
    }

    fn pick(route: &LiveRoute, tried: &[u64]) -> Option<Ticket> {
        route.pick(&Asked { tried, began: 0, prefers: Stage::Proven })
    }

    fn share(route: &LiveRoute, requests: u32) -> Vec<u64> {
        for _ in 0..requests {
            drop(pick(route, &[]).expect("an instance"));
        }
        let groups = route.groups.iter();
        groups
            .map(|group| group.instances.iter().map(|instance| instance.red.totals().requests).sum())
            .collect()
    }

    #[test]
    fn weights_are_kept_within_a_thousandth() {
        let shares = share(&route(Balance::RoundRobin, &[(95, 2), (5, 1), (0, 1)]), 10_000);
        assert!(shares[0].abs_diff(9_500) < 10 && shares[1].abs_diff(500) < 10, "{shares:?}");
        assert_eq!(shares[2], 0);
    }

    #[test]
    fn round_robin_stays_even_when_one_instance_is_out() {
        let route = route(Balance::RoundRobin, &[(1, 4)]);
        route.groups[0].instances[1].health.set_checks_failed(true);
        share(&route, 3_000);
        let counts: Vec<_> =
            route.groups[0].instances.iter().map(|instance| instance.red.totals().requests).collect();
        assert_eq!(counts, [1_000, 0, 1_000, 1_000]);
    }

    #[test]
    fn least_connections_avoids_the_busy_one() {
        let route = route(Balance::LeastConnections, &[(1, 3)]);
        let busy: Vec<_> = (0..30).map(|_| pick(&route, &[]).unwrap()).collect();
        let counts = || route.groups[0].instances.iter().map(|one| one.red.in_flight()).collect::<Vec<_>>();
        assert_eq!(counts(), [10, 10, 10]);
        drop(busy);
        let _slow: Vec<_> =
            (0..5).map(|_| route.groups[0].instances[1].ticket(0, Stage::Proven).unwrap()).collect();
        let _rest: Vec<_> = (0..8).map(|_| pick(&route, &[]).unwrap()).collect();
        assert_eq!(counts(), [4, 5, 4]);
    }

    #[test]
    fn unwell_instances_are_the_last_resort_and_draining_ones_never() {
        let route = route(Balance::RoundRobin, &[(1, 2)]);
        let [one, two] = &route.groups[0].instances[..] else { panic!() };
        one.health.set_checks_failed(true);
        assert_eq!(pick(&route, &[]).unwrap().instance.serial, two.serial);
        assert_eq!(pick(&route, &[two.serial]).unwrap().instance.serial, one.serial);
        assert!(pick(&route, &[one.serial, two.serial]).is_none());
    }

    #[test]
    fn a_dead_service_is_asked_at_most_a_fifth_more_often() {
        let budget = RetryBudget::default();
        let retries = (0..1_000).filter(|_| {
            budget.deposit();
            budget.withdraw()
        });
        assert_eq!(retries.count(), 210);
    }
}
