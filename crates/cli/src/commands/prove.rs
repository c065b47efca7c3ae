//! `appia prove`: plays the plan and says what came out beside what it computes.

use std::path::{Path, PathBuf};

use anyhow::Context;
use appia_api::{Kind, documents};
use appia_compile::prove::{Proof, Settings, State, Timing, picture, prove};
use appia_plan::Plan;
use clap::Args;

use crate::args::{ProjectArgs, TargetArgs};
use crate::exit::{Exit, Failure};
use crate::project::{Project, Selection};
use crate::ui::Ui;

/// Play the plan by a seeded simulation: requests wait and call, replicas fail; beside what it computes.
///
/// Each result has a 95 % confidence interval. The exit code is 4 when outcomes cannot be met.
///
/// Example: `appia prove`, `appia prove examples/storefront --target kubernetes --picture latency.svg`
#[derive(Debug, Args)]
pub(crate) struct ProveArgs {
    #[command(flatten)]
    project: ProjectArgs,
    #[command(flatten)]
    target: TargetArgs,
    /// Where chance begins; 1 without it.
    #[arg(long, default_value_t = 1, hide_default_value = true)]
    seed: u64,
    /// Requests to count, over all public workloads; 200000 without it.
    #[arg(long, default_value_t = 200_000, hide_default_value = true)]
    #[arg(value_parser = clap::value_parser!(u64).range(1_000..=100_000_000))]
    requests: u64,
    /// Years of failures to play; 500 without it.
    #[arg(long, default_value_t = 500, hide_default_value = true)]
    #[arg(value_parser = clap::value_parser!(u32).range(1..=1_000_000))]
    years: u32,
    /// Draw response times against what is promised, as SVG.
    #[arg(long, value_name = "FILE")]
    picture: Option<PathBuf>,
}

/// Runs the verb.
pub(crate) fn run(args: &ProveArgs, ui: &Ui) -> Result<Exit, Failure> {
    let selection = Selection::new(&args.project, Some(&args.target));
    let mut project = Project::read(&args.project.paths, &selection, ui)?;
    let plan = project.plan(&args.target.images, ui)?;
    let settings = Settings { seed: args.seed, requests: args.requests, years: args.years };
    let bar = ui.bar("play");
    let proof = prove(&plan, settings, &mut |share| bar.set_position((share * 1000.0) as u64));
    bar.finish_and_clear();
    let proof = proof.map_err(|error| nothing_to_play(&error))?;
    if let Some(file) = &args.picture {
        draw(file, &plan, &proof)?;
    }
    let document = document(args, &plan, &proof);
    if ui.is_json() {
        ui.document(Kind::Proof, document);
    } else {
        project.tell(ui);
        ui.proof(&document);
    }
    Ok(if plan.infeasible.is_some() { Exit::Unmet } else { Exit::Done })
}

fn nothing_to_play(error: &appia_compile::prove::ProveError) -> Failure {
    use appia_compile::prove::ProveError;
    let failure = Failure::new(Exit::Unmet, error.to_string());
    match error {
        ProveError::NoModel => {
            failure.help("state `users` or `rps` in `outcomes`, and make a workload `public`")
        }
        ProveError::Endless(_) => failure.help("`appia plan` shows what would help"),
    }
}

fn draw(file: &Path, plan: &Plan, proof: &Proof) -> anyhow::Result<()> {
    let title = format!("{} on {}: share of requests answered", plan.app, plan.target);
    let svg = picture(&title, &proof.curves, &promised(plan));
    std::fs::write(file, svg).with_context(|| format!("cannot write `{}`", file.display()))
}

/// Promised shares and milliseconds.
fn promised(plan: &Plan) -> Vec<(f64, f64)> {
    let promises = plan.outcomes.iter().filter_map(|outcome| {
        let percentile: f64 = outcome.address.last().strip_prefix("latency_p")?.parse().ok()?;
        let time: appia_intent::units::Duration = outcome.promised.parse().ok()?;
        Some((percentile / 100.0, time.as_millis_f64()))
    });
    promises.collect()
}

fn document(args: &ProveArgs, plan: &Plan, proof: &Proof) -> documents::Proof {
    documents::Proof {
        digest: plan.digest.to_string(),
        target: plan.target.clone(),
        seed: args.seed,
        requests: args.requests,
        years: args.years,
        times: proof.times.iter().map(time).collect(),
        availability: proof.availability.map(|found| documents::PlayedShare {
            played: found.value,
            low: found.low.max(0.0),
            high: found.high.min(1.0),
        }),
        outcomes: appia_server::wire::plan(plan, &appia_diag::Diagnostics::new(), None).outcomes,
        picture: args.picture.as_ref().map(|file| file.display().to_string()),
    }
}

fn time(timing: &Timing) -> documents::PlayedTime {
    let state = match timing.state {
        State::Whole => documents::PlayedState::Whole,
        State::ZoneLost => documents::PlayedState::ZoneLost,
    };
    documents::PlayedTime {
        address: timing.entry.to_string(),
        state,
        percentile: timing.share * 100.0,
        computed_ms: timing.computed_ms,
        played_ms: timing.played_ms.value,
        low_ms: timing.played_ms.low,
        high_ms: timing.played_ms.high,
        safe: timing.computed_ms.is_none_or(|computed| computed >= timing.played_ms.low),
    }
}
