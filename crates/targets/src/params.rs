//! Reading a resource's parameters: the sized value, else as stated, else the offering's default.
//!
//! Called by the lowering of each target. It never reports: `compile` has checked the values against the offering.

use appia_intent::units::Bytes;
use appia_intent::{Param, Template};
use appia_plan::phase::{ResolvedResource, SizedResource};
use serde_json::Value;

/// The parameter as text, when there is one without placeholders.
pub(crate) fn text(resource: &SizedResource, name: &str) -> Option<String> {
    let sized = resource.values.get(name).and_then(|value| match value.get() {
        Value::String(text) => Some(text.clone()),
        Value::Number(number) => Some(number.to_string()),
        Value::Bool(flag) => Some(flag.to_string()),
        Value::Null | Value::Array(_) | Value::Object(_) => None,
    });
    let stated = || resource.resolved.stated.params.get(name).and_then(|param| param.value.as_text());
    sized.or_else(stated).or_else(|| default(resource, name))
}

/// The parameter with its placeholders.
pub(crate) fn template(resource: &SizedResource, name: &str) -> Option<Template> {
    match resource.resolved.stated.params.get(name).map(|param| &param.value) {
        Some(Param::Text(template)) => Some(template.clone()),
        _ => text(resource, name).map(Template::literal),
    }
}

/// The parameter as an amount of storage.
pub(crate) fn storage(resource: &SizedResource, name: &str) -> Option<Bytes> {
    text(resource, name)?.parse().ok()
}

/// The parameter of a resource without numbers, as an amount of storage.
pub(crate) fn stated_storage(resource: &ResolvedResource, name: &str) -> Bytes {
    let stated = resource.stated.params.get(name).and_then(|param| param.value.as_text());
    let default = || {
        let spec = resource.offered.params.iter().find(|spec| spec.name == name)?;
        spec.default.as_ref().map(|fact| fact.value.to_string())
    };
    stated.or_else(default).and_then(|text| text.parse().ok()).unwrap_or_default()
}

/// The parameter as a whole number; of a version the major one.
pub(crate) fn count(resource: &SizedResource, name: &str) -> Option<u32> {
    text(resource, name)?.split('.').next()?.parse().ok()
}

fn default(resource: &SizedResource, name: &str) -> Option<String> {
    let spec = resource.resolved.offered.params.iter().find(|spec| spec.name == name)?;
    spec.default.as_ref().map(|fact| fact.value.to_string())
}
