//! `appia logs`: what workloads printed.

use appia_api::Kind;
use appia_api::documents::Event;
use appia_api::protocol::LogQuery;
use clap::Args;

use crate::args::{HomeArgs, ProjectArgs};
use crate::client::{Client, wait};
use crate::exit::{Exit, Failure};
use crate::project::{AppName, Project};
use crate::ui::Ui;

/// Show what workloads and resources printed, merged by time.
///
/// Example: `appia logs`, `appia logs api -f`, `appia logs worker --tail 20 --path examples/storefront`
#[derive(Debug, Args)]
pub(crate) struct LogsArgs {
    /// Only this workload or resource.
    #[arg(value_name = "WORKLOAD")]
    workload: Option<String>,
    /// Go on as lines come.
    #[arg(short, long)]
    follow: bool,
    /// Only the last lines.
    #[arg(long, value_name = "LINES")]
    tail: Option<usize>,
    /// Folder or file of the application.
    #[arg(long, value_name = "PATH")]
    path: Vec<String>,
    /// The environment.
    #[arg(short, long, value_name = "ENV")]
    environment: Option<String>,
    #[command(flatten)]
    home: HomeArgs,
}

/// Runs the verb.
pub(crate) fn run(args: &LogsArgs, ui: &Ui) -> Result<Exit, Failure> {
    let project = ProjectArgs { paths: args.path.clone(), environment: args.environment.clone() };
    let AppName { app, environment } = Project::name(&project, ui)?;
    let query = LogQuery { workload: args.workload.clone(), tail: args.tail, follow: args.follow };
    wait(async {
        let client = Client::start(&args.home).await?;
        client.logs(&app, &environment, &query, |event| show(event, ui)).await
    })?;
    Ok(Exit::Done)
}

fn show(event: Event, ui: &Ui) {
    if ui.is_json() {
        ui.document(Kind::Event, event);
    } else {
        ui.log_line(&event);
    }
}
