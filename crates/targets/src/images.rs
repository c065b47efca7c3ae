//! What is said of images that can become others.
//!
//! Called by the lowering of each target that runs images; it never changes one.

use appia_diag::{Diagnostic, Diagnostics, codes};
use appia_intent::Container;
use appia_plan::phase::{SizedApp, SizedWorkload};

use crate::containers::image;

/// A warning for an image that is named by a tag.
pub(crate) fn mutable(container: &Container, image: &str) -> Option<Diagnostic> {
    if image.contains("@sha256:") {
        return None;
    }
    let message = format!("`{image}` can become another image: it has no digest");
    let mut warning = Diagnostic::new(codes::MUTABLE_IMAGE, message)
        .help(format!("write it as `{image}@sha256:...`, as your registry shows it"));
    warning.span = container.image.as_ref().map(|image| image.span.clone());
    Some(warning)
}

/// Warnings for every known image of a workload.
pub(crate) fn told(app: &SizedApp, workload: &SizedWorkload, sink: &mut Diagnostics) {
    let stated = &workload.resolved.stated;
    for container in stated.containers.values() {
        let known = image(&app.frame, stated, container);
        known.and_then(|image| mutable(container, image)).into_iter().for_each(|found| sink.push(found));
    }
}
