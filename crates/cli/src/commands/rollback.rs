//! `appia rollback`: back to what was deployed before.

use appia_api::protocol::{ChangeRequest, Goal, OperationRequest};
use clap::Args;

use crate::apply::{actor, operate};
use crate::args::{ConfirmArgs, HomeArgs, ProjectArgs};
use crate::client::{Client, wait};
use crate::exit::{Exit, Failure};
use crate::project::{AppName, Project};
use crate::ui::{Answer, Ui};

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
    let AppName { app, environment } = Project::name(&args.project, ui)?;
    let request = ChangeRequest { app, environment, goal: Goal::Rollback { generation: args.to } };
    wait(async {
        let client = Client::start(&args.home).await?;
        let answer = client.changes(&request).await?;
        if !ui.is_json() {
            ui.changes(&answer.changes);
        }
        if !answer.changes.steps.is_empty() && ui.confirm("roll back?", args.confirm.yes)? == Answer::No {
            return Err(Failure::new(Exit::Agree, "nothing was changed"));
        }
        let changes_digest = answer.changes.digest;
        let operation =
            OperationRequest { action: "rollback".to_owned(), request, changes_digest, actor: actor() };
        operate(&client, &operation, &args.project, ui).await
    })
}
