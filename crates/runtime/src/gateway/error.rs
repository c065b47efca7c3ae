//! What can go wrong with the gateway as a whole. What goes wrong with one request is `problem.rs`.

use std::net::SocketAddr;

use thiserror::Error;

/// A configuration was refused; the one before stays in force, untouched.
#[derive(Debug, Error)]
pub enum ConfigError {
    /// Two routes have one name.
    #[error("route `{route}` is given twice; give each route its own name")]
    RouteTwice {
        /// The name.
        route: String,
    },
    /// Two routes claim one host name.
    #[error("host `{host}` of route `{route}` already belongs to another route; give each host to one route")]
    HostTwice {
        /// The host name.
        host: String,
        /// The second route.
        route: String,
    },
    /// Two routes claim one port.
    #[error("port {port} of route `{route}` already belongs to another route; give each port to one route")]
    PortTwice {
        /// The port.
        port: u16,
        /// The second route.
        route: String,
    },
    /// A route that copies bytes has no port, or has host names that bytes cannot carry.
    #[error("route `{route}` copies bytes, so it needs a port of its own and no host names")]
    TcpNeedsPort {
        /// The route.
        route: String,
    },
    /// A port could not be opened.
    #[error("cannot listen on {addr}; stop what listens there or choose another port")]
    Listen {
        /// Where.
        addr: SocketAddr,
        /// Why.
        #[source]
        source: std::io::Error,
    },
}
