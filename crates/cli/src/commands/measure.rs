//! `appia measure`: drives what runs, and finds what each workload and resource does for a request.
//!
//! It drives through the gateway, as people come in; what it counts is what gateway and supervisor count. The
//! arithmetic is `appia_compile::measure`. Start reading at [`run`].

mod counted;
mod drive;
mod found;

use std::path::Path;

use anyhow::Context;
use appia_api::{Kind, documents};
use appia_compile::measure::estimate;
use appia_intent::units::Duration;
use appia_plan::Plan;
use appia_plan::measured::{FILE, Measured};
use clap::Args;

use crate::args::{ConfirmArgs, HomeArgs, ProjectArgs};
use crate::client::{Client, wait};
use crate::exit::{Exit, Failure};
use crate::project::{Project, Selection};
use crate::ui::Ui;

/// Where chance begins: every run drives the same.
const SEED: u64 = 1;

/// The shortest run that says something: processor time is counted in hundredths of a second.
const SHORTEST_MILLIS: f64 = 5_000.0;

/// Measure what each workload and database does for a request, for the next plan.
///
/// Drives what runs here through the gateway: after a warm-up, four steps up to `--rate`, at moments that are fixed
/// before, whether or not answers are quick. Writes `appia.measured.json` beside the intent: the next `appia plan`
/// takes what it says before what is stated.
///
/// Example: `appia measure`, `appia measure examples/storefront --rate 50 --path / --path web:/live`
#[derive(Debug, Args)]
pub(crate) struct MeasureArgs {
    #[command(flatten)]
    project: ProjectArgs,
    #[command(flatten)]
    home: HomeArgs,
    /// Requests a second in the last step; 100 without it.
    #[arg(long, value_name = "RPS", default_value_t = 100.0, hide_default_value = true, value_parser = rate)]
    rate: f64,
    /// How long all steps take together; 30s without it.
    #[arg(long, value_name = "TIME", default_value = "30s", hide_default_value = true, value_parser = duration)]
    duration: Duration,
    /// What to GET, of all that is public or of one; `/` without it; may be repeated.
    #[arg(id = "asked", long = "path", value_name = "[WORKLOAD:]PATH")]
    asked: Vec<String>,
    /// Start it first, as `appia up --yes` does.
    #[arg(long)]
    up: bool,
    /// Write nothing, only show.
    #[arg(long)]
    dry_run: bool,
}

/// Runs the verb.
pub(crate) fn run(args: &MeasureArgs, ui: &Ui) -> Result<Exit, Failure> {
    if args.up {
        super::up::start(documents::Action::Up, (&args.project, &ConfirmArgs { yes: true }, &args.home), ui)?;
    }
    let mut project = Project::read(&args.project.paths, &Selection::new(&args.project, None), ui)?;
    let plan = project.plan(&[], ui)?;
    let bar = ui.bar("measure");
    let driven = wait(async {
        let client = Client::running(&args.home).await?.ok_or_else(|| not_running(args, &plan))?;
        let status = client.status(plan.app.as_str(), plan.environment.as_str()).await?;
        let goals = drive::goals(&project.intent, &status, &args.asked)?;
        let driver = drive::Driver { client: &client, plan: &plan, goals: &goals, bar: &bar };
        let driven = driver.drive((args.rate, args.duration), SEED).await?;
        Ok((status, goals, driven))
    });
    bar.finish_and_clear();
    let (status, goals, driven) = driven?;
    let calls = found::calls(&plan);
    let estimates = estimate(&driven.stretches, &calls);
    let (measured, notes) =
        found::Found { plan: &plan, status: &status, goals: &goals, driven: &driven, calls: &calls }
            .measured(&estimates, SEED)?;
    let file = if args.dry_run { None } else { Some(write(&project, &measured)?) };
    let document = document(&measured, notes, file)?;
    if ui.is_json() {
        ui.document(Kind::Measurement, document);
    } else {
        ui.measurement(&measured, &document);
    }
    Ok(Exit::Done)
}

fn not_running(args: &MeasureArgs, plan: &Plan) -> Failure {
    let words = args.project.words();
    Failure::new(Exit::Failed, format!("nothing of `{}` runs in `{}`", plan.app, plan.environment))
        .help(format!("`appia up{words}` starts it, or say `appia measure{words} --up`"))
}

/// Written whole or not at all, so that a plan never reads half of it.
fn write(project: &Project, measured: &Measured) -> Result<String, Failure> {
    let name = project.beside(&project.intent.app.span.file, FILE);
    let path = project.files.locate(&name);
    let text = serde_json::to_string_pretty(measured).map_err(anyhow::Error::from)?;
    replace(&path, &format!("{text}\n")).with_context(|| format!("cannot write `{name}`"))?;
    Ok(name.trim_start_matches("./").to_owned())
}

fn replace(path: &Path, text: &str) -> std::io::Result<()> {
    let next = path.with_extension("json.new");
    std::fs::write(&next, text)?;
    std::fs::rename(&next, path)
}

fn document(
    measured: &Measured,
    notes: Vec<String>,
    file: Option<String>,
) -> Result<documents::Measurement, Failure> {
    let value = |value: Result<serde_json::Value, serde_json::Error>| value.map_err(anyhow::Error::from);
    Ok(documents::Measurement {
        app: measured.app.clone(),
        environment: measured.environment.clone(),
        measured_at: measured.measured_at.clone(),
        machine: value(serde_json::to_value(&measured.machine))?,
        load: value(serde_json::to_value(&measured.load))?,
        workloads: value(serde_json::to_value(&measured.workloads))?,
        resources: value(serde_json::to_value(&measured.resources))?,
        notes,
        file,
    })
}

fn rate(text: &str) -> Result<f64, String> {
    match text.parse::<f64>() {
        Ok(rate) if (0.1..=1_000_000.0).contains(&rate) => Ok(rate),
        _ => Err("write requests a second, from 0.1 to 1000000, such as `100`".to_owned()),
    }
}

fn duration(text: &str) -> Result<Duration, String> {
    match text.parse::<Duration>() {
        Ok(time) if time.as_millis_f64() >= SHORTEST_MILLIS => Ok(time),
        _ => Err("write a time of at least 5 seconds, such as `30s` or `2m`".to_owned()),
    }
}
