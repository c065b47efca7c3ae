//! The routing table in force: from host name or listener to route, as one value that is swapped whole.
//!
//! [`Table::next`] makes the table of a new configuration out of the one before: what is still there keeps its
//! counters, health and open connections. Requests under way keep the route they began with.

use std::collections::HashMap;
use std::sync::Arc;

use super::balance::Group;
use super::config::{GatewayConfig, Route, Upstream};
use super::instance::Instance;
use super::route::{LiveRoute, RetryBudget};
use crate::telemetry::{Clock, Red};

/// All routes in force.
#[derive(Debug, Default)]
pub(super) struct Table {
    by_id: HashMap<String, Arc<LiveRoute>>,
    /// The longest path of each host first.
    by_host: HashMap<String, Vec<(String, Arc<LiveRoute>)>>,
    by_port: HashMap<u16, Arc<LiveRoute>>,
    instances: HashMap<Upstream, Arc<Instance>>,
}

impl Table {
    pub(super) fn next(&self, config: &GatewayConfig, clock: &Clock) -> Self {
        let mut next = Self::default();
        for route in &config.routes {
            let live = Arc::new(self.live_route(route, &mut next.instances, clock));
            for host in &route.hosts {
                let (host, path) = host_and_path(host);
                next.by_host.entry(host).or_default().push((path.to_owned(), Arc::clone(&live)));
            }
            if let Some(port) = route.listen {
                next.by_port.insert(port, Arc::clone(&live));
            }
            next.by_id.insert(route.id.clone(), live);
        }
        for paths in next.by_host.values_mut() {
            paths.sort_by_key(|(path, _)| std::cmp::Reverse(path.len()));
        }
        next
    }

    pub(super) fn by_id(&self, id: &str) -> Option<Arc<LiveRoute>> {
        self.by_id.get(id).cloned()
    }

    pub(super) fn by_port(&self, port: u16) -> Option<Arc<LiveRoute>> {
        self.by_port.get(&port).cloned()
    }

    /// Host names do not care about case, nor about the final dot; of their paths the longest that fits wins.
    pub(super) fn by_host(&self, host: &str, path: &str) -> Option<Arc<LiveRoute>> {
        let plain = host.strip_suffix('.').unwrap_or(host);
        let found = self.by_host.get(plain).or_else(|| {
            let has_capitals = plain.bytes().any(|byte| byte.is_ascii_uppercase());
            has_capitals.then(|| self.by_host.get(&plain.to_ascii_lowercase())).flatten()
        });
        found?.iter().find(|(prefix, _)| is_below(path, prefix)).map(|(_, route)| Arc::clone(route))
    }

    /// Every route, sorted by id.
    pub(super) fn routes(&self) -> Vec<Arc<LiveRoute>> {
        let mut routes: Vec<_> = self.by_id.values().cloned().collect();
        routes.sort_by(|one, two| one.config.id.cmp(&two.config.id));
        routes
    }

    pub(super) fn instances(&self) -> impl Iterator<Item = &Arc<Instance>> {
        self.instances.values()
    }

    fn live_route(
        &self,
        route: &Route,
        instances: &mut HashMap<Upstream, Arc<Instance>>,
        clock: &Clock,
    ) -> LiveRoute {
        let before = self.by_id.get(&route.id);
        let red = before.map_or_else(|| Arc::new(Red::new(clock.clone())), |before| Arc::clone(&before.red));
        let budget = before.map_or_else(Arc::<RetryBudget>::default, |before| Arc::clone(&before.budget));
        let mut instance = |upstream: &Upstream| {
            let known = self.instances.get(upstream).cloned();
            let new = || known.unwrap_or_else(|| Arc::new(Instance::new(upstream, clock)));
            Arc::clone(instances.entry(upstream.clone()).or_insert_with(new))
        };
        let groups = route.deployments.iter().map(|deployment| {
            Group::new(deployment, deployment.instances.iter().map(&mut instance).collect())
        });
        LiveRoute::new(route.clone(), red, budget, groups.collect())
    }
}

/// `Shop.localhost/api/` is the host `shop.localhost` and the path `/api`; without a path it is the empty one.
pub(super) fn host_and_path(entrance: &str) -> (String, &str) {
    let split = entrance.find('/').unwrap_or(entrance.len());
    let (host, path) = entrance.split_at_checked(split).unwrap_or((entrance, ""));
    (host.to_ascii_lowercase(), path.trim_end_matches('/'))
}

/// Whether a path is this one or below it: `/apis` is not below `/api`.
fn is_below(path: &str, prefix: &str) -> bool {
    path.strip_prefix(prefix)
        .is_some_and(|rest| prefix.is_empty() || rest.is_empty() || rest.starts_with('/'))
}

#[cfg(test)]
mod tests {
    use super::{host_and_path, is_below};

    #[test]
    fn a_path_is_below_its_whole_segments_only() {
        for path in ["/api", "/api/", "/api/orders"] {
            assert!(is_below(path, "/api"), "{path}");
        }
        for path in ["/", "/apis", "/v1/api", "*"] {
            assert!(!is_below(path, "/api"), "{path}");
        }
        assert!(is_below("*", ""));
        assert_eq!(host_and_path("Shop.localhost/Api/"), ("shop.localhost".to_owned(), "/Api"));
        assert_eq!(host_and_path("shop.localhost"), ("shop.localhost".to_owned(), ""));
    }
}
