//! Start order inside of a workload: each container that another one waits for has to be there. Circles are found by
//! compile, together with all other circles.

use appia_diag::{Diagnostic, Diagnostics, codes};
use appia_intent::{ContainerName, Workload};

/// Reports names under `before` that are no containers of the workload.
pub(crate) fn check(workload: &Workload, sink: &mut Diagnostics) {
    for container in workload.containers.values() {
        for (later, ready) in &container.before {
            if workload.containers.contains_key(later) {
                continue;
            }
            let message = format!("`{}` has no container `{later}`", workload.name.value);
            let names = workload.containers.keys().filter(|name| **name != container.name.value);
            sink.push(
                Diagnostic::new(codes::UNKNOWN_CONTAINER, message)
                    .at(&ready.span)
                    .did_you_mean(later.as_str(), names.map(ContainerName::as_str))
                    .help(format!("`before` names containers that start after `{}`", container.name.value)),
            );
        }
    }
}
