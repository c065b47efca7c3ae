//! `appia internal`: what this binary starts itself as, and what the project generates from it. Not for people.

mod docs;

use std::ffi::OsString;
use std::path::PathBuf;
use std::process::ExitCode;

use appia_runtime::agent::{ALREADY, RunError};
use appia_server::AnotherServer;
use clap::{Args, Command, Subcommand};

use crate::client::DAMAGED;
use crate::exit::Exit;

/// Verbs that Appia calls on itself.
#[derive(Debug, Args)]
pub(crate) struct InternalArgs {
    #[command(subcommand)]
    verb: InternalVerb,
}

/// Other processes of the same binary.
#[derive(Debug, Subcommand)]
enum InternalVerb {
    /// The control plane of a home.
    Server,
    /// The data plane of a home.
    Agent {
        /// The home.
        home: PathBuf,
    },
    /// Holds one instance: its pipes, its limits, its exit status.
    Shim {
        /// The instance's folder.
        folder: PathBuf,
    },
    /// Becomes a command that sees the files of a process that has a view of its own.
    Enter {
        /// The process.
        pid: i32,
        /// The command and its arguments.
        #[arg(trailing_var_arg = true, allow_hyphen_values = true, required = true)]
        command: Vec<String>,
    },
    /// Tries whether this machine gives a program a file system view of its own.
    TryMounts {
        /// A folder that is there.
        folder: PathBuf,
    },
    /// Serves static files.
    Site {
        /// The folder with the files.
        root: PathBuf,
    },
    /// Runs a build tool and ends it with all its children when its caller dies.
    RunTool {
        /// The tool and its arguments.
        #[arg(trailing_var_arg = true, allow_hyphen_values = true, required = true)]
        command: Vec<OsString>,
    },
    /// Writes the generated part of the documentation.
    GenerateDocs {
        /// The folder to write to.
        folder: PathBuf,
    },
}

/// Runs the verb; what goes wrong goes to stderr, which its starter keeps as a log.
pub(crate) fn run(args: InternalArgs, command: Command) -> ExitCode {
    match args.verb {
        InternalVerb::Shim { folder } => appia_runtime::shim::main(&folder),
        InternalVerb::Enter { pid, command } => appia_runtime::shim::run_inside(pid, &command),
        InternalVerb::TryMounts { folder } => appia_runtime::shim::try_mounts(&folder),
        InternalVerb::RunTool { command } => {
            let code = appia_drivers::tool::reaper_main(command);
            ExitCode::from(u8::try_from(code).unwrap_or(Exit::Failed.code()))
        }
        InternalVerb::GenerateDocs { folder } => ended(docs::write(&folder, command)),
        InternalVerb::Server => ended(in_runtime(appia_server::serve())),
        InternalVerb::Agent { home } => ended(in_runtime(agent(home))),
        InternalVerb::Site { root } => {
            ended(in_runtime(async move { appia_runtime::site::run(&root).await }))
        }
    }
}

async fn agent(home: PathBuf) -> anyhow::Result<()> {
    let home = appia_runtime::home::Home::open(&home)?;
    appia_server::log_to(&home.agent_log())?;
    appia_runtime::agent::run(home, appia_runtime::Program::this()?).await?;
    Ok(())
}

fn in_runtime<E: Into<anyhow::Error>>(future: impl Future<Output = Result<(), E>>) -> anyhow::Result<()> {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build()?;
    runtime.block_on(future).map_err(Into::into)
}

fn ended(result: anyhow::Result<()>) -> ExitCode {
    match result {
        Ok(()) => ExitCode::from(Exit::Done.code()),
        Err(error) => {
            crate::ui::last_words(&format!("{error:#}"));
            let already =
                matches!(error.downcast_ref(), Some(RunError::Already(_))) || error.is::<AnotherServer>();
            let damaged = error.downcast_ref().is_some_and(appia_store::StoreError::is_damage);
            ExitCode::from(match (already, damaged) {
                (true, _) => ALREADY,
                (_, true) => DAMAGED,
                (false, false) => Exit::Failed.code(),
            })
        }
    }
}
