//! What this machine does not do of what is asked for: said, so that nobody finds out by surprise.

use appia_diag::{Diagnostic, Diagnostics, Severity, codes};
use appia_intent::{Protocol, Workload};

/// The way out for what needs a container engine.
const PROCESSES: &str = "on this machine programs run as plain processes: give it a `build`, or `appia export --target kubernetes`";

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
        if let Some(image) = &container.image
            && container.build.is_none()
        {
            let (name, image_name) = (&workload.name.value, &image.value);
            let message =
                format!("`{name}` runs the image `{image_name}`, which `appia up` cannot start here");
            let finding = Diagnostic::new(codes::NO_CONTAINER_ENGINE, message).at(&image.span);
            sink.push(Diagnostic { severity: Severity::Warning, ..finding.help(PROCESSES) });
        }
        // An absolute path is mounted as it should be; a relative one is a link to the folder.
        let linked = |path: &str| !path.starts_with('/');
        for (path, mount) in
            container.volumes.iter().filter(|(path, mount)| mount.value.read_only && linked(path))
        {
            let message = format!("`{}` can write to the volume at `{path}` here", workload.name.value);
            let warning = Diagnostic::new(codes::TARGET_IGNORES, message).at(&mount.span);
            sink.push(warning.help(format!(
                "on this machine a relative path leads to the volume itself; `/{path}` keeps it"
            )));
        }
    }
}
