//! `appia plan --compare`: the same intent on several targets, side by side.

use appia_api::{Kind, documents};
use appia_diag::Severity;
use appia_intent::Address;
use appia_plan::Plan;

use crate::args::ProjectArgs;
use crate::exit::{Exit, Failure};
use crate::project::{Project, Selection};
use crate::ui::Ui;

/// Plans for each target. What one of them cannot do is told beside it and ends nothing.
pub(super) fn run(
    args: &ProjectArgs,
    (targets, images): (&[String], &[String]),
    ui: &Ui,
) -> Result<Exit, Failure> {
    let mut compared = Vec::new();
    let mut unmet = false;
    for name in targets {
        let selection = Selection { environment: args.environment.clone(), target: Some(name.clone()) };
        let mut project = Project::read(&args.paths, &selection, ui)?;
        let plan = project.attempt(images)?;
        unmet |= plan.as_ref().is_none_or(|plan| plan.infeasible.is_some());
        compared.push(target(name, plan.as_ref(), &project));
    }
    let document = documents::Comparison { targets: compared };
    if ui.is_json() {
        ui.document(Kind::Comparison, document);
    } else {
        ui.comparison(&document);
    }
    Ok(if unmet { Exit::Unmet } else { Exit::Done })
}

fn target(name: &str, plan: Option<&Plan>, project: &Project) -> documents::ComparedTarget {
    let errors = project.found.iter().filter(|found| found.severity == Severity::Error);
    let missing = errors.map(|found| found.message.clone()).collect();
    let region = plan.and_then(|plan| plan.node(&Address::parse("app"))?.values.get("region")?.as_str());
    let outcomes =
        plan.map(|plan| appia_server::wire::plan(plan, &appia_diag::Diagnostics::new(), None).outcomes);
    documents::ComparedTarget {
        target: name.to_owned(),
        region: region.map(str::to_owned),
        monthly_usd: plan.and_then(|plan| plan.cost.as_ref()).map(|cost| cost.monthly_usd.clone()),
        monthly_kg_co2e: plan.and_then(|plan| plan.carbon.as_ref()).map(|carbon| carbon.monthly_kg_co2e),
        outcomes: outcomes.unwrap_or_default(),
        missing,
    }
}
