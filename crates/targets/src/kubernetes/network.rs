//! NetworkPolicies: everything is closed, then each declared call is opened on its ports at both ends.
//!
//! A workload that calls nothing may send nothing; one that uses something outside of the application may send to its
//! port anywhere, as a policy knows addresses and not names. Called by `lower`.

use std::collections::{BTreeMap, BTreeSet};

use appia_intent::{Address, PortName};
use appia_plan::phase::{SizedResource, SizedWorkload};
use appia_plan::{Object, ObjectId};

use super::manifest::{Peer, PeerSelector, PolicyPort, PolicyRule, PolicySpec, Spec};
use super::names::DEFAULT_DENY;
use super::scope::{Kind, Part, Scope};
use super::servers;
use super::service::protocol;
use crate::containers::target_port;
use crate::hosts;

/// The policy that closes what no other opens.
pub(super) fn default_deny(scope: &Scope<'_>) -> Object {
    let part = Part {
        name: DEFAULT_DENY.to_owned(),
        component: "network".to_owned(),
        address: Address::parse("app"),
    };
    let spec = PolicySpec {
        pod_selector: scope.all_pods(),
        policy_types: vec!["Ingress", "Egress"],
        ingress: Vec::new(),
        egress: Vec::new(),
    };
    scope.object(&part, Kind::NETWORK_POLICY, Spec { spec })
}

/// What a workload may take and send.
pub(super) fn of_workload(scope: &Scope<'_>, part: &Part, workload: &SizedWorkload) -> Object {
    let spec = PolicySpec {
        pod_selector: scope.selector(&part.name),
        policy_types: vec!["Ingress", "Egress"],
        ingress: taken(scope, workload),
        egress: sent(scope, workload),
    };
    scope.object(part, Kind::NETWORK_POLICY, Spec { spec })
}

/// What a server that we run may take; it sends nothing.
pub(super) fn of_server(scope: &Scope<'_>, part: &Part, (resource, port): (&SizedResource, u16)) -> Object {
    let name = &resource.resolved.stated.name.value;
    let from: Vec<Peer> = scope.reach.users(name).map(|workload| peer_of(scope, workload)).collect();
    let ports = vec![PolicyPort { port, protocol: "TCP" }];
    let spec = PolicySpec {
        pod_selector: scope.selector(&part.name),
        policy_types: vec!["Ingress", "Egress"],
        // A rule without peers would let everybody in.
        ingress: if from.is_empty() { Vec::new() } else { vec![PolicyRule { from, to: Vec::new(), ports }] },
        egress: Vec::new(),
    };
    scope.object(part, Kind::NETWORK_POLICY, Spec { spec })
}

/// The policy of a part, which has to be there before its pods.
pub(super) fn id(part: &Part) -> ObjectId {
    ObjectId::new(Kind::NETWORK_POLICY.1, part.name.as_str())
}

fn taken(scope: &Scope<'_>, workload: &SizedWorkload) -> Vec<PolicyRule> {
    let name = &workload.resolved.stated.name.value;
    // Those who may come to the same ports share a rule.
    let mut by_ports: BTreeMap<Vec<PolicyPort>, Vec<Peer>> = BTreeMap::new();
    for (caller, meant) in scope.reach.callers(name) {
        by_ports.entry(ports(workload, meant)).or_default().push(peer_of(scope, caller));
    }
    by_ports.remove([].as_slice());
    let mut rules: Vec<PolicyRule> =
        by_ports.into_iter().map(|(ports, from)| PolicyRule { from, to: Vec::new(), ports }).collect();
    let opened = open_ports(scope, workload);
    if !opened.is_empty() {
        rules.push(PolicyRule { ports: opened, ..PolicyRule::default() });
    }
    rules
}

/// Ports that an Ingress leads to; its controller may stand anywhere.
fn open_ports(scope: &Scope<'_>, workload: &SizedWorkload) -> Vec<PolicyPort> {
    let stated = &workload.resolved.stated;
    let public = stated.public.as_ref().and_then(|_| hosts::port(workload, None));
    let routes = scope.reach.routes(&stated.name.value);
    let routed =
        routes.filter_map(|route| hosts::port(workload, crate::params::text(route, "port").as_deref()));
    let mut opened: Vec<PolicyPort> = public
        .into_iter()
        .chain(routed)
        .filter_map(|name| stated.ports.get(name))
        .map(|port| PolicyPort { port: target_port(port), protocol: protocol(port.protocol) })
        .collect();
    opened.sort();
    opened.dedup();
    opened
}

fn sent(scope: &Scope<'_>, workload: &SizedWorkload) -> Vec<PolicyRule> {
    let own = &workload.resolved.stated.name.value;
    let Some(reached) = scope.reach.reached_by(own) else { return Vec::new() };
    let mut rules = Vec::new();
    for (name, meant) in reached.workloads.iter().filter(|(name, _)| **name != own) {
        let called = scope.app.workloads.get(*name);
        let ports = called.map(|called| ports(called, meant)).unwrap_or_default();
        if !ports.is_empty() {
            rules.push(PolicyRule {
                from: Vec::new(),
                to: vec![peer(scope, scope.names.workload(name))],
                ports,
            });
        }
    }
    for resource in reached.resources.iter().filter_map(|name| scope.app.resources.get(*name)) {
        rules.extend(to_resource(scope, resource));
    }
    rules.dedup();
    if !rules.is_empty() {
        rules.insert(0, to_names());
    }
    rules
}

fn to_resource(scope: &Scope<'_>, resource: &SizedResource) -> Option<PolicyRule> {
    if let Some(server) = servers::of(resource) {
        let to = vec![peer(scope, &scope.resource(resource).name)];
        let ports = vec![PolicyPort { port: server.port, protocol: "TCP" }];
        return Some(PolicyRule { from: Vec::new(), to, ports });
    }
    let kinds = ["volume", "dns", "route"];
    let found = hosts::leads_to(scope.app, resource).is_some();
    let inside = found || kinds.iter().any(|kind| hosts::is(resource, kind));
    let port = resource.resolved.stated.outputs.get("port").and_then(|port| scope.plain(&port.value));
    let port = port.and_then(|port| port.parse().ok()).map(|port| PolicyPort { port, protocol: "TCP" });
    (!inside).then(|| PolicyRule { ports: port.into_iter().collect(), ..PolicyRule::default() })
}

/// Names have to be found first; which pods answer differs from cluster to cluster.
fn to_names() -> PolicyRule {
    let ports = ["UDP", "TCP"].map(|protocol| PolicyPort { port: 53, protocol });
    PolicyRule { ports: ports.into(), ..PolicyRule::default() }
}

fn ports(workload: &SizedWorkload, meant: &BTreeSet<&PortName>) -> Vec<PolicyPort> {
    let ports = meant.iter().filter_map(|name| workload.resolved.stated.ports.get(*name));
    let mut lowered: Vec<PolicyPort> =
        ports.map(|port| PolicyPort { port: target_port(port), protocol: protocol(port.protocol) }).collect();
    lowered.sort();
    lowered.dedup();
    lowered
}

fn peer_of(scope: &Scope<'_>, workload: &SizedWorkload) -> Peer {
    peer(scope, scope.names.workload(&workload.resolved.stated.name.value))
}

fn peer(scope: &Scope<'_>, name: &str) -> Peer {
    Peer { pod_selector: PeerSelector { match_labels: scope.selector(name).match_labels } }
}
