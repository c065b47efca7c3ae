//! `appia logs`: what workloads printed.

use appia_api::protocol::LogQuery;
use clap::Args;

use crate::args::{HomeArgs, ProjectArgs};
use crate::client::{Client, wait};
use crate::exit::{Exit, Failure};
use crate::project::{AppName, Project};
use crate::ui::Ui;

/// Show what workloads and resources printed, merged by time.
///
/// Example: `appia logs`, `appia logs api -f`, `appia logs worker examples/storefront --tail 20`
#[derive(Debug, Args)]
pub(crate) struct LogsArgs {
    /// Only this workload or resource; what has a `/` in it or ends with `.yaml` is a PATH.
    #[arg(value_name = "WORKLOAD")]
    workload: Option<String>,
    /// Folder or files of the application; without one the current folder.
    #[arg(value_name = "PATH")]
    paths: Vec<String>,
    /// Go on as lines come.
    #[arg(short, long)]
    follow: bool,
    /// Only the last lines.
    #[arg(long, value_name = "LINES")]
    tail: Option<usize>,
    /// The same as PATH.
    #[arg(long, value_name = "PATH")]
    path: Vec<String>,
    /// The environment; `local` without it.
    #[arg(short, long, value_name = "ENV")]
    environment: Option<String>,
    #[command(flatten)]
    home: HomeArgs,
}

/// Runs the verb.
pub(crate) fn run(args: &LogsArgs, ui: &Ui) -> Result<Exit, Failure> {
    let (workload, paths) = split(args);
    let project = ProjectArgs { paths, environment: args.environment.clone() };
    let AppName { app, environment } = Project::name(&project, ui)?;
    let query = LogQuery { workload, tail: args.tail, follow: args.follow };
    wait(async {
        let client = Client::start(&args.home).await?;
        client.logs(&app, &environment, &query, |event| ui.log_line(&event)).await
    })?;
    Ok(Exit::Done)
}

/// Other verbs take a PATH first, so a first word that can only be one is taken as one.
fn split(args: &LogsArgs) -> (Option<String>, Vec<String>) {
    let named = args.path.iter().chain(&args.paths).cloned();
    match &args.workload {
        Some(word) if is_path(word) => (None, std::iter::once(word.clone()).chain(named).collect()),
        workload => (workload.clone(), named.collect()),
    }
}

fn is_path(word: &str) -> bool {
    word.contains('/') || matches!(word, "." | "..") || word.ends_with(".yaml") || word.ends_with(".yml")
}
