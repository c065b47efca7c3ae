//! What the gateway has to do, made of what runs: a route per port of a workload, the host names of its routes.

use std::collections::{BTreeMap, BTreeSet};
use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;

use appia_intent::{ProbeCheck, Protocol};
use appia_plan::{Object, Owner, local};

use super::Agent;
use super::protocol::Failure;
use super::record::{Record, Standing};
use super::slot::{Slot, SlotState};
use crate::durable;
use crate::gateway::{
    ConfigError, Deployment, Gateway, GatewayConfig, HealthCheck, HealthProbe, Route, RouteOwner, Settings,
    Stage, Upstream,
};
use crate::home::Home;
use crate::supervisor::instance::Instance;
use crate::supervisor::ports::{ENDPOINTS, free};
use crate::supervisor::spec::{ProbeKind, WorkloadSpec};

const DEFAULT_PORT: u16 = 7400;

/// Starts the gateway on the port it had, else on the default one, else on a free one, which it then keeps.
pub(super) async fn start(home: &Home) -> Result<Gateway, ConfigError> {
    let path = home.root().join("gateway.json");
    let before: Option<u16> = durable::read_json(&path).ok().flatten();
    let another = free(ENDPOINTS, &Default::default());
    let mut refused = None;
    for port in before.into_iter().chain([DEFAULT_PORT]).chain(another) {
        let shared = SocketAddr::from((Ipv4Addr::LOCALHOST, port));
        match Gateway::start(Settings { shared, ..Settings::default() }).await {
            Ok(gateway) => {
                if let Err(error) = durable::write_json(&path, &port) {
                    tracing::warn!(%error, "the gateway's port cannot be kept");
                }
                return Ok(gateway);
            }
            Err(error) => refused = Some(error),
        }
    }
    let nothing = || ConfigError::Listen {
        addr: SocketAddr::from((Ipv4Addr::LOCALHOST, DEFAULT_PORT)),
        source: io::Error::from(io::ErrorKind::AddrInUse),
    };
    Err(refused.unwrap_or_else(nothing))
}

impl Agent {
    /// A host name leads to one workload.
    pub(super) fn check_hosts(&self, desired: &Object, record: &Record) -> Result<(), Failure> {
        let Ok(local::Body::Route(route)) = desired.body.read() else {
            return Ok(());
        };
        let asks = (record.owner.clone(), route.workload.to_string());
        for ((owner, workload), taken) in hosts(&self.all_slots()) {
            let wanted = entrances(&route);
            let twice = taken.iter().find(|host| wanted.contains(host));
            if let Some(host) = twice.filter(|_| (owner.clone(), workload.clone()) != asks) {
                return Err(Failure::permanent(format!(
                    "`{host}` belongs to `{workload}` of `{}` in `{}` already: give one of them another host",
                    owner.app, owner.environment
                )));
            }
        }
        Ok(())
    }

    /// Makes the gateway follow what runs. A port that somebody else has taken is left out, so that the other
    /// workloads are still served.
    pub(super) async fn apply_ingress(&self) -> Result<(), Failure> {
        let _one_at_a_time = self.ingress.lock().await;
        let slots = self.all_slots();
        let hosts = hosts(&slots);
        let mut routes: Vec<Route> = slots.iter().flat_map(|slot| routes_of(slot, &hosts)).collect();
        loop {
            match self.gateway.apply(&GatewayConfig { routes: routes.clone() }).await {
                Ok(()) => return Ok(()),
                Err(ConfigError::Listen { addr, source }) if !routes.is_empty() => {
                    tracing::error!(%addr, %source, "somebody else listens on the port of a workload");
                    let before = routes.len();
                    routes.retain(|route| route.listen != Some(addr.port()));
                    if routes.len() == before {
                        return Err(Failure::Transient(format!(
                            "the gateway cannot listen on {addr}: {source}"
                        )));
                    }
                }
                Err(error) => return Err(Failure::permanent(error.to_string())),
            }
        }
    }
}

fn routes_of(slot: &Slot, hosts: &BTreeMap<(Owner, String), Vec<String>>) -> Vec<Route> {
    let state = slot.state();
    let record = &state.record;
    let Some(spec) = state.spec.as_ref().filter(|_| serves(record)) else { return Vec::new() };
    let main = spec.main_port().map(|(name, _)| name);
    let route = |(name, port): (&appia_intent::PortName, &local::Port)| {
        let owner = RouteOwner {
            app: record.owner.app.to_string(),
            environment: record.owner.environment.to_string(),
            workload: record.id.name.clone(),
        };
        let listen = record.endpoints.get(name).copied()?;
        let id = route_id(record, name.as_str());
        let mut route = match port.protocol {
            Protocol::Http => Route { listen: Some(listen), ..Route::http(id, owner) },
            Protocol::Tcp => Route::tcp(id, owner, listen),
            Protocol::Udp => return None,
        };
        let is_main = Some(name) == main;
        if is_main && port.protocol == Protocol::Http {
            let key = (record.owner.clone(), record.id.name.clone());
            route.hosts = hosts.get(&key).cloned().unwrap_or_default();
        }
        let listens = |instance: &Instance| if is_main { instance.port() } else { Some(port.target) };
        route.deployments = deployments(&state, &spec.release, listens);
        route.balance = spec.balance.unwrap_or(route.balance);
        route.check = if is_main { readiness_check(spec) } else { None };
        Some(route)
    };
    spec.ports.iter().filter_map(route).collect()
}

/// What serves, and beside it what is on trial; of each instance, where it listens.
fn deployments(
    state: &SlotState,
    release: &str,
    listens: impl Fn(&Instance) -> Option<u16>,
) -> Vec<Deployment> {
    let upstream = |instance: &Arc<Instance>| {
        let addr = SocketAddr::from((Ipv4Addr::LOCALHOST, listens(instance)?));
        Some(Upstream { id: instance.identity.id.clone(), addr })
    };
    let deployment = |(instances, stage): (&[Arc<Instance>], _)| Deployment {
        id: instances.first().map_or(release, |one| &one.identity.release).to_owned(),
        weight: 1,
        stage,
        instances: instances.iter().filter_map(upstream).collect(),
    };
    let stages = [(state.serving.as_slice(), Stage::Proven), (state.on_trial.as_slice(), Stage::Trial)];
    let there = stages.into_iter().filter(|(some, stage)| *stage == Stage::Proven || !some.is_empty());
    there.map(deployment).collect()
}

/// The gateway asks what the workload's own probe asks, so that nobody is sent to an instance that is not ready.
fn readiness_check(spec: &WorkloadSpec) -> Option<HealthCheck> {
    let stated = spec.containers.values().find_map(|container| container.readiness.as_ref())?;
    let probe = match &stated.check {
        ProbeKind::Stated(ProbeCheck::Http { path, port: None, host: None, headers, scheme }) => {
            let plain = headers.is_empty() && scheme != "https";
            plain.then(|| HealthProbe::Http { path: path.clone() })?
        }
        ProbeKind::Stated(ProbeCheck::Tcp { port: None }) => HealthProbe::Tcp,
        ProbeKind::Stated(_) | ProbeKind::Postgres { .. } | ProbeKind::Redis { .. } | ProbeKind::Alive => {
            return None;
        }
    };
    Some(HealthCheck {
        probe,
        interval: stated.interval,
        timeout: stated.timeout,
        unhealthy_after: stated.failures.max(1),
        healthy_after: 1,
    })
}

/// The name of a route: counters live as long as it does.
pub(super) fn route_id(record: &Record, port: &str) -> String {
    let owner = &record.owner;
    format!("{}/{}/{}/{}/{port}", owner.organisation, owner.environment, owner.app, record.id.name)
}

/// The host names of each workload, with their paths. A name that two routes claim belongs to the first.
pub(super) fn hosts(slots: &[Arc<Slot>]) -> BTreeMap<(Owner, String), Vec<String>> {
    let mut hosts: BTreeMap<_, Vec<String>> = BTreeMap::new();
    let mut taken = BTreeSet::new();
    for record in slots.iter().map(|slot| slot.record()) {
        let body = record.applied.as_ref().map(|object| object.body.read());
        let Some(Ok(local::Body::Route(route))) = body else { continue };
        if record.standing != Standing::Ready {
            continue;
        }
        let new = entrances(&route).into_iter().filter(|host| taken.insert(host.clone()));
        hosts.entry((record.owner, route.workload.to_string())).or_default().extend(new);
    }
    hosts
}

/// The hosts of a route in lower case, each with the route's path unless that is everything.
fn entrances(route: &local::Route) -> Vec<String> {
    let path = route.path.trim_end_matches('/');
    route.hosts.iter().map(|host| format!("{}{path}", host.to_ascii_lowercase())).collect()
}

fn serves(record: &Record) -> bool {
    record.id.kind == local::kind::WORKLOAD && record.standing == Standing::Ready
}
