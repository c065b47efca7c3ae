//! `appia deploy`: a new release of what is up.

use appia_api::documents::Action;
use clap::Args;

use crate::args::{ConfirmArgs, HomeArgs, ProjectArgs};
use crate::exit::{Exit, Failure};
use crate::ui::Ui;

/// Build and deploy a new release of an application that is up, without dropping a request.
///
/// New instances start beside the old ones, take over when they are healthy, and only then the old ones end. A release
/// that does not become healthy, or that crashes or fails requests while it is watched (`watch` of a workload, 2 s), is
/// taken back.
///
/// Example: `appia deploy --yes`
#[derive(Debug, Args)]
pub(crate) struct DeployArgs {
    #[command(flatten)]
    project: ProjectArgs,
    #[command(flatten)]
    confirm: ConfirmArgs,
    #[command(flatten)]
    home: HomeArgs,
}

/// Runs the verb.
pub(crate) fn run(args: &DeployArgs, ui: &Ui) -> Result<Exit, Failure> {
    super::up::start(Action::Deploy, (&args.project, &args.confirm, &args.home), ui)
}
