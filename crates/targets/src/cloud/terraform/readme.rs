//! The README beside the files: what is in which, what has to be given, how it is applied.

use std::collections::BTreeMap;

use appia_plan::RenderedFiles;
use appia_plan::phase::SizedApp;
use serde_json::Value;

use super::Terraform;

/// What each file holds.
const FILES: &[(&str, &str)] = &[
    ("versions.tf", "the versions of everything, and what holds for every resource"),
    ("variables.tf", "what you give"),
    ("network.tf", "the network, and who may talk to whom"),
    ("data.tf", "databases, files, messages and secrets"),
    ("compute.tf", "what runs, and what it may do"),
    ("edge.tf", "what people reach"),
    ("observability.tf", "logs, alarms and the dashboard"),
    ("outputs.tf", "what you ask for afterwards"),
];

/// The text.
pub(super) fn readme(
    terraform: &Terraform,
    app: &SizedApp,
    files: &RenderedFiles,
    variables: &BTreeMap<String, Value>,
) -> String {
    let frame = &app.frame;
    let mut text = format!(
        "# `{}` in `{}`\n\nMade by Appia for {} {}. The same intent gives the same files.\n\n",
        frame.app, frame.environment, terraform.provider.source, terraform.provider.version
    );
    text.push_str("| file | holds |\n|---|---|\n");
    for (file, holds) in FILES.iter().filter(|(file, _)| files.contains_key(*file)) {
        text.push_str(&format!("| `{file}` | {holds} |\n"));
    }
    if !variables.is_empty() {
        text.push_str("\n## What you give\n\n| variable | what |\n|---|---|\n");
    }
    for (name, variable) in variables {
        let why = variable.get("why").and_then(Value::as_str).unwrap_or_default();
        text.push_str(&format!("| `{name}` | {} |\n", why.replace('|', "\\|")));
    }
    text.push_str("\n## How to apply it\n\n```sh\nterraform init\nterraform plan -out plan.tfplan\nterraform apply plan.tfplan\n```\n\n");
    let left = (terraform.left)(app);
    if !left.is_empty() {
        text.push_str("## What is left to you\n\n");
        left.iter().for_each(|line| text.push_str(&format!("* {line}\n")));
        text.push('\n');
    }
    text.push_str("Secrets are made in the cloud or referred to; none stands in these files, in the plan or in the state.\n");
    text
}
