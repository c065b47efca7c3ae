//! `appia server`: the two processes behind the command line, and what the server keeps.

mod backup;
mod doctor;

use std::fs::OpenOptions;
use std::io::Write;
use std::net::SocketAddr;
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};
use std::str::FromStr;

use anyhow::Context;
use appia_api::{Kind, documents};
use appia_runtime::AgentClient;
use appia_runtime::agent::Shutdown;
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
    Start {
        /// Answer on this address of loopback too, now and whenever the server starts: `127.0.0.1:7400`, port 0 for a free
        /// one, `none` to stop that. Whoever asks there shows the token in `server.token` in the home folder.
        #[arg(long, value_name = "ADDRESS")]
        listen: Option<Listen>,
    },
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
        Action::Backup { file } => return backup::backup(&args.home, file, ui),
        Action::Restore { file, confirm } => return backup::restore(&args.home, file, confirm, ui),
        Action::Doctor { restore: false, .. } => return doctor::doctor(&args.home, ui),
        Action::Doctor { restore: true, confirm } => return doctor::heal(&args.home, confirm, ui),
        Action::Start { .. } | Action::Stop { .. } | Action::Status => {}
    }
    let state = wait(async {
        match &args.action {
            Action::Start { listen } => start(&args.home, listen.as_ref()).await,
            Action::Stop { all } => match Client::running(&args.home).await? {
                Some(client) => {
                    stop(&client, *all).await?;
                    stopped(&args.home).await
                }
                None if *all => {
                    match Client::start(&args.home).await {
                        Ok(client) => stop(&client, true).await?,
                        Err(failure) => stop_agent(&args.home, failure).await?,
                    }
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

/// Where the server shall answer beside its socket.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Listen {
    Nowhere,
    At(SocketAddr),
}

impl FromStr for Listen {
    type Err = String;

    fn from_str(text: &str) -> Result<Listen, String> {
        match text.parse::<SocketAddr>() {
            Ok(address) if address.ip().is_loopback() => Ok(Listen::At(address)),
            Ok(_) => Err(
                "only an address on loopback, because nothing is encrypted: put a proxy with TLS before it"
                    .to_owned(),
            ),
            Err(_) if text == "none" => Ok(Listen::Nowhere),
            Err(_) => Err("write an address and a port such as `127.0.0.1:7400`, or `none`".to_owned()),
        }
    }
}

/// Starts the server; where it listens otherwise than it should, again.
async fn start(home: &HomeArgs, listen: Option<&Listen>) -> Result<documents::Server, Failure> {
    let Some(listen) = listen else { return Client::start(home).await?.health().await };
    let place = open_home(home)?.server_address();
    match listen {
        Listen::Nowhere if place.exists() => std::fs::remove_file(&place),
        Listen::Nowhere => Ok(()),
        Listen::At(address) => write(&place, &format!("{address}\n")),
    }
    .with_context(|| format!("`{}` cannot be changed", place.display()))?;
    if let Some(client) = Client::running(home).await? {
        stop(&client, false).await?;
    }
    let server = Client::start(home).await?.health().await?;
    match listen {
        Listen::At(address) if server.address.is_none() => {
            Err(Failure::new(Exit::Failed, format!("the server does not listen on `{address}`"))
                .help("the port may be taken; the server's log says why: `server.log` in the home folder"))
        }
        Listen::At(_) | Listen::Nowhere => Ok(server),
    }
}

/// Nothing in a home is for others to read.
fn write(path: &Path, text: &str) -> std::io::Result<()> {
    let mut file = OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(path)?;
    file.write_all(text.as_bytes())
}

/// A server whose store is damaged does not start, and what runs has to be stopped all the same.
async fn stop_agent(home: &HomeArgs, failure: Failure) -> Result<(), Failure> {
    AgentClient::new(&open_home(home)?).shutdown(Shutdown::StopAll).await.map_err(|_| failure)
}

async fn stopped(home: &HomeArgs) -> Result<documents::Server, Failure> {
    let home = open_home(home)?;
    let agent_pid = AgentClient::new(&home).hello().await.ok().map(|hello| hello.pid);
    Ok(documents::Server {
        state: documents::ProcessState::Stopped,
        pid: None,
        agent: if agent_pid.is_some() {
            documents::ProcessState::Running
        } else {
            documents::ProcessState::Stopped
        },
        agent_pid,
        home: home.root().display().to_string(),
        version: None,
        address: None,
    })
}
