//! `appia down`: everything that was made goes.

use appia_api::protocol::{ChangeRequest, Goal, OperationRequest};
use clap::Args;

use crate::apply::{actor, operate};
use crate::args::{ConfirmArgs, HomeArgs, ProjectArgs};
use crate::client::{Client, wait};
use crate::exit::{Exit, Failure};
use crate::project::{AppName, Project};
use crate::ui::{Answer, Ui};

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
    let AppName { app, environment } = Project::name(&args.project, ui)?;
    let request = ChangeRequest { app, environment, goal: Goal::Down { data: args.data } };
    wait(async {
        let client = Client::start(&args.home).await?;
        let answer = client.changes(&request).await?;
        if !ui.is_json() {
            ui.changes(&answer.changes);
        }
        let question = if args.data { "delete all of this, with its data?" } else { "delete all of this?" };
        if !answer.changes.steps.is_empty() && ui.confirm(question, args.confirm.yes)? == Answer::No {
            return Err(Failure::new(Exit::Agree, "nothing was changed"));
        }
        let changes_digest = answer.changes.digest;
        let operation =
            OperationRequest { action: "down".to_owned(), request, changes_digest, actor: actor() };
        operate(&client, &operation, &args.project, ui).await
    })
}
