//! What this machine does not do of what is asked for: said, so that nobody finds out by surprise.

use appia_diag::{Diagnostic, Diagnostics, codes};
use appia_intent::{Protocol, Workload};

/// A warning for each wish of a workload that is not kept here.
pub(super) fn tell(workload: &Workload, sink: &mut Diagnostics) {
    for (name, port) in &workload.ports {
        if port.protocol == Protocol::Udp {
            let message = format!("nothing leads to the UDP port `{name}` of `{}` here", workload.name.value);
            let warning = Diagnostic::new(codes::TARGET_IGNORES, message).at(&port.port.span);
            sink.push(warning.help("on this machine the gateway carries HTTP and TCP only"));
        }
    }
    for container in workload.containers.values() {
        for (path, mount) in container.volumes.iter().filter(|(_, mount)| mount.value.read_only) {
            let message = format!("`{}` can write to the volume at `{path}` here", workload.name.value);
            let warning = Diagnostic::new(codes::TARGET_IGNORES, message).at(&mount.span);
            sink.push(
                warning.help("on this machine a volume is a folder, and programs run as the same user"),
            );
        }
    }
}
