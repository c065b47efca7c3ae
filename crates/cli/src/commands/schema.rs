//! `appia schema`: the JSON Schema of `appia.yaml`.

use clap::Args;

use crate::exit::{Exit, Failure};
use crate::ui::Ui;

/// Print the JSON Schema of `appia.yaml`, so that an editor completes and checks it.
///
/// Example: `appia schema > appia.schema.json`, then `# yaml-language-server: $schema=./appia.schema.json` on the first
/// line of `appia.yaml`
#[derive(Debug, Args)]
pub(crate) struct SchemaArgs {}

/// Runs the verb.
pub(crate) fn run(_args: &SchemaArgs, ui: &Ui) -> Result<Exit, Failure> {
    let schema = appia_sources::appia::schema();
    let text = serde_json::to_string_pretty(&schema).map_err(anyhow::Error::from)?;
    ui.data(&format!("{text}\n"));
    Ok(Exit::Done)
}
