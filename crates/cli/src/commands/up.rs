//! `appia up`: from files to a running application.

use appia_api::documents::Action;
use clap::Args;

use crate::apply::{Request, apply};
use crate::args::{ConfirmArgs, HomeArgs, ProjectArgs, TargetArgs};
use crate::client::wait;
use crate::exit::{Exit, Failure};
use crate::project::{Project, Selection};
use crate::ui::Ui;

/// Build and start an application on this machine, and wait until it is healthy.
///
/// Shows what would be created, changed and deleted, asks (or takes `--yes`), builds what changed, applies step by
/// step. When something fails, what was done is taken back and the old version goes on serving. Run it again after a
/// change: it does only what is needed.
///
/// Example: `appia up`, `appia up examples/storefront --yes`
#[derive(Debug, Args)]
pub(crate) struct UpArgs {
    #[command(flatten)]
    project: ProjectArgs,
    #[command(flatten)]
    confirm: ConfirmArgs,
    #[command(flatten)]
    home: HomeArgs,
}

/// Runs the verb.
pub(crate) fn run(args: &UpArgs, ui: &Ui) -> Result<Exit, Failure> {
    start(Action::Up, (&args.project, &args.confirm, &args.home), ui)
}

/// What `up` and `deploy` have in common.
pub(super) fn start(
    action: Action,
    (project, confirm, home): (&ProjectArgs, &ConfirmArgs, &HomeArgs),
    ui: &Ui,
) -> Result<Exit, Failure> {
    let selection = Selection::new(project, None::<&TargetArgs>);
    let mut read = Project::read(&project.paths, &selection, ui)?;
    let plan = read.plan(&[], ui)?;
    wait(apply(read, plan, &Request { action, project, home, agreed: confirm.yes }, ui))
}
