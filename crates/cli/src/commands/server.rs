//! `appia server`: the two processes behind the command line.

use appia_api::{Kind, documents};
use appia_runtime::AgentClient;
use clap::{Args, Subcommand};

use crate::args::HomeArgs;
use crate::client::{Client, open_home, stop, wait};
use crate::exit::{Exit, Failure};
use crate::ui::Ui;

/// Start, stop or look at the server of this machine. Other verbs start it when they need it.
///
/// The server decides, the agent runs things. When the server ends, everything that runs goes on, and the next server
/// takes it over.
///
/// Example: `appia server status`, `appia server stop --all`
#[derive(Debug, Args)]
pub(crate) struct ServerArgs {
    #[command(subcommand)]
    action: Action,
    #[command(flatten)]
    home: HomeArgs,
}

/// What to do with it.
#[derive(Debug, Subcommand)]
enum Action {
    /// Start the server and the agent; what should run is started again.
    Start,
    /// End the server; what runs goes on.
    Stop {
        /// End the agent too, and with it everything that runs. Data stays, and `server start` brings it back.
        #[arg(long)]
        all: bool,
    },
    /// Tell whether server and agent run.
    Status,
}

/// Runs the verb.
pub(crate) fn run(args: &ServerArgs, ui: &Ui) -> Result<Exit, Failure> {
    let state = wait(async {
        match &args.action {
            Action::Start => Client::start(&args.home).await?.health().await,
            Action::Stop { all } => match Client::running(&args.home).await? {
                Some(client) => {
                    stop(&client, *all).await?;
                    stopped(&args.home).await
                }
                None if *all => {
                    stop(&Client::start(&args.home).await?, true).await?;
                    stopped(&args.home).await
                }
                None => stopped(&args.home).await,
            },
            Action::Status => match Client::running(&args.home).await? {
                Some(client) => client.health().await,
                None => stopped(&args.home).await,
            },
        }
    })?;
    if ui.is_json() {
        ui.document(Kind::Server, state);
    } else {
        ui.server(&state);
    }
    Ok(Exit::Done)
}

async fn stopped(home: &HomeArgs) -> Result<documents::Server, Failure> {
    let home = open_home(home)?;
    let agent_pid = AgentClient::new(&home).hello().await.ok().map(|hello| hello.pid);
    Ok(documents::Server {
        state: "stopped".to_owned(),
        pid: None,
        agent: if agent_pid.is_some() { "running" } else { "stopped" }.to_owned(),
        agent_pid,
        home: home.root().display().to_string(),
        version: None,
    })
}
