//! What this machine does not do of what is asked for: said, so that nobody finds out by surprise.

use appia_diag::{Diagnostic, Diagnostics, codes};
use appia_intent::{Protocol, Workload};

/// A finding for each wish of a workload that is not kept here.
pub(super) fn tell(workload: &Workload, sink: &mut Diagnostics) {
    for (name, port) in &workload.ports {
        if port.protocol == Protocol::Udp {
            let message = format!("nothing leads to the UDP port `{name}` of `{}` here", workload.name.value);
            let warning = Diagnostic::new(codes::TARGET_IGNORES, message).at(&port.port.span);
            sink.push(warning.help("on this machine the gateway carries HTTP and TCP only"));
        }
    }
    for container in workload.containers.values() {
        let files = container.files.iter().map(|(path, file)| (path, &file.span));
        let volumes = container.volumes.iter().map(|(path, mount)| (path, &mount.span));
        // An image brings a file system of its own.
        let shares = container.image.is_none();
        for (path, span) in files.chain(volumes).filter(|(path, _)| shares && path.starts_with('/')) {
            let message = format!("`{path}` would be the machine's own: programs here share one file system");
            let relative = path.trim_start_matches('/');
            sink.push(
                Diagnostic::new(codes::TARGET_CANNOT, message)
                    .at(span)
                    .help(format!("write `{relative}`, which is inside of the program's own folder")),
            );
        }
        for (path, mount) in container.volumes.iter().filter(|(_, mount)| mount.value.read_only) {
            let message = format!("`{}` can write to the volume at `{path}` here", workload.name.value);
            let warning = Diagnostic::new(codes::TARGET_IGNORES, message).at(&mount.span);
            sink.push(
                warning.help("on this machine a volume is a folder, and programs run as the same user"),
            );
        }
    }
}
