//! The `appia` command: parses the command line, runs one verb, ends with its exit code.
//!
//! Verbs are in `commands/`, one file each; everything that is printed is in `ui/`. Pure verbs run in this process,
//! the rest talk to the server of this home.

mod apply;
mod args;
mod build;
mod client;
mod commands;
mod exit;
mod machine;
mod packages;
mod project;
mod ui;

use std::ffi::OsString;
use std::process::ExitCode;

use clap::error::ErrorKind;
use clap::{CommandFactory, Parser};

use crate::args::{ColorChoice, Output, OutputArgs};
use crate::commands::{Arguments, Verb};
use crate::exit::{Exit, Failure};
use crate::ui::Ui;

fn main() -> ExitCode {
    let arguments = match Arguments::try_parse() {
        Ok(arguments) => arguments,
        Err(error) => return wrong_command_line(&error),
    };
    let ui = Ui::new(&arguments.output);
    let result = match arguments.verb {
        // Why before everything else: these are other processes of the same binary and must stay small.
        Verb::Internal(internal) => return commands::internal::run(internal, Arguments::command()),
        Verb::Init(args) => commands::init::run(&args, &ui),
        Verb::Check(args) => commands::check::run(&args, &ui),
        Verb::Plan(args) => commands::plan::run(&args, &ui),
        Verb::Explain(args) => commands::explain::run(&args, &ui),
        Verb::Prove(args) => commands::prove::run(&args, &ui),
        Verb::Measure(args) => commands::measure::run(&args, &ui),
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
        Verb::Completions(args) => commands::completions::run(&args, Arguments::command(), &ui),
        Verb::Man(args) => commands::man::run(&args, Arguments::command(), &ui),
        Verb::Version(args) => commands::version::run(&args, &ui),
    };
    let exit = result.unwrap_or_else(|failure| ui.failure(&failure));
    match ui::unwritten() {
        Some(failure) if exit == Exit::Done => ExitCode::from(ui.unheard(&failure).code()),
        Some(_) | None => ExitCode::from(exit.code()),
    }
}

/// Help and version are answers; everything else is a wrong command line, in JSON when that was asked for.
fn wrong_command_line(error: &clap::Error) -> ExitCode {
    let answered = matches!(error.kind(), ErrorKind::DisplayHelp | ErrorKind::DisplayVersion);
    if answered || !asks_for_json(std::env::args_os().skip(1)) {
        ui::parser(error);
        return ExitCode::from(if answered { Exit::Done } else { Exit::Usage }.code());
    }
    let output = OutputArgs { output: Output::Json, color: ColorChoice::Never, quiet: false, verbose: false };
    ExitCode::from(Ui::new(&output).failure(&usage(&error.to_string())).code())
}

/// What the parser says in lines: the first is the error, what stands in the others helps.
fn usage(said: &str) -> Failure {
    let mut lines = said.lines().map(str::trim).filter(|line| !line.is_empty());
    let message = lines.next().unwrap_or("the command line is wrong").trim_start_matches("error: ");
    lines.fold(Failure::usage(message), Failure::help)
}

/// Looks for `--output json` in a command line that cannot be parsed.
fn asks_for_json(words: impl Iterator<Item = OsString>) -> bool {
    let words: Vec<OsString> = words.take_while(|word| word != "--").collect();
    let named =
        |pair: &[OsString]| matches!(pair, [option, value] if option == "--output" && value == "json");
    words.windows(2).any(named) || words.iter().any(|word| word == "--output=json")
}
