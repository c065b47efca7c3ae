//! Ports and hosts that two things ask for.

use std::collections::BTreeMap;

use appia_diag::{Diagnostic, Diagnostics, Span, codes};
use appia_intent::{Intent, Workload};

/// Finds conflicts inside each workload and between public routes.
pub(super) fn check(intent: &Intent, sink: &mut Diagnostics) {
    for workload in intent.workloads.values() {
        within(workload, sink);
        sink.extend(unanswered(workload).into_iter().collect());
    }
    hosts(intent, sink);
}

/// Two names for one port of a workload.
fn within(workload: &Workload, sink: &mut Diagnostics) {
    let mut callers: BTreeMap<(u16, bool), (&str, &Span)> = BTreeMap::new();
    for (name, port) in &workload.ports {
        let datagrams = port.protocol == appia_intent::Protocol::Udp;
        let key = (port.port.value, datagrams);
        if let Some((other, span)) = callers.insert(key, (name.as_str(), &port.port.span)) {
            sink.push(
                Diagnostic::new(
                    codes::PORT_CONFLICT,
                    format!("ports `{other}` and `{name}` of `{}` are both {}", workload.name.value, key.0),
                )
                .at(&port.port.span)
                .related(span, "also here")
                .help("give each port of a workload a number of its own"),
            );
        }
    }
}

/// What is public is reached by HTTP. Without any port it has been reported already.
fn unanswered(workload: &Workload) -> Option<Diagnostic> {
    let public = workload.public.as_ref()?;
    let speaks_http = workload.ports.values().any(|port| port.protocol == appia_intent::Protocol::Http);
    if workload.ports.is_empty() || speaks_http {
        return None;
    }
    let message = format!("`{}` is public, and none of its ports speaks HTTP", workload.name.value);
    let finding = Diagnostic::new(codes::NOT_CALLABLE, message).at(&public.span);
    Some(finding.help("give it a port with `protocol: http`, or take `public` away"))
}

/// Two public workloads that ask for the same host and path.
fn hosts(intent: &Intent, sink: &mut Diagnostics) {
    let mut taken: BTreeMap<(&str, &str), (&str, &Span)> = BTreeMap::new();
    for workload in intent.workloads.values() {
        let Some(exposure) = &workload.public else { continue };
        let Some(host) = &exposure.value.host else { continue };
        let path = exposure.value.path.as_ref().map_or("/", |path| path.value.as_str());
        let name = workload.name.value.as_str();
        if let Some((other, span)) = taken.insert((host.value.as_str(), path), (name, &host.span)) {
            sink.push(
                Diagnostic::new(
                    codes::PORT_CONFLICT,
                    format!("`{other}` and `{name}` both ask for `{}{path}`", host.value),
                )
                .at(&host.span)
                .related(span, "also here")
                .help("give one of them another `host` or `path`"),
            );
        }
    }
}
