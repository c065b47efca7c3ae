//! The `appia` command: parses the command line, runs one verb, ends with its exit code.
//!
//! Verbs are in `commands/`, one file each; everything that is printed is in `ui/`. Pure verbs run in this process,
//! the rest talk to the server of this home.

mod apply;
mod args;
mod client;
mod commands;
mod exit;
mod packages;
mod project;
mod ui;

use std::process::ExitCode;

use clap::Parser;
use clap::error::ErrorKind;

use crate::args::{Arguments, Verb};
use crate::exit::Exit;
use crate::ui::Ui;

fn main() -> ExitCode {
    let arguments = match Arguments::try_parse() {
        Ok(arguments) => arguments,
        Err(error) => return wrong_command_line(&error),
    };
    let ui = Ui::new(&arguments.output);
    let result = match arguments.verb {
        // Why before everything else: these are other processes of the same binary and must stay small.
        Verb::Internal(internal) => return commands::internal::run(internal),
        Verb::Init(args) => commands::init::run(&args, &ui),
        Verb::Check(args) => commands::check::run(&args, &ui),
        Verb::Plan(args) => commands::plan::run(&args, &ui),
        Verb::Explain(args) => commands::explain::run(&args, &ui),
        Verb::Export(args) => commands::export::run(&args, &ui),
        Verb::Up(args) => commands::up::run(&args, &ui),
        Verb::Deploy(args) => commands::deploy::run(&args, &ui),
        Verb::Rollback(args) => commands::rollback::run(&args, &ui),
        Verb::Down(args) => commands::down::run(&args, &ui),
        Verb::Status(args) => commands::status::run(&args, &ui),
        Verb::Logs(args) => commands::logs::run(&args, &ui),
        Verb::Leaks(args) => commands::leaks::run(&args, &ui),
        Verb::Server(args) => commands::server::run(&args, &ui),
        Verb::Schema(args) => commands::schema::run(&args, &ui),
        Verb::Completions(args) => commands::completions::run(&args, &ui),
        Verb::Man(args) => commands::man::run(&args, &ui),
        Verb::Version(args) => commands::version::run(&args, &ui),
    };
    let exit = result.unwrap_or_else(|failure| ui.failure(&failure));
    ExitCode::from(exit.code())
}

/// Help and version are answers; everything else is a wrong command line, in JSON when that was asked for.
fn wrong_command_line(error: &clap::Error) -> ExitCode {
    let _ = error.print();
    let answered = matches!(error.kind(), ErrorKind::DisplayHelp | ErrorKind::DisplayVersion);
    ExitCode::from(if answered { Exit::Done } else { Exit::Usage }.code())
}
