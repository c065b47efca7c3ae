//! Circles: between workloads, between the parameters of resources, and in the start order of containers.

use std::collections::BTreeMap;

use appia_diag::{Code, Diagnostic, Diagnostics, Span, codes};
use appia_intent::{Address, Intent};

use super::references;

/// Edges by address, each with the place that makes it.
type Edges<'a> = BTreeMap<Address, Vec<(Address, &'a Span)>>;

/// Finds every circle once.
pub(super) fn check(intent: &Intent, sink: &mut Diagnostics) {
    report(&workload_edges(intent), codes::CALL_CYCLE, "workloads depend on each other in a circle", sink);
    report(
        &resource_edges(intent),
        codes::RESOURCE_CYCLE,
        "resources depend on each other in a circle",
        sink,
    );
    for workload in intent.workloads.values() {
        let mut edges: Edges<'_> = BTreeMap::new();
        for (name, container) in &workload.containers {
            let from = Address::parse(name.as_str());
            let later =
                container.before.iter().map(|(later, ready)| (Address::parse(later.as_str()), &ready.span));
            edges.insert(from, later.collect());
        }
        let message = format!("the containers of `{}` wait for each other in a circle", workload.name.value);
        report(&edges, codes::START_CYCLE, &message, sink);
    }
}

fn workload_edges(intent: &Intent) -> Edges<'_> {
    let mut edges: Edges<'_> = BTreeMap::new();
    for (name, workload) in &intent.workloads {
        let calls =
            workload.calls.iter().map(|(callee, call)| (Address::workload(callee), &call.visits.span));
        let mentions =
            references::in_workload(workload).into_iter().filter_map(|mention| match mention.reference {
                // Its own address is known to a workload before it starts: that is no dependency.
                appia_intent::Reference::Workload { name: callee, output }
                    if output != "release" && callee != name =>
                {
                    Some((Address::workload(callee), mention.span))
                }
                _ => None,
            });
        edges.insert(Address::workload(name), calls.chain(mentions).collect());
    }
    edges
}

fn resource_edges(intent: &Intent) -> Edges<'_> {
    let mut edges: Edges<'_> = BTreeMap::new();
    for (name, resource) in &intent.resources {
        let mentions =
            references::in_resource(resource).into_iter().filter_map(|mention| match mention.reference {
                appia_intent::Reference::Resource { name, .. } => {
                    Some((Address::resource(name), mention.span))
                }
                appia_intent::Reference::Workload { .. } => None,
            });
        edges.insert(Address::resource(name), mentions.collect());
    }
    edges
}

/// Depth-first search without recursion; a circle is told from its first address by name.
fn report(edges: &Edges<'_>, code: Code, message: &str, sink: &mut Diagnostics) {
    let mut finished: BTreeMap<&Address, bool> = BTreeMap::new();
    for start in edges.keys() {
        if finished.contains_key(start) {
            continue;
        }
        let mut path: Vec<(&Address, usize)> = vec![(start, 0)];
        finished.insert(start, false);
        while let Some((at, next)) = path.last_mut() {
            let edge = edges.get(*at).and_then(|targets| targets.get(*next));
            *next += 1;
            match edge {
                None => {
                    finished.insert(at, true);
                    path.pop();
                }
                Some((target, span)) => match finished.get(target) {
                    Some(true) => {}
                    Some(false) => sink.push(circle(&path, target, span, code, message)),
                    None if edges.contains_key(target) => {
                        finished.insert(target, false);
                        path.push((target, 0));
                    }
                    None => {}
                },
            }
        }
    }
}

fn circle(
    path: &[(&Address, usize)],
    target: &Address,
    span: &Span,
    code: Code,
    message: &str,
) -> Diagnostic {
    let inside = path.iter().map(|(address, _)| *address).skip_while(|address| *address != target);
    let names: Vec<&str> = inside.chain(std::iter::once(target)).map(Address::last).collect();
    Diagnostic::new(code, format!("{message}: {}", names.join(" -> ")))
        .at(span)
        .help("take one of these edges out, for example by a queue between the two or by merging them")
}
