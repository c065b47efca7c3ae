//! `appia leaks`: what exists without an owner.

use appia_api::Kind;
use clap::Args;

use crate::args::HomeArgs;
use crate::client::{Client, wait};
use crate::exit::{Exit, Failure};
use crate::ui::Ui;

/// List what Appia made and nobody owns any more: processes, folders, cgroups.
///
/// Normally there is none.
///
/// Example: `appia leaks`, `appia leaks --output json`
#[derive(Debug, Args)]
pub(crate) struct LeaksArgs {
    #[command(flatten)]
    home: HomeArgs,
}

/// Runs the verb.
pub(crate) fn run(args: &LeaksArgs, ui: &Ui) -> Result<Exit, Failure> {
    let leaks = wait(async { Client::start(&args.home).await?.leaks().await })?;
    if ui.is_json() {
        ui.document(Kind::Leaks, leaks);
    } else {
        ui.leaks(&leaks);
    }
    Ok(Exit::Done)
}
