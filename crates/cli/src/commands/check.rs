//! `appia check`: reads and compiles, and tells everything that is wrong.

use clap::Args;

use crate::args::{ProjectArgs, TargetArgs};
use crate::exit::{Exit, Failure};
use crate::project::{Project, Selection};
use crate::ui::{Ui, count};

/// Read an application and tell everything that is wrong with it.
///
/// Every error of every file is found in one run, each with its line and a way out. Nothing is built, asked or changed.
/// Outcomes that cannot be met end with 4, and it is said what would help.
///
/// Example: `appia check`, `appia check examples/storefront --target kubernetes`
#[derive(Debug, Args)]
pub(crate) struct CheckArgs {
    #[command(flatten)]
    project: ProjectArgs,
    #[command(flatten)]
    target: TargetArgs,
}

/// Runs the verb.
pub(crate) fn run(args: &CheckArgs, ui: &Ui) -> Result<Exit, Failure> {
    let selection = Selection::new(&args.project, Some(&args.target));
    let mut project = Project::read(&args.project.paths, &selection, ui)?;
    let plan = project.plan(&args.target.images, ui)?;
    let exit = plan.infeasible.as_ref().map_or(Exit::Done, |_| Exit::Unmet);
    if ui.is_json() {
        ui.diagnostics_document(&project.found);
        return Ok(exit);
    }
    project.tell(ui);
    if let Some(found) = &plan.infeasible {
        ui.data(&ui.unmet(found));
        return Ok(exit);
    }
    ui.data(&format!(
        "{} is well: {} and {} for {}\n",
        plan.app,
        count(project.intent.workloads.len(), "workload"),
        count(project.intent.resources.len(), "resource"),
        plan.target
    ));
    Ok(exit)
}
