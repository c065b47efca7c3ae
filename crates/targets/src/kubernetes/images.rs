//! Which image a container runs, and what to say when it is not fixed or not known.

use appia_diag::{Diagnostic, Diagnostics, Severity, codes};
use appia_intent::Container;
use appia_plan::phase::SizedWorkload;

use super::scope::Scope;
use crate::containers::image as known;
use crate::images::mutable;

/// Stands where your registry's name goes; nothing ever answers at `.invalid` (RFC 6761, section 6.4).
pub(super) const REGISTRY: &str = "registry.invalid";

/// The image of a container: the one given or stated, else the name that its build has to be pushed as.
pub(super) fn image(
    scope: &Scope<'_>,
    workload: &SizedWorkload,
    container: &Container,
    sink: &mut Diagnostics,
) -> String {
    let stated = &workload.resolved.stated;
    let Some(image) = known(&scope.app.frame, stated, container) else {
        let image = built(scope, workload, container);
        sink.push(needed(workload, container, &image));
        return image;
    };
    mutable(container, image).into_iter().for_each(|found| sink.push(found));
    image.to_owned()
}

/// Named by what is in it, so that it never means something else.
fn built(scope: &Scope<'_>, workload: &SizedWorkload, container: &Container) -> String {
    let stated = &workload.resolved.stated;
    let artifact = workload.containers.get(&container.name.value).and_then(|sized| sized.artifact.as_ref());
    let tag: String = artifact.map_or_else(
        || "unbuilt".to_owned(),
        |artifact| {
            let hash = artifact.0.rsplit(':').next().unwrap_or_default();
            hash.chars().filter(|one| one.is_ascii_alphanumeric() || *one == '-').take(64).collect()
        },
    );
    let mut name = format!("{}-{}", scope.app.frame.app, stated.name.value);
    if stated.containers.len() > 1 {
        name = format!("{name}-{}", container.name.value);
    }
    format!("{REGISTRY}/{name}:{tag}")
}

fn needed(workload: &SizedWorkload, container: &Container, image: &str) -> Diagnostic {
    let name = &workload.resolved.stated.name.value;
    let message = format!(
        "a cluster runs images, and none is known for container `{}` of `{name}`",
        container.name.value
    );
    let span = container.build.as_ref().map_or(&container.name.span, |build| &build.span);
    let mut warning = Diagnostic::new(codes::IMAGE_NEEDED, message)
        .at(span)
        .help(format!("build and push it, then pass `--image {name}=IMAGE`"))
        .help(format!("until then `{image}` stands in its place"));
    warning.severity = Severity::Warning;
    warning
}
