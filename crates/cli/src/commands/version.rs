//! `appia version`: which Appia this is and what it knows.

use appia_api::{Kind, documents};
use clap::Args;

use crate::exit::{Exit, Failure};
use crate::ui::Ui;

/// Tell which Appia this is, which formats it reads and where its plans can go.
///
/// Example: `appia version`, `appia version --output json`
#[derive(Debug, Args)]
pub(crate) struct VersionArgs {}

/// Runs the verb.
pub(crate) fn run(_args: &VersionArgs, ui: &Ui) -> Result<Exit, Failure> {
    let version = documents::Version {
        version: env!("CARGO_PKG_VERSION").to_owned(),
        commit: option_env!("APPIA_COMMIT").map(str::to_owned),
        targets: appia_targets::TARGETS.iter().map(|target| target.name().to_owned()).collect(),
        sources: appia_sources::SOURCES.iter().map(|source| source.name().to_owned()).collect(),
    };
    if ui.is_json() {
        ui.document(Kind::Version, version);
        return Ok(Exit::Done);
    }
    let commit = version.commit.map_or_else(String::new, |commit| format!(" ({commit})"));
    ui.data(&format!(
        "appia {}{commit}\ntargets: {}\nsources: {}\n",
        version.version,
        version.targets.join(", "),
        version.sources.join(", ")
    ));
    Ok(Exit::Done)
}
