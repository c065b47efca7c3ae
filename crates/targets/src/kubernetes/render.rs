//! Manifests as files: one for each workload and resource, with the reasons of their numbers on top, and a README with
//! what has to be there before they are applied.
//!
//! The order of files and documents depends on their names and kinds alone.

mod readme;

use std::collections::BTreeMap;

use appia_intent::Address;
use appia_plan::phase::{SizedApp, SizedResource, SizedWorkload};
use appia_plan::{Object, RenderedFiles};
use serde_json::Value;

use super::names::Names;
use super::{quantity, servers, yaml};
use crate::reasons::because;

/// Sorts before every other file, as what is in a namespace needs it to be there.
const NAMESPACE_FILE: &str = "00-namespace.yaml";

/// The order in which a reader meets the documents of a file; what is not here comes last.
const ORDER: &[&str] = &[
    "Namespace",
    "Deployment",
    "StatefulSet",
    "Job",
    "CronJob",
    "HorizontalPodAutoscaler",
    "Service",
    "Ingress",
    "ConfigMap",
    "PersistentVolumeClaim",
    "ServiceAccount",
    "PodDisruptionBudget",
    "NetworkPolicy",
];

/// Every file, by name.
pub(super) fn render(app: &SizedApp, objects: &[Object]) -> RenderedFiles {
    let names = Names::of(app);
    let mut groups: BTreeMap<String, Vec<&Object>> = BTreeMap::new();
    for object in objects {
        groups.entry(file_name(&names, app, &object.address)).or_default().push(object);
    }
    let mut files = RenderedFiles::new();
    for (name, mut group) in groups {
        group.sort_by_key(|object| (rank(&object.id.kind), &object.id));
        files.insert(name, file(app, &group).into_bytes());
    }
    files.insert("README.md".to_owned(), readme::readme(app, objects, &files).into_bytes());
    files
}

fn rank(kind: &str) -> usize {
    ORDER.iter().position(|known| *known == kind).unwrap_or(ORDER.len())
}

/// A workload and its route share a file.
fn file_name(names: &Names, app: &SizedApp, address: &Address) -> String {
    let workload = workload_at(app, address).map(|found| names.workload(&found.resolved.stated.name.value));
    let resource = resource_at(app, address).map(|found| names.resource(&found.resolved.stated.name.value));
    workload.or(resource).map_or_else(|| NAMESPACE_FILE.to_owned(), |name| format!("{name}.yaml"))
}

fn workload_at<'a>(app: &'a SizedApp, address: &Address) -> Option<&'a SizedWorkload> {
    let text = address.as_str();
    let name = text.strip_prefix("workloads.").or_else(|| text.strip_prefix("routes."))?;
    app.workloads.get(name)
}

fn resource_at<'a>(app: &'a SizedApp, address: &Address) -> Option<&'a SizedResource> {
    app.resources.get(address.as_str().strip_prefix("resources.")?)
}

fn file(app: &SizedApp, group: &[&Object]) -> String {
    let mut text = String::new();
    for line in header(app, group) {
        // A reason may quote what a person wrote; a comment is one line.
        text.push_str(&format!("# {}\n", line.split_whitespace().collect::<Vec<_>>().join(" ")));
    }
    let documents: Vec<String> = group.iter().map(|object| yaml::document(&object.body.to_value())).collect();
    text.push_str(&documents.join("---\n"));
    text
}

fn header(app: &SizedApp, group: &[&Object]) -> Vec<String> {
    let Some(first) = group.first() else { return Vec::new() };
    if let Some(workload) = workload_at(app, &first.address) {
        return of_workload(app, workload);
    }
    match resource_at(app, &first.address) {
        Some(resource) => of_resource(app, resource),
        None => vec![
            format!(
                "The namespace of `{}`. Pods in it run under the restricted pod security standard,",
                app.frame.app
            ),
            "and no connection is open that no other file opens.".to_owned(),
        ],
    }
}

fn of_workload(app: &SizedApp, workload: &SizedWorkload) -> Vec<String> {
    let stated = &workload.resolved.stated;
    let mut lines =
        vec![format!("`{}`, a {} of `{}`.", stated.name.value, stated.kind.value.as_str(), app.frame.app)];
    lines.push(because(app, "replicas", &workload.replicas, &workload.replicas.get().to_string()));
    if let Some(scale) = &workload.scale {
        lines.push(because(app, "replicas at least", &scale.floor, &scale.floor.get().to_string()));
    }
    for (name, sized) in &workload.containers {
        let of = |what: &str| format!("{what} of {name}");
        lines.push(because(app, &of("cpu"), &sized.cpu, &quantity::cpu(*sized.cpu.get())));
        if let Some(limit) = &sized.cpu_limit {
            lines.push(because(app, &of("cpu limit"), limit, &quantity::cpu(*limit.get())));
        }
        lines.push(because(app, &of("memory"), &sized.memory, &quantity::bytes(*sized.memory.get())));
        let limit = &sized.memory_limit;
        lines.push(because(app, &of("memory limit"), limit, &quantity::bytes(*limit.get())));
    }
    lines
}

fn of_resource(app: &SizedApp, resource: &SizedResource) -> Vec<String> {
    let stated = &resource.resolved.stated;
    let offered = &resource.resolved.offered;
    let mut lines = vec![format!(
        "`{}`, a {} of `{}`: {}.",
        stated.name.value, stated.kind.value, app.frame.app, offered.summary
    )];
    for (name, value) in &resource.values {
        let shown = value.get().as_str().map_or_else(|| value.get().to_string(), str::to_owned);
        lines.push(because::<Value>(app, name, value, &shown));
    }
    for spec in offered.params.iter().filter(|spec| !resource.values.contains_key(spec.name.as_ref())) {
        if let Some(default) =
            spec.default.as_ref().filter(|_| !stated.params.contains_key(spec.name.as_ref()))
        {
            lines.push(format!(
                "{}: {} because nothing is stated: {}",
                spec.name, default.value, default.source
            ));
        }
    }
    if let Some(server) = servers::of(resource) {
        lines.push(format!("cpu: {} because of {}", quantity::cpu(server.cpu.value), server.cpu.source));
        lines.push(format!(
            "memory: {} because of {}",
            quantity::bytes(server.memory.value),
            server.memory.source
        ));
    }
    lines
}
