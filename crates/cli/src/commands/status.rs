//! `appia status`: what runs and how it does.

use appia_api::Kind;
use clap::Args;

use crate::args::{HomeArgs, ProjectArgs};
use crate::client::{Client, wait};
use crate::exit::{Exit, Failure};
use crate::project::{AppName, Project};
use crate::ui::Ui;

/// Show what runs: state, rates and latencies of the last five minutes, processor and memory, each instance.
///
/// A change that failed last is told with its reason. With `--all` it is a line for each application of this machine,
/// wherever its files are.
///
/// Example: `appia status`, `appia status examples/storefront --output json`, `appia status --all`
#[derive(Debug, Args)]
pub(crate) struct StatusArgs {
    #[command(flatten)]
    project: ProjectArgs,
    /// Every application of which anything is there: it runs, or its data is kept.
    #[arg(long, conflicts_with_all = ["paths", "environment"])]
    all: bool,
    #[command(flatten)]
    home: HomeArgs,
}

/// Runs the verb.
pub(crate) fn run(args: &StatusArgs, ui: &Ui) -> Result<Exit, Failure> {
    if args.all {
        return all(&args.home, ui);
    }
    let AppName { app, environment } = Project::name(&args.project, ui)?;
    let (status, elsewhere) = wait(async {
        let client = Client::start(&args.home).await?;
        let status = client.status(&app, &environment).await?;
        let is_there = status.release.is_some() || !status.workloads.is_empty();
        let all = if is_there { None } else { Some(client.applications().await?) };
        Ok((status, all))
    })?;
    if ui.is_json() {
        ui.document(Kind::Status, status);
    } else {
        ui.status(&status);
        if status.release.is_none() {
            ui.say(&format!("`appia up{}` deploys it", args.project.words()));
        }
        for other in elsewhere.iter().flat_map(|all| &all.applications).filter(|one| one.app == app) {
            if other.environment != environment {
                ui.say(&format!("`{app}` is there in `{0}`: `-e {0}`", other.environment));
            }
        }
    }
    Ok(Exit::Done)
}

fn all(home: &HomeArgs, ui: &Ui) -> Result<Exit, Failure> {
    let applications = wait(async { Client::start(home).await?.applications().await })?;
    if ui.is_json() {
        ui.document(Kind::Applications, applications);
    } else {
        ui.applications(&applications);
    }
    Ok(Exit::Done)
}
