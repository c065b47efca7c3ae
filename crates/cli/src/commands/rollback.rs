//! `appia rollback`: back to what was deployed before.

use appia_api::documents::Action;
use appia_api::protocol::Goal;
use clap::Args;

use crate::apply::{Change, change};
use crate::args::{ConfirmArgs, HomeArgs, ProjectArgs};
use crate::exit::{Exit, Failure};
use crate::ui::Ui;

/// Go back to what was deployed before the last change, or to an earlier generation.
///
/// The same artefacts are started again: nothing is built. Data is not rolled back.
///
/// Example: `appia rollback --yes`, `appia rollback --to 3`
#[derive(Debug, Args)]
pub(crate) struct RollbackArgs {
    #[command(flatten)]
    project: ProjectArgs,
    /// The generation to go back to.
    #[arg(long, value_name = "GENERATION")]
    to: Option<u64>,
    #[command(flatten)]
    confirm: ConfirmArgs,
    #[command(flatten)]
    home: HomeArgs,
}

/// Runs the verb.
pub(crate) fn run(args: &RollbackArgs, ui: &Ui) -> Result<Exit, Failure> {
    change(
        Change {
            action: Action::Rollback,
            goal: Goal::Rollback { generation: args.to },
            question: "roll back?",
            project: &args.project,
            home: &args.home,
            agreed: args.confirm.yes,
        },
        ui,
    )
}
