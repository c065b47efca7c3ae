//! Binding: which offering of the target provides each resource and runs each workload.

use appia_diag::{Diagnostic, Diagnostics, Spanned, codes};
use appia_intent::{Address, Intent, Param, Resource, Workload};
use appia_plan::{
    Alternative, Derived, Offering, Origin, ParamKind, ParamSpec, Provides, Reason, Reasons, Target,
};

/// The type that stands for what exists already.
const EXTERNAL: &str = "external";

/// Binds every resource, in the order of their names. A resource without an offering gets a diagnostic and the
/// external one, so that the rest of the intent is still checked.
pub(super) fn bind_resources(
    intent: &Intent,
    target: &dyn Target,
    reasons: &mut Reasons,
    sink: &mut Diagnostics,
) -> Vec<(Derived<String>, Offering)> {
    intent.resources.values().map(|resource| bind_resource(resource, target, reasons, sink)).collect()
}

/// Binds every workload, in the order of their names.
pub(super) fn bind_workloads(
    intent: &Intent,
    target: &dyn Target,
    reasons: &mut Reasons,
    sink: &mut Diagnostics,
) -> Vec<Derived<String>> {
    intent.workloads.values().filter_map(|workload| bind_workload(workload, target, reasons, sink)).collect()
}

fn bind_resource(
    resource: &Resource,
    target: &dyn Target,
    reasons: &mut Reasons,
    sink: &mut Diagnostics,
) -> (Derived<String>, Offering) {
    let kind = resource.kind.value.as_str();
    let candidates: Vec<&Offering> = offers(target, kind).collect();
    let class = resource.class.as_ref().map(|class| class.value.as_str());
    let exact = candidates.iter().find(|offering| class.is_some() && offering.class.as_deref() == class);
    let general = candidates.iter().find(|offering| offering.class.is_none());
    let (offering, rule) = match (exact, general) {
        (Some(offering), _) => ((*offering).clone(), "resolve/offering/class"),
        (None, Some(offering)) => ((*offering).clone(), "resolve/offering/type"),
        (None, None) => {
            sink.push(unprovided(resource, target));
            (external(target), "resolve/offering/external")
        }
    };
    if !resource.open_type {
        check_params(resource, &offering, sink);
    }
    let text = format!("{} provides `{kind}` on {}", offering.name, target.name());
    let stated = Origin::Stated(resource.kind.span.clone());
    let address = Address::resource(&resource.name.value);
    let mut reason = Reason::new(rule, text).input(address.field("type"), kind, stated);
    for lost in candidates.iter().filter(|candidate| candidate.name != offering.name) {
        reason = reason.rejected(Alternative {
            value: lost.name.as_ref().into(),
            monthly_usd: None,
            rejected: "another offering matches the class more exactly".to_owned(),
        });
    }
    (reasons.derive(offering.name.to_string(), reason), offering)
}

fn offers<'a>(target: &'a dyn Target, kind: &'a str) -> impl Iterator<Item = &'a Offering> {
    target
        .offerings()
        .iter()
        .filter(move |offering| matches!(&offering.provides, Provides::Resource(name) if name == kind))
}

fn external(target: &dyn Target) -> Offering {
    offers(target, EXTERNAL).next().cloned().unwrap_or_else(|| Offering {
        name: EXTERNAL.into(),
        provides: Provides::Resource(EXTERNAL.into()),
        class: None,
        outputs: Vec::new(),
        params: Vec::new(),
        summary: "something that exists already".into(),
    })
}

fn unprovided(resource: &Resource, target: &dyn Target) -> Diagnostic {
    let kind = resource.kind.value.as_str();
    let known: Vec<&str> = target
        .offerings()
        .iter()
        .filter_map(|offering| match &offering.provides {
            Provides::Resource(name) => Some(name.as_ref()),
            Provides::Workload(_) => None,
        })
        .collect();
    if resource.open_type {
        let message = format!(
            "nothing provides `{kind}` on {}: `{}` is taken as external",
            target.name(),
            resource.name.value
        );
        return Diagnostic::new(codes::UNKNOWN_TYPE_EXTERNAL, message)
            .at(&resource.kind.span)
            .help("the platform team can provide it by an offering; until then its outputs have to be bound by hand");
    }
    Diagnostic::new(codes::UNKNOWN_TYPE, format!("nothing provides `{kind}` on {}", target.name()))
        .at(&resource.kind.span)
        .did_you_mean(kind, known.iter().copied())
        .help(format!("{} provides {}", target.name(), known.join(", ")))
        .help("to use what exists already, write `type: external` and state its `outputs`")
}

fn check_params(resource: &Resource, offering: &Offering, sink: &mut Diagnostics) {
    if offering.params.iter().any(|spec| spec.kind == ParamKind::Any && spec.name == "*") {
        return;
    }
    for (name, value) in &resource.params {
        match offering.params.iter().find(|spec| spec.name == name.as_str()) {
            Some(spec) => sink.extend(wrong_value(resource, spec, value).into_iter().collect()),
            None => {
                let known: Vec<&str> = offering.params.iter().map(|spec| spec.name.as_ref()).collect();
                let message = format!("`{}` takes no parameter `{name}`", resource.kind.value);
                let help = if known.is_empty() {
                    "it takes none".to_owned()
                } else {
                    format!("it takes {}", known.join(", "))
                };
                let diagnostic = Diagnostic::new(codes::BAD_PARAM, message).at(&value.span);
                sink.push(diagnostic.did_you_mean(name, known).help(help));
            }
        }
    }
}

fn wrong_value(resource: &Resource, spec: &ParamSpec, value: &Spanned<Param>) -> Option<Diagnostic> {
    let text = value.value.as_text();
    let expected = match (&spec.kind, text.as_deref()) {
        (ParamKind::Any, _) => return None,
        (_, None) if !value.value.templates().is_empty() => return None,
        (ParamKind::Text, Some(_)) => return None,
        (ParamKind::Version, Some(text)) if is_version(text) => return None,
        (ParamKind::Storage, Some(text)) if text.parse::<appia_intent::units::Bytes>().is_ok() => {
            return None;
        }
        (ParamKind::Count, Some(text)) if text.parse::<u32>().is_ok_and(|count| count > 0) => return None,
        (ParamKind::Version, _) => "a version, such as `16` or `16.2`",
        (ParamKind::Storage, _) => "an amount of storage, such as `50Gi`",
        (ParamKind::Count, _) => "a whole number above 0",
        (ParamKind::Text, None) => "a text",
    };
    let address = Address::resource(&resource.name.value).field("params").field(&spec.name);
    Some(
        Diagnostic::new(codes::BAD_PARAM, format!("`{address}` takes {expected}"))
            .at(&value.span)
            .help(spec.summary.to_string()),
    )
}

fn is_version(text: &str) -> bool {
    let mut parts = text.split('.');
    parts.clone().count() <= 3
        && parts.all(|part| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit()))
}

fn bind_workload(
    workload: &Workload,
    target: &dyn Target,
    reasons: &mut Reasons,
    sink: &mut Diagnostics,
) -> Option<Derived<String>> {
    let kind = workload.kind.value;
    let found = target.offerings().iter().find(|offering| offering.provides == Provides::Workload(kind));
    let Some(offering) = found else {
        let message = format!("{} runs no `{}`", target.name(), kind.as_str());
        let finding = Diagnostic::new(codes::TARGET_CANNOT, message).at(&workload.kind.span);
        sink.push(finding.help("say another `type` of workload, or plan for another target"));
        return None;
    };
    let text = format!("{} runs a `{}` on {}", offering.name, kind.as_str(), target.name());
    let stated = Origin::Stated(workload.kind.span.clone());
    let address = Address::workload(&workload.name.value).field("type");
    let reason = Reason::new("resolve/offering/kind", text).input(address, kind.as_str(), stated);
    Some(reasons.derive(offering.name.to_string(), reason))
}
