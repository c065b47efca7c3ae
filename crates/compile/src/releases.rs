//! `${workloads.NAME.release}`: what runs of a workload, by content. Known as soon as the inputs are, so it is filled
//! in before any target sees the application.

use std::collections::BTreeMap;

use appia_diag::Diagnostics;
use appia_intent::{FileContent, Reference, Template, Workload, WorkloadName};
use appia_plan::phase::{SizedApp, SizedWorkload};

use crate::size::measured;

/// Digits of a content hash that people are shown.
const DIGITS: usize = 12;

/// Fills in the release of every workload wherever it is asked for.
pub(crate) fn settle(app: &mut SizedApp, sink: &mut Diagnostics) {
    let releases: BTreeMap<WorkloadName, String> =
        app.workloads.iter().map(|(name, workload)| (name.clone(), release(workload))).collect();
    measured::tell_stale(app, |name| releases.get(name).cloned(), sink);
    let fill = |template: &mut Template| *template = template.fill(|reference| known(&releases, reference));
    for workload in app.workloads.values_mut() {
        templates(&mut workload.resolved.stated).into_iter().for_each(fill);
    }
}

fn known(releases: &BTreeMap<WorkloadName, String>, reference: &Reference) -> Option<String> {
    match reference {
        Reference::Workload { name, output } if output == "release" => releases.get(name).cloned(),
        Reference::Workload { .. } | Reference::Resource { .. } => None,
    }
}

fn templates(workload: &mut Workload) -> Vec<&mut Template> {
    let mut found = Vec::new();
    for container in workload.containers.values_mut() {
        found.extend(container.env.values_mut().map(|value| &mut value.value));
        found.extend(container.files.values_mut().filter_map(|file| match &mut file.value.content {
            FileContent::Text(template) => Some(template),
            FileContent::Binary(_) => None,
        }));
    }
    found
}

/// The artefacts of its containers, else their images.
fn release(workload: &SizedWorkload) -> String {
    let parts = workload.resolved.stated.containers.iter().filter_map(|(name, container)| {
        let artifact = workload.containers.get(name).and_then(|sized| sized.artifact.as_ref());
        let image = container.image.as_ref().map(|image| image.value.clone());
        artifact.map(|id| id.0.trim_start_matches("sha256:").chars().take(DIGITS).collect()).or(image)
    });
    let parts: Vec<String> = parts.collect();
    if parts.is_empty() { "unbuilt".to_owned() } else { parts.join("+") }
}
