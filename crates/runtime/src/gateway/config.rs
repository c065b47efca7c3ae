//! What the gateway is told: routes, their deployments and instances, and how patient to be.
//!
//! Plain data, made by the agent from what should run and handed to [`super::Gateway::apply`] as a whole; the gateway
//! works out what changed. It knows nothing of plans, and nothing here opens a socket.

use std::collections::HashSet;
use std::net::{Ipv4Addr, SocketAddr};
use std::time::Duration;

use appia_intent::Balance;
use serde::{Deserialize, Serialize};

use super::error::ConfigError;
use super::table::host_and_path;
use crate::telemetry::Clock;

/// What stays the same for the life of a gateway.
#[derive(Clone, Debug)]
pub struct Settings {
    /// Where requests for every host name come in; port 0 takes any free one.
    pub shared: SocketAddr,
    /// How many client connections may be open at once; further ones wait in the listen queue.
    pub max_connections: usize,
    /// How long a client may take to send the head of a request.
    pub header_timeout: Duration,
    /// How long a client connection may stay open with no request on it.
    pub keep_alive: Duration,
    /// A client connection over HTTP/1 with nothing in it for so long keeps no buffers until its next request. Short
    /// beside the pauses of people, long beside those of programs, to which a new start would be a cost.
    pub rest_after: Duration,
    /// How large the head of a request may be, in bytes (at least 8192).
    pub max_header_bytes: usize,
    /// The clock for latencies, ejections and rates.
    pub clock: Clock,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            shared: SocketAddr::from((Ipv4Addr::LOCALHOST, 7400)),
            max_connections: 20_000,
            header_timeout: Duration::from_secs(15),
            keep_alive: Duration::from_secs(75),
            rest_after: Duration::from_millis(200),
            max_header_bytes: 32 * 1024,
            clock: Clock::system(),
        }
    }
}

/// Everything the gateway should do from now on.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct GatewayConfig {
    /// All routes, in any order.
    pub routes: Vec<Route>,
}

/// One way in: some host names, a loopback port or both, and where the requests go.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Route {
    /// Names the route across reloads; its counters live as long as the name does.
    pub id: String,
    /// Whose traffic this is, for metrics and error pages.
    pub owner: RouteOwner,
    /// Host names without a port, such as `web.storefront.localhost`, each with a path if the route has only what is
    /// below it: `storefront.localhost/api`. The path is passed on as it came; the longest one wins.
    pub hosts: Vec<String>,
    /// A loopback port of its own; 0 takes any free one and keeps it.
    pub listen: Option<u16>,
    /// Whether requests are understood or bytes are copied.
    pub protocol: RouteProtocol,
    /// How an instance is chosen within a deployment.
    pub balance: Balance,
    /// How long to wait for an instance.
    pub timeouts: Timeouts,
    /// When failures put an instance aside.
    pub ejection: Ejection,
    /// Whether to ask the instances how they are, and how.
    pub check: Option<HealthCheck>,
    /// Who answers, each with its share of the traffic.
    pub deployments: Vec<Deployment>,
}

impl Route {
    /// An HTTP route with no hosts, port or deployments yet, round robin, and default patience.
    pub fn http(id: impl Into<String>, owner: RouteOwner) -> Self {
        Self {
            id: id.into(),
            owner,
            hosts: Vec::new(),
            listen: None,
            protocol: RouteProtocol::Http,
            balance: Balance::RoundRobin,
            timeouts: Timeouts::default(),
            ejection: Ejection::default(),
            check: None,
            deployments: Vec::new(),
        }
    }

    /// A route that copies bytes from a port of its own.
    pub fn tcp(id: impl Into<String>, owner: RouteOwner, port: u16) -> Self {
        Self { protocol: RouteProtocol::Tcp, listen: Some(port), ..Self::http(id, owner) }
    }
}

/// Whose traffic a route carries.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RouteOwner {
    /// The app.
    pub app: String,
    /// The environment.
    pub environment: String,
    /// The workload.
    pub workload: String,
}

/// What travels over a route.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RouteProtocol {
    /// HTTP/1.1 and HTTP/2, WebSocket included.
    Http,
    /// Bytes.
    Tcp,
}

/// How long to wait for an instance.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Timeouts {
    /// For a connection.
    pub connect: Duration,
    /// For the head of the answer, counted from the last byte of the request that was sent on.
    pub response: Duration,
}

impl Default for Timeouts {
    fn default() -> Self {
        Self { connect: Duration::from_secs(2), response: Duration::from_secs(60) }
    }
}

/// When failures put an instance aside: connections refused or broken, silence, and the codes 500, 502, 503 and 504.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Ejection {
    /// So many failures in a row.
    pub after: u32,
    /// For how long the first time; each further time doubles it.
    pub base: Duration,
    /// Never longer than this.
    pub max: Duration,
}

impl Default for Ejection {
    fn default() -> Self {
        Self { after: 3, base: Duration::from_secs(1), max: Duration::from_secs(10) }
    }
}

/// A question that the gateway asks every instance of a route again and again.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct HealthCheck {
    /// What is asked.
    pub probe: HealthProbe,
    /// How often.
    pub interval: Duration,
    /// How long an answer may take.
    pub timeout: Duration,
    /// So many bad answers in a row take the instance out.
    pub unhealthy_after: u32,
    /// So many good answers in a row bring it back.
    pub healthy_after: u32,
}

/// What a check asks.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum HealthProbe {
    /// Whether it accepts a connection.
    Tcp,
    /// Whether `GET` of this path gives a code below 400.
    Http {
        /// The path, such as `/healthz`.
        path: String,
    },
}

/// Instances of one release behind a route.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Deployment {
    /// Names it in the status.
    pub id: String,
    /// Its share of the requests, relative to the others of the route; 0 gets none.
    pub weight: u32,
    /// Whether it has shown that it can answer.
    pub stage: Stage,
    /// Who answers.
    pub instances: Vec<Upstream>,
}

/// Whether a deployment has shown that it can answer. As long as one of a route is on trial, weights do not count.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Stage {
    /// It has.
    #[default]
    Proven,
    /// It gets the requests that may be sent again, and those that it cannot answer are sent to a proven one.
    Trial,
}

/// One process that answers.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Upstream {
    /// Names the instance across routes and reloads; what `drain` is given.
    pub id: String,
    /// Where it listens.
    pub addr: SocketAddr,
}

impl GatewayConfig {
    /// Refuses what contradicts itself, before anything is changed.
    pub(super) fn validate(&self) -> Result<(), ConfigError> {
        let (mut ids, mut hosts, mut ports) = (HashSet::new(), HashSet::new(), HashSet::new());
        for route in &self.routes {
            if !ids.insert(&route.id) {
                return Err(ConfigError::RouteTwice { route: route.id.clone() });
            }
            if route.protocol == RouteProtocol::Tcp && (route.listen.is_none() || !route.hosts.is_empty()) {
                return Err(ConfigError::TcpNeedsPort { route: route.id.clone() });
            }
            if let Some(host) = route.hosts.iter().find(|host| !hosts.insert(host_and_path(host))) {
                return Err(ConfigError::HostTwice { host: host.clone(), route: route.id.clone() });
            }
            if let Some(port) = route.listen.filter(|port| *port != 0 && !ports.insert(*port)) {
                return Err(ConfigError::PortTwice { port, route: route.id.clone() });
            }
        }
        Ok(())
    }
}
