//! `appia completions`: what a shell needs to complete the command line.

use clap::{Args, Command};
use clap_complete::Shell;

use crate::exit::{Exit, Failure};
use crate::ui::Ui;

/// Print what a shell needs to complete `appia` commands.
///
/// Example: `appia completions bash > ~/.local/share/bash-completion/completions/appia`
#[derive(Debug, Args)]
pub(crate) struct CompletionsArgs {
    /// Which shell.
    shell: Shell,
}

/// Runs the verb.
pub(crate) fn run(args: &CompletionsArgs, mut command: Command, ui: &Ui) -> Result<Exit, Failure> {
    let mut script = Vec::new();
    clap_complete::generate(args.shell, &mut command, "appia", &mut script);
    ui.bytes(&script);
    Ok(Exit::Done)
}
