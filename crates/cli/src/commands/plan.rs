//! `appia plan`: what would be there, why, and what would change now.

mod compare;

use appia_api::protocol::ChangeAnswer;
use appia_api::{Kind, documents};
use appia_plan::Plan;
use clap::Args;

use crate::args::{HomeArgs, ProjectArgs, TargetArgs};
use crate::client::{Client, open_home, wait};
use crate::exit::{Exit, Failure};
use crate::project::{Project, Selection};
use crate::ui::Ui;

/// Show what an application would become: what is created, changed, kept and deleted, and every number.
///
/// Where outcomes say how much load there is, sizes follow from them; when they cannot be met, the plan says what would
/// help and the exit code is 4. Compares with what runs now, unless `--offline`. Changes nothing. `appia explain ADDRESS`
/// tells where a number comes from.
///
/// Example: `appia plan`, `appia plan examples/storefront --offline --output json`
#[derive(Debug, Args)]
pub(crate) struct PlanArgs {
    #[command(flatten)]
    project: ProjectArgs,
    #[command(flatten)]
    target: TargetArgs,
    #[command(flatten)]
    home: HomeArgs,
    /// Put several targets side by side, with price and promises.
    #[arg(long, value_name = "TARGETS", value_delimiter = ',', conflicts_with_all = ["target", "detailed_exitcode"])]
    compare: Vec<String>,
    /// Ask nothing of the world: only what the files say.
    #[arg(long)]
    offline: bool,
    /// End with 10 instead of 0 when there are changes.
    #[arg(long)]
    detailed_exitcode: bool,
}

/// Runs the verb.
pub(crate) fn run(args: &PlanArgs, ui: &Ui) -> Result<Exit, Failure> {
    if !args.compare.is_empty() {
        return compare::run(&args.project, (&args.compare, &args.target.images), ui);
    }
    let selection = Selection::new(&args.project, Some(&args.target));
    let mut project = Project::read(&args.project.paths, &selection, ui)?;
    let plan = project.plan(&args.target.images, ui)?;
    let runs_here = plan.target == "local";
    let answer = if args.offline || !runs_here { None } else { Some(wait(ask(args, &plan))?) };
    let changed = answer.as_ref().is_some_and(|answer| !answer.changes.steps.is_empty());
    let (parent, changes) = answer.map_or((None, None), |answer| (answer.parent, Some(answer.changes)));
    let document = documents::Plan { parent, ..appia_server::wire::plan(&plan, &project.found, changes) };
    if ui.is_json() {
        ui.document(Kind::Plan, document);
    } else {
        project.tell(ui);
        ui.plan(&document);
    }
    Ok(match plan.infeasible {
        Some(_) => Exit::Unmet,
        None if args.detailed_exitcode && changed => Exit::Changes,
        None => Exit::Done,
    })
}

async fn ask(args: &PlanArgs, plan: &Plan) -> Result<ChangeAnswer, Failure> {
    if !open_home(&args.home)?.database().exists() {
        return Ok(appia_server::first_changes(plan));
    }
    Client::start(&args.home).await?.changes_of_plan(plan).await
}
