//! `service.ports`, and what is spoken on them.
//!
//! Score knows TCP and UDP only. A TCP port is read as HTTP when something says so: its name (`http`, `web`, `www`,
//! `grpc`, `api`, ...), its usual number, an `httpGet` probe on the port the program listens on, or a resource of
//! type `route` that names it. Everything else stays TCP.

use std::collections::BTreeMap;

use appia_intent::{Port, PortName, Protocol};

use super::Document;
use crate::value;
use crate::yaml::{Entry, Node};

const HTTP_NAMES: [&str; 9] = ["http", "http2", "web", "www", "grpc", "api", "rest", "graphql", "ui"];
const HTTP_PORTS: [u16; 6] = [80, 3000, 5000, 8000, 8080, 8081];

pub(super) fn ports(document: &Document) -> BTreeMap<PortName, Port> {
    let ports = document.root.get("service").and_then(|service| service.get("ports"));
    let entries = ports.map(Node::entries).unwrap_or_default();
    entries.iter().filter_map(|entry| port(document, entry)).collect()
}

fn port(document: &Document, entry: &Entry) -> Option<(PortName, Port)> {
    let name = PortName::new(&entry.key.value).ok()?;
    let port = value::integer(entry.value.get("port"))?;
    let target = value::integer(entry.value.get("targetPort"));
    let listens = target.as_ref().unwrap_or(&port).value;
    let udp = entry.value.get("protocol").and_then(Node::text) == Some("UDP");
    let http = HTTP_PORTS.contains(&port.value)
        || name.as_str().split('-').any(|part| HTTP_NAMES.contains(&part))
        || is_probed(document, listens)
        || is_routed(document, name.as_str(), port.value);
    let protocol = match (udp, http) {
        (true, _) => Protocol::Udp,
        (false, true) => Protocol::Http,
        (false, false) => Protocol::Tcp,
    };
    Some((name, Port { port, target, protocol }))
}

fn is_probed(document: &Document, listens: u16) -> bool {
    let containers = document.root.get("containers").map(Node::entries).unwrap_or_default();
    let probed = |container: &Node, probe: &str| {
        let port =
            container.get(probe).and_then(|probe| probe.get("httpGet")).and_then(|http| http.get("port"));
        value::integer::<u16>(port).is_some_and(|port| port.value == listens)
    };
    containers
        .iter()
        .any(|entry| ["livenessProbe", "readinessProbe"].iter().any(|probe| probed(&entry.value, probe)))
}

fn is_routed(document: &Document, name: &str, port: u16) -> bool {
    document.resources().iter().any(|entry| {
        let routed = entry.value.get("params").and_then(|params| params.get("port")).and_then(Node::text);
        let route = entry.value.get("type").and_then(Node::text) == Some("route");
        route && routed.is_some_and(|routed| routed == name || routed == port.to_string())
    })
}
