//! `appia server`: the two processes behind the command line, and what the server keeps.

mod keep;

use std::path::PathBuf;

use appia_api::{Kind, documents};
use appia_runtime::AgentClient;
use clap::{Args, Subcommand};

use crate::args::{ConfirmArgs, HomeArgs};
use crate::client::{Client, open_home, stop, wait};
use crate::exit::{Exit, Failure};
use crate::ui::Ui;

/// Start, stop or look at the server of this machine, and keep its store. Other verbs start it when they need it.
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
    /// Write a copy of the store to a file that is not there yet, and read the copy back.
    ///
    /// Beside it lies its checksum, `FILE.sha256`. Keep `seal.key` of the home with it: without it no copy opens.
    Backup {
        /// Where the copy goes.
        #[arg(value_name = "FILE")]
        file: PathBuf,
    },
    /// Bring a copy of the store back. What runs goes on; what was there is kept aside.
    Restore {
        /// A copy that `server backup` wrote, or one of those that the server takes by itself.
        #[arg(value_name = "FILE")]
        file: PathBuf,
        #[command(flatten)]
        confirm: ConfirmArgs,
    },
    /// Tell whether everything that is kept is as it was written; ends with 1 when it is not.
    Doctor {
        /// When it is not: bring the last good copy of the store back, and put damaged files of the agent aside.
        #[arg(long)]
        restore: bool,
        #[command(flatten)]
        confirm: ConfirmArgs,
    },
}

/// Runs the verb.
pub(crate) fn run(args: &ServerArgs, ui: &Ui) -> Result<Exit, Failure> {
    match &args.action {
        Action::Backup { file } => return keep::backup(&args.home, file, ui),
        Action::Restore { file, confirm } => return keep::restore(&args.home, file, confirm, ui),
        Action::Doctor { restore: false, .. } => return keep::doctor(&args.home, ui),
        Action::Doctor { restore: true, confirm } => return keep::heal(&args.home, confirm, ui),
        Action::Start | Action::Stop { .. } | Action::Status => {}
    }
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
            Action::Backup { .. } | Action::Restore { .. } | Action::Doctor { .. } => {
                stopped(&args.home).await
            }
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
