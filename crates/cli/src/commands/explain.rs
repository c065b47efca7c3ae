//! `appia explain`: why a value of the plan is what it is.

use appia_api::Kind;
use appia_intent::Address;
use appia_plan::{ExplainError, OutcomeResult, explain};
use clap::Args;

use crate::args::{ProjectArgs, TargetArgs};
use crate::exit::{Exit, Failure};
use crate::project::{Project, Selection};
use crate::ui::Ui;

/// Tell why a value of the plan is what it is: the rule, its inputs, where each comes from, what was not taken.
///
/// Example: `appia explain workloads.api.replicas`, `appia explain resources.db examples/storefront`
#[derive(Debug, Args)]
pub(crate) struct ExplainArgs {
    /// A value (`workloads.api.replicas`) or a whole node (`workloads.api`).
    address: String,
    #[command(flatten)]
    project: ProjectArgs,
    #[command(flatten)]
    target: TargetArgs,
}

/// Runs the verb.
pub(crate) fn run(args: &ExplainArgs, ui: &Ui) -> Result<Exit, Failure> {
    if args.project.paths.is_empty() && std::path::Path::new(&args.address).exists() {
        return Err(Failure::usage(format!("`{}` is a path, and what to explain is missing", args.address))
            .help(format!("for example `appia explain workloads.NAME.replicas {0}`; `appia plan {0}` shows what there is", args.address)));
    }
    let selection = Selection::new(&args.project, Some(&args.target));
    let mut project = Project::read(&args.project.paths, &selection, ui)?;
    let plan = project.plan(&args.target.images, ui)?;
    let explanation =
        explain(&plan, &Address::parse(&args.address)).map_err(|error| unknown(error, &plan.outcomes))?;
    let document = appia_server::wire::explanation(&explanation);
    if ui.is_json() {
        ui.document(Kind::Explanation, document);
    } else {
        ui.explanation(&document);
    }
    Ok(Exit::Done)
}

fn unknown(error: ExplainError, outcomes: &[OutcomeResult]) -> Failure {
    let failure = Failure::usage(error.to_string());
    let ExplainError::Unknown { address, nearest, known } = error;
    if let Some(outcome) = outcomes.iter().find(|outcome| outcome.address.as_str() == address) {
        let computed = outcome.computed.as_deref().unwrap_or("not computed here");
        return failure
            .help(format!("it is a promise: {} is promised, and it is {computed}", outcome.promised))
            .help("`appia plan` lists what each node brings to it, and those numbers have reasons: `appia explain NODE.NUMBER`");
    }
    let failure = match nearest {
        Some(nearest) => failure.help(format!("did you mean `{nearest}`?")),
        None => failure,
    };
    failure.help(format!("there are {}", known.join(", ")))
}
