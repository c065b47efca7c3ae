//! Start order inside of a workload: a container that is waited for has to be there and able to say that it is ready.
//! Circles are found by compile, together with all other circles.

use appia_diag::{Diagnostic, Diagnostics, Severity, Span, codes};
use appia_intent::{Container, ContainerName, Ready, Workload};

/// Reports names under `before` that are no containers, and health that no probe can tell.
pub(crate) fn check(workload: &Workload, sink: &mut Diagnostics) {
    for container in workload.containers.values() {
        for (later, ready) in &container.before {
            if !workload.containers.contains_key(later) {
                sink.push(unknown(workload, container, (later, &ready.span)));
            } else if ready.value == Ready::Healthy && container.probes.readiness.is_none() {
                sink.push(no_probe(container, (later, &ready.span)));
            }
        }
    }
}

fn unknown(workload: &Workload, container: &Container, (later, span): (&ContainerName, &Span)) -> Diagnostic {
    let names = workload.containers.keys().filter(|name| **name != container.name.value);
    Diagnostic::new(codes::UNKNOWN_CONTAINER, format!("`{}` has no container `{later}`", workload.name.value))
        .at(span)
        .did_you_mean(later.as_str(), names.map(ContainerName::as_str))
        .help(format!("`before` names containers that start after `{}`", container.name.value))
}

fn no_probe(container: &Container, (later, span): (&ContainerName, &Span)) -> Diagnostic {
    let name = &container.name.value;
    let message = format!("`{later}` waits until `{name}` is healthy, and `{name}` has no readiness probe");
    let mut finding = Diagnostic::new(codes::MISSING_KEY, message)
        .at(span)
        .help("add a readiness probe, or wait for `started`");
    finding.severity = Severity::Warning;
    finding
}
