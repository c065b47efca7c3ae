//! `appia down`: everything that was made goes.

use appia_api::documents::Action;
use appia_api::protocol::Goal;
use clap::Args;

use crate::apply::{Change, change};
use crate::args::{ConfirmArgs, HomeArgs, ProjectArgs};
use crate::exit::{Exit, Failure};
use crate::ui::Ui;

/// Stop an application and delete everything that was made for it. Data is kept unless `--data`.
///
/// Example: `appia down`, `appia down --data --yes`
#[derive(Debug, Args)]
pub(crate) struct DownArgs {
    #[command(flatten)]
    project: ProjectArgs,
    /// Delete databases and volumes too. This cannot be undone.
    #[arg(long)]
    data: bool,
    #[command(flatten)]
    confirm: ConfirmArgs,
    #[command(flatten)]
    home: HomeArgs,
}

/// Runs the verb.
pub(crate) fn run(args: &DownArgs, ui: &Ui) -> Result<Exit, Failure> {
    change(
        Change {
            action: Action::Down,
            goal: Goal::Down { data: args.data },
            question: if args.data { "delete all of this, with its data?" } else { "delete all of this?" },
            project: &args.project,
            home: &args.home,
            agreed: args.confirm.yes,
        },
        ui,
    )
}
