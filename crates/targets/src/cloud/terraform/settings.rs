//! The files that belong to no object: versions and the provider, variables, outputs.
//!
//! Called by `render`. Start reading at [`files`].

use std::collections::BTreeMap;

use appia_plan::RenderedFiles;
use appia_plan::phase::SizedApp;
use hcl_edit::structure::Body;
use serde_json::{Map, Value, json};

use super::marks::{Block, Mark, each, expression, refer};
use super::{Placed, Terraform, body, instances, push, text};

/// The first release of Terraform, and of OpenTofu, that takes write-only values.
const LANGUAGE: &str = ">= 1.11.0";

/// `versions.tf`, and the others where there is something in them.
pub(super) fn files(
    terraform: &Terraform,
    app: &SizedApp,
    region: &str,
    objects: &[Placed<'_>],
) -> RenderedFiles {
    let all = [
        ("versions.tf", versions(terraform, app, region)),
        ("variables.tf", of_variables(&variables(terraform, app, region, objects))),
        ("outputs.tf", outputs(terraform, objects)),
    ];
    let filled = all.into_iter().filter(|(_, body)| !body.is_empty());
    filled.map(|(name, body)| (name.to_owned(), text(&body))).collect()
}

fn map(value: Value) -> Map<String, Value> {
    match value {
        Value::Object(map) => map,
        _ => Map::new(),
    }
}

fn lines(text: &[&str]) -> Vec<String> {
    text.iter().map(|line| (*line).to_owned()).collect()
}

fn versions(terraform: &Terraform, app: &SizedApp, region: &str) -> Body {
    let provider = &terraform.provider;
    let required = json!({ provider.name: { "source": provider.source, "version": provider.version } });
    let language = json!({ "required_version": LANGUAGE, "required_providers": Block(required) });
    let why = lines(&[
        "The versions that these files were made and checked with.",
        "State is kept in a file beside them until you add a back-end here, for example `backend \"s3\" {}`.",
    ]);
    let mut body = Body::new();
    push(&mut body, body::block(&["terraform"], &why, &map(language)));
    let settings = map((provider.settings)(app, region));
    let why = lines(&["What is set here holds for every resource."]);
    push(&mut body, body::block(&["provider", provider.name], &why, &settings));
    body
}

/// Every variable that something refers to, by name.
pub(super) fn variables(
    terraform: &Terraform,
    app: &SizedApp,
    region: &str,
    objects: &[Placed<'_>],
) -> BTreeMap<String, Value> {
    let mut found = BTreeMap::new();
    let settings = (terraform.provider.settings)(app, region);
    let bodies = objects.iter().flat_map(|placed| placed.body.values());
    for value in bodies.chain([&settings]) {
        each(value, &mut |mark| {
            if let Mark::Variable(variable) = mark {
                let name = variable.get("name").and_then(Value::as_str).unwrap_or_default();
                found.insert(name.to_owned(), variable.clone());
            }
        });
    }
    found
}

fn of_variables(variables: &BTreeMap<String, Value>) -> Body {
    let mut body = Body::new();
    for (name, variable) in variables {
        let mut inside = map(json!({
            "type": expression("string"),
            "description": variable.get("why"),
            "nullable": false,
        }));
        if let Some(default) = variable.get("default").filter(|default| !default.is_null()) {
            inside.insert("default".to_owned(), default.clone());
        }
        if let Some([form, message]) = variable.get("form").and_then(Value::as_array).map(Vec::as_slice) {
            let form = form.as_str().unwrap_or_default();
            let condition = expression(&format!("can(regex(\"{form}\", var.{name}))"));
            let rule = json!({ "condition": condition, "error_message": message });
            inside.insert("validation".to_owned(), json!(Block(rule)));
        }
        push(&mut body, body::block(&["variable", name], &[], &inside));
    }
    body
}

fn outputs(terraform: &Terraform, objects: &[Placed<'_>]) -> Body {
    let mut body = Body::new();
    for placed in objects {
        let id = &placed.object.id;
        for output in terraform.outputs.iter().filter(|output| output.kind == id.kind) {
            let (name, key) = instances::parts(id);
            let name = key.map_or_else(|| name.to_owned(), |key| format!("{name}_{key}"));
            let inside = map(json!({
                "description": format!("{} ({})", output.why, placed.object.address),
                "value": refer(id, output.attribute),
            }));
            let name = format!("{name}_{}", output.name);
            push(&mut body, body::block(&["output", &name], &[], &inside));
        }
    }
    body
}
