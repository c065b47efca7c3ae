//! What containers find in their file systems: each mount is of something that can be mounted, and each path is one thing.

use std::collections::BTreeMap;

use appia_diag::{Diagnostic, Diagnostics, Span, codes};
use appia_intent::{Container, Intent, ResourceName, VolumeSource};
use appia_plan::{Derived, Offering, Provides};

/// Types that can be mounted: what exists already may be anything.
const MOUNTABLE: [&str; 2] = ["volume", "external"];

/// Checks every container.
pub(super) fn check(intent: &Intent, offered: &[(Derived<String>, Offering)], sink: &mut Diagnostics) {
    let kinds: BTreeMap<&ResourceName, &Offering> =
        intent.resources.keys().zip(offered.iter().map(|(_, offering)| offering)).collect();
    for container in intent.workloads.values().flat_map(|workload| workload.containers.values()) {
        paths(container, sink);
        for mount in container.volumes.values() {
            if let VolumeSource::Resource(name) = &mount.value.source
                && let Some(Offering { provides: Provides::Resource(kind), .. }) = kinds.get(name)
                && !MOUNTABLE.contains(&kind.as_ref())
            {
                sink.push(
                    Diagnostic::new(
                        codes::WRONG_TYPE,
                        format!("`{name}` is a `{kind}`, which cannot be mounted"),
                    )
                    .at(&mount.span)
                    .help("mount a resource of type `volume`, and reach this one by its outputs in `env`"),
                );
            }
        }
    }
}

/// A file and a volume, or two of either, at one path.
fn paths(container: &Container, sink: &mut Diagnostics) {
    let files = container.files.iter().map(|(path, file)| (path, &file.span));
    let volumes = container.volumes.iter().map(|(path, mount)| (path, &mount.span));
    let mut taken: BTreeMap<&str, &Span> = BTreeMap::new();
    for (path, span) in files.chain(volumes) {
        let place = path.trim_end_matches('/');
        if let Some(first) = taken.insert(place, span) {
            let message = format!("two things stand at `{path}` in the container `{}`", container.name.value);
            sink.push(
                Diagnostic::new(codes::DUPLICATE_NAME, message)
                    .at(span)
                    .related(first, "the other one")
                    .help("give each file and each volume a path of its own"),
            );
        }
    }
}
