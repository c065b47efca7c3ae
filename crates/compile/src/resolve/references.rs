//! Placeholders, calls, uses and mounts: each has to name something that is there.

use std::collections::{BTreeMap, BTreeSet};

use appia_diag::{Diagnostic, Diagnostics, Span, codes};
use appia_intent::{
    Address, FileContent, Intent, Reference, Resource, ResourceName, Template, VolumeSource, Workload,
};
use appia_plan::{Derived, Offering, Provides};

/// A placeholder and the place it stands in.
pub(super) struct Mention<'a> {
    /// What it names.
    pub(super) reference: &'a Reference,
    /// Where.
    pub(super) span: &'a Span,
}

/// Outputs of a workload that can be read without naming a port.
const WORKLOAD_OUTPUTS: &[&str] = &["url", "host", "port", "release"];

/// Checks every mention in the intent and says what is declared and never used.
pub(super) fn check(intent: &Intent, offered: &[(Derived<String>, Offering)], sink: &mut Diagnostics) {
    let bound = intent.resources.keys().zip(offered.iter().map(|(_, offering)| offering)).collect();
    let checker = Checker { intent, bound };
    for workload in intent.workloads.values() {
        in_workload(workload).iter().for_each(|mention| checker.mention(mention, sink));
        checker.calls(workload, sink);
        checker.uses(workload, sink);
        checker.mounts(workload, sink);
    }
    for resource in intent.resources.values() {
        in_resource(resource).iter().for_each(|mention| checker.mention(mention, sink));
    }
    checker.unused(sink);
}

/// Every placeholder of a workload.
pub(super) fn in_workload(workload: &Workload) -> Vec<Mention<'_>> {
    let mut found = Vec::new();
    for container in workload.containers.values() {
        container.env.values().for_each(|value| collect(&value.value, &value.span, &mut found));
        for file in container.files.values() {
            if let FileContent::Text(template) = &file.value.content {
                collect(template, &file.span, &mut found);
            }
        }
    }
    found
}

/// Every placeholder of a resource's parameters and stated outputs.
pub(super) fn in_resource(resource: &Resource) -> Vec<Mention<'_>> {
    let mut found = Vec::new();
    for param in resource.params.values() {
        param.value.templates().into_iter().for_each(|template| collect(template, &param.span, &mut found));
    }
    resource.outputs.values().for_each(|output| collect(&output.value, &output.span, &mut found));
    found
}

fn collect<'a>(template: &'a Template, span: &'a Span, found: &mut Vec<Mention<'a>>) {
    found.extend(template.references().map(|reference| Mention { reference, span }));
}

/// Addresses that a workload depends on, each once, by name.
pub(super) fn needs_of_workload(workload: &Workload) -> Vec<Address> {
    let mentions = in_workload(workload);
    let mut needs: BTreeSet<Address> =
        mentions.iter().filter_map(|mention| address(mention.reference)).collect();
    needs.extend(workload.calls.keys().map(Address::workload));
    needs.extend(workload.uses.keys().map(Address::resource));
    for container in workload.containers.values() {
        needs.extend(container.volumes.values().filter_map(|mount| match &mount.value.source {
            VolumeSource::Resource(name) => Some(Address::resource(name)),
            VolumeSource::Named(_) => None,
        }));
    }
    needs.remove(&Address::workload(&workload.name.value));
    needs.into_iter().collect()
}

/// Addresses that a resource depends on, each once, by name.
pub(super) fn needs_of_resource(resource: &Resource) -> Vec<Address> {
    let mentions = in_resource(resource);
    let needs: BTreeSet<Address> = mentions.iter().filter_map(|mention| address(mention.reference)).collect();
    needs.into_iter().collect()
}

/// What a reference waits for; the release of a workload is known before anything runs.
fn address(reference: &Reference) -> Option<Address> {
    match reference {
        Reference::Resource { name, .. } => Some(Address::resource(name)),
        Reference::Workload { output, .. } if output == "release" => None,
        Reference::Workload { name, .. } => Some(Address::workload(name)),
    }
}

struct Checker<'a> {
    intent: &'a Intent,
    bound: BTreeMap<&'a ResourceName, &'a Offering>,
}

impl Checker<'_> {
    fn mention(&self, mention: &Mention<'_>, sink: &mut Diagnostics) {
        let finding = match mention.reference {
            Reference::Resource { name, output } => match self.resource(name) {
                None => Some(self.unknown_resource(name.as_str(), mention.span)),
                Some((resource, offering)) => {
                    resource_output(resource, offering, output.as_deref(), mention.span)
                }
            },
            Reference::Workload { name, output } => match self.intent.workloads.get(name) {
                None => Some(self.unknown_workload(name.as_str(), mention.span)),
                Some(workload) => workload_output(workload, output, mention.span),
            },
        };
        if let Some(finding) = finding {
            sink.push(finding.on(format!("${{{}}}", mention.reference)));
        }
    }

    fn resource(&self, name: &ResourceName) -> Option<(&Resource, &Offering)> {
        Some((self.intent.resources.get(name)?, self.bound.get(name)?))
    }

    fn unknown_resource(&self, name: &str, span: &Span) -> Diagnostic {
        let known = self.intent.resources.keys().map(appia_intent::ResourceName::as_str);
        Diagnostic::new(codes::UNKNOWN_RESOURCE, format!("there is no resource `{name}`"))
            .at(span)
            .did_you_mean(name, known)
            .help(format!("declare it: `resources: {{ {name}: {{ type: ... }} }}`"))
    }

    fn unknown_workload(&self, name: &str, span: &Span) -> Diagnostic {
        let known = self.intent.workloads.keys().map(appia_intent::WorkloadName::as_str);
        let finding =
            Diagnostic::new(codes::UNKNOWN_WORKLOAD, format!("there is no workload `{name}`")).at(span);
        nearest_or_all(finding, name, known)
    }

    fn calls(&self, workload: &Workload, sink: &mut Diagnostics) {
        for (callee, call) in &workload.calls {
            match self.intent.workloads.get(callee) {
                None => sink.push(self.unknown_workload(callee.as_str(), &call.visits.span)),
                Some(called) if called.ports.is_empty() => sink.push(
                    Diagnostic::new(
                        codes::NOT_CALLABLE,
                        format!("`{callee}` is called but listens on no port"),
                    )
                    .at(&call.visits.span)
                    .related(&called.name.span, "it is declared here")
                    .help(format!("give `{callee}` a `port`")),
                ),
                Some(_) => {}
            }
        }
    }

    fn uses(&self, workload: &Workload, sink: &mut Diagnostics) {
        let unknown = workload.uses.iter().filter(|(name, _)| !self.intent.resources.contains_key(*name));
        for (name, usage) in unknown {
            sink.push(self.unknown_resource(name.as_str(), &usage.span));
        }
    }

    fn mounts(&self, workload: &Workload, sink: &mut Diagnostics) {
        for mount in workload.containers.values().flat_map(|container| container.volumes.values()) {
            if let VolumeSource::Resource(name) = &mount.value.source
                && !self.intent.resources.contains_key(name)
            {
                sink.push(self.unknown_resource(name.as_str(), &mount.span));
            }
        }
    }

    /// Resources that nothing mentions: probably a slip, and they cost money.
    fn unused(&self, sink: &mut Diagnostics) {
        let workloads = self.intent.workloads.values().flat_map(needs_of_workload);
        let resources = self.intent.resources.values().flat_map(needs_of_resource);
        let used: BTreeSet<Address> = workloads.chain(resources).collect();
        for (name, resource) in &self.intent.resources {
            if !used.contains(&Address::resource(name)) && !resource.open_type {
                sink.push(
                    Diagnostic::new(codes::UNUSED, format!("no workload uses the resource `{name}`"))
                        .at(&resource.name.span)
                        .help(format!("refer to it, for example `env: {{ X: \"${{resources.{name}.host}}\" }}`, or take it out")),
                );
            }
        }
    }
}

/// Adds the known name that was probably meant, else all of them.
fn nearest_or_all<'a>(
    finding: Diagnostic,
    name: &str,
    known: impl Iterator<Item = &'a str> + Clone,
) -> Diagnostic {
    match appia_diag::closest(name, known.clone()) {
        Some(found) => finding.help(format!("did you mean `{found}`?")),
        None => {
            let known: Vec<String> = known.map(|name| format!("`{name}`")).collect();
            match known.as_slice() {
                [] => finding.help("there is none"),
                [only] => finding.help(format!("there is only {only}")),
                several => finding.help(format!("there are {}", several.join(", "))),
            }
        }
    }
}

fn resource_output(
    resource: &Resource,
    offering: &Offering,
    output: Option<&str>,
    span: &Span,
) -> Option<Diagnostic> {
    let name = &resource.name.value;
    let Some(output) = output else {
        let message = format!("`${{resources.{name}}}` names a resource, not a value");
        return Some(Diagnostic::new(codes::UNKNOWN_OUTPUT, message).at(span).help(format!(
            "write one of its outputs: {}",
            list(&outputs_of(resource, offering), name.as_str())
        )));
    };
    let known = outputs_of(resource, offering);
    // What nothing provides was told before; what outputs it would have, nobody knows.
    let unprovided = offering.provides == Provides::Resource("external".into())
        && resource.kind.value.as_str() != "external";
    if known.contains(&output) || (unprovided && resource.outputs.is_empty()) {
        return None;
    }
    let message = format!("`{}` resource `{name}` has no output `{output}`", resource.kind.value);
    let help = if known.is_empty() {
        format!("state it: `outputs: {{ {output}: ... }}`")
    } else {
        format!("it has {}", known.join(", "))
    };
    Some(Diagnostic::new(codes::UNKNOWN_OUTPUT, message).at(span).did_you_mean(output, known).help(help))
}

fn outputs_of<'a>(resource: &'a Resource, offering: &'a Offering) -> Vec<&'a str> {
    if resource.outputs.is_empty() {
        offering.outputs.iter().map(|output| output.name.as_ref()).collect()
    } else {
        resource.outputs.keys().map(String::as_str).collect()
    }
}

fn list(outputs: &[&str], name: &str) -> String {
    let all: Vec<String> = outputs.iter().map(|output| format!("`${{resources.{name}.{output}}}`")).collect();
    if all.is_empty() { "it has none yet, state `outputs`".to_owned() } else { all.join(", ") }
}

fn workload_output(workload: &Workload, output: &str, span: &Span) -> Option<Diagnostic> {
    let name = &workload.name.value;
    if output == "release" {
        return None;
    }
    if workload.ports.is_empty() {
        return Some(
            Diagnostic::new(
                codes::UNKNOWN_PORT,
                format!("`{name}` listens on no port, so it has no `{output}`"),
            )
            .at(span)
            .help(format!("give `{name}` a `port`")),
        );
    }
    if let Some((port, field)) = output.strip_prefix("ports.").and_then(|rest| rest.split_once('.')) {
        let known = workload.ports.keys().map(appia_intent::PortName::as_str);
        if !workload.ports.contains_key(port) {
            let message = format!("`{name}` has no port `{port}`");
            let finding = Diagnostic::new(codes::UNKNOWN_PORT, message).at(span);
            return Some(nearest_or_all(finding, port, known));
        }
        return (!["url", "host", "port"].contains(&field))
            .then(|| unknown_field(name.as_str(), field, span));
    }
    (!WORKLOAD_OUTPUTS.contains(&output)).then(|| unknown_field(name.as_str(), output, span))
}

fn unknown_field(name: &str, output: &str, span: &Span) -> Diagnostic {
    Diagnostic::new(codes::UNKNOWN_OUTPUT, format!("workload `{name}` has no output `{output}`"))
        .at(span)
        .did_you_mean(output, WORKLOAD_OUTPUTS.iter().copied())
        .help("a workload has url, host, port, release, and ports.NAME.url, .host and .port")
}
