//! `workloads`: kinds, ports, calls and what a kind asks for.

use std::collections::BTreeMap;

use appia_diag::{Diagnostic, Severity, Span, Spanned, codes};
use appia_intent::{
    Balance, Call, Container, ContainerName, Exposure, Port, PortName, Protocol, ResourceName, Use, Workload,
    WorkloadKind, WorkloadName,
};

use super::Reader;
use crate::value;
use crate::yaml::{Entry, Node, Value};

/// The name of the one container and of the one port in the short form.
const MAIN: &str = "main";
const HTTP: &str = "http";

/// Where kinds listen that always answer HTTP: above 1023, so that no privilege is needed.
const IMPLIED_PORT: u16 = 8080;

impl Reader<'_> {
    pub(super) fn workloads(&mut self, node: Option<&Node>) -> BTreeMap<WorkloadName, Workload> {
        let entries = node.map(Node::entries).unwrap_or_default();
        if let (Some(node), true) = (node, entries.is_empty())
            && matches!(node.value, Value::Map(_))
        {
            self.sink.push(
                Diagnostic::new(codes::MISSING_KEY, "`workloads` names no workload")
                    .at(&node.span)
                    .help("add one, such as `web: { build: ./web, port: 3000 }`"),
            );
        }
        entries.iter().filter_map(|entry| self.workload(entry)).map(|w| (w.name.value.clone(), w)).collect()
    }

    fn workload(&mut self, entry: &Entry) -> Option<Workload> {
        let node = &entry.value;
        let name = WorkloadName::new(&entry.key.value).ok()?;
        let mut ports = ports(node);
        let stated = value::word(node.get("type"), WorkloadKind::ALL);
        if let (Some(stated), true) = (&stated, ports.is_empty()) {
            ports.extend(implied_port(stated));
        }
        let kind = stated.unwrap_or_else(|| {
            let kind = if ports.is_empty() { WorkloadKind::Worker } else { WorkloadKind::Service };
            Spanned::new(kind, entry.key.span.clone())
        });
        let workload = Workload {
            name: Spanned::new(name, entry.key.span.clone()),
            kind,
            containers: self.containers(entry),
            ports,
            public: node.get("public").and_then(exposure),
            calls: calls(node.get("calls")),
            uses: uses(node.get("uses")),
            replicas: value::integer(node.get("replicas")),
            share: value::parsed(node.get("share")),
            payload: value::parsed(node.get("payload")),
            schedule: value::text(node.get("schedule")),
            balance: value::word(node.get("balance"), Balance::ALL),
            watch: value::parsed(node.get("watch")),
            annotations: value::texts(node.get("annotations")),
        };
        // A kind that could not be read was reported; what follows from the one that stands in for it says nothing.
        if node.get("type").is_none() || value::word(node.get("type"), WorkloadKind::ALL).is_some() {
            self.kind_rules(&workload, node);
        }
        crate::before::check(&workload, self.sink);
        Some(workload)
    }

    fn containers(&mut self, entry: &Entry) -> BTreeMap<ContainerName, Box<Container>> {
        let node = &entry.value;
        let Some(list) = node.get("containers") else {
            let main = ContainerName::new(MAIN).ok().map(|name| Spanned::new(name, entry.key.span.clone()));
            return main
                .filter(|_| matches!(node.value, Value::Map(_)))
                .map(|name| (name.value.clone(), Box::new(self.container(name, node))))
                .into_iter()
                .collect();
        };
        let mut containers = BTreeMap::new();
        for entry in list.entries() {
            if let Ok(name) = ContainerName::new(&entry.key.value) {
                let name = Spanned::new(name, entry.key.span.clone());
                containers.insert(name.value.clone(), Box::new(self.container(name, &entry.value)));
            }
        }
        containers
    }

    /// What a kind needs and what it cannot have.
    fn kind_rules(&mut self, workload: &Workload, node: &Node) {
        let name = &workload.name.value;
        let kind = workload.kind.value;
        let has_ports = node.get("port").is_some() || node.get("ports").is_some();
        let place = &workload.kind.span;
        if kind == WorkloadKind::Cron && node.get("schedule").is_none() {
            let message = format!("`{name}` is a `cron` and has no `schedule`");
            self.missing(message, place, "add `schedule: \"0 3 * * *\"` for 3 o'clock each day");
        }
        if kind == WorkloadKind::Service && !has_ports {
            let message = format!("`{name}` is a `service` and has no `port`");
            self.missing(message, place, "add `port: 8080`, or say `type: worker` when it takes no requests");
        }
        if let (Some(schedule), false) = (&workload.schedule, kind == WorkloadKind::Cron) {
            let message = format!("`{name}` has a `schedule` and is a `{}`", kind.as_str());
            self.sink.push(
                Diagnostic::new(codes::EXCLUSIVE_KEYS, message).at(&schedule.span).help("say `type: cron`"),
            );
        }
        if let Some(schedule) =
            workload.schedule.as_ref().filter(|when| value::cron::never_comes(&when.value))
        {
            let message = format!("`{}` never comes: no such month has such a day", schedule.value);
            let finding = Diagnostic::new(codes::OUT_OF_RANGE, message).at(&schedule.span);
            let finding = finding.help("the last day that every month has is 28");
            self.sink.push(Diagnostic { severity: Severity::Warning, ..finding });
        }
        let answers = matches!(kind, WorkloadKind::Service | WorkloadKind::Function | WorkloadKind::Site);
        if let (Some(public), false) = (&workload.public, answers)
            && !has_ports
        {
            let message = format!("`{name}` is public and has no `port`");
            self.missing(message, &public.span, "add `port: 8080`, or take `public` away");
        }
    }

    fn missing(&mut self, message: String, span: &Span, help: &str) {
        self.sink.push(Diagnostic::new(codes::MISSING_KEY, message).at(span).help(help));
    }
}

/// Kinds that always answer HTTP need no port of their own to be named: the platform listens for them.
fn implied_port(kind: &Spanned<WorkloadKind>) -> Option<(PortName, Port)> {
    match kind.value {
        WorkloadKind::Site | WorkloadKind::Function => {
            let port = Spanned::new(IMPLIED_PORT, kind.span.clone());
            Some((PortName::new(HTTP).ok()?, Port { port, target: None, protocol: Protocol::Http }))
        }
        WorkloadKind::Service | WorkloadKind::Worker | WorkloadKind::Job | WorkloadKind::Cron => None,
    }
}

fn ports(node: &Node) -> BTreeMap<PortName, Port> {
    let mut ports = BTreeMap::new();
    if let (Some(port), Ok(name)) = (value::integer(node.get("port")), PortName::new(HTTP)) {
        ports.insert(name, Port { port, target: None, protocol: Protocol::Http });
    }
    for entry in node.get("ports").map(Node::entries).unwrap_or_default() {
        if let (Ok(name), Some(port)) = (PortName::new(&entry.key.value), port(&entry.value)) {
            ports.insert(name, port);
        }
    }
    ports
}

fn port(node: &Node) -> Option<Port> {
    if let Value::Map(_) = node.value {
        let protocol = value::word(node.get("protocol"), Protocol::ALL);
        return Some(Port {
            port: value::integer(node.get("port"))?,
            target: value::integer(node.get("target")),
            protocol: protocol.map_or(Protocol::Http, |protocol| protocol.value),
        });
    }
    Some(Port { port: value::integer(Some(node))?, target: None, protocol: Protocol::Http })
}

fn exposure(node: &Node) -> Option<Spanned<Exposure>> {
    let exposure = match (&node.value, value::flag(Some(node))) {
        (Value::Map(_), _) => {
            // Names are the same in capitals, and most of what routes wants them small.
            let host = value::text(node.get("host")).map(|host| host.map(|name| name.to_ascii_lowercase()));
            Exposure { host, path: value::text(node.get("path")) }
        }
        (_, Some(true)) => Exposure::default(),
        _ => return None,
    };
    Some(Spanned::new(exposure, node.span.clone()))
}

fn calls(node: Option<&Node>) -> BTreeMap<WorkloadName, Call> {
    named(node, |name, node| {
        let call = match node {
            Some(node) if matches!(node.value, Value::Map(_)) => Call {
                visits: value::parsed(node.get("visits"))
                    .unwrap_or_else(|| Spanned::new(1.0, node.span.clone())),
                parallel: value::flag(node.get("parallel")).unwrap_or(false),
            },
            Some(node) => Call { visits: value::parsed(Some(node))?, parallel: false },
            None => Call { visits: Spanned::new(1.0, name.span.clone()), parallel: false },
        };
        Some((WorkloadName::new(&name.value).ok()?, call))
    })
}

fn uses(node: Option<&Node>) -> BTreeMap<ResourceName, Use> {
    named(node, |name, node| {
        let span = name.span.clone();
        let used = match node {
            Some(node) if matches!(node.value, Value::Map(_)) => Use {
                span,
                visits: value::parsed(node.get("visits")),
                demand: value::parsed(node.get("demand")),
            },
            Some(node) => Use { span, visits: value::parsed(Some(node)), demand: None },
            None => Use { span, visits: None, demand: None },
        };
        Some((ResourceName::new(&name.value).ok()?, used))
    })
}

/// A list of names, or a mapping from names.
fn named<K: Ord, V>(
    node: Option<&Node>,
    read: impl Fn(Spanned<String>, Option<&Node>) -> Option<(K, V)>,
) -> BTreeMap<K, V> {
    let Some(node) = node else { return BTreeMap::new() };
    let listed = node.items().iter().filter_map(|item| read(value::text(Some(item))?, None));
    let mapped = node.entries().iter().filter_map(|entry| read(entry.key.clone(), Some(&entry.value)));
    listed.chain(mapped).collect()
}
