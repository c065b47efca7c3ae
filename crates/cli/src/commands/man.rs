//! `appia man`: the manual pages.

use std::path::PathBuf;

use anyhow::Context;
use clap::{Args, Command};
use clap_mangen::Man;

use crate::exit::{Exit, Failure};
use crate::ui::Ui;

/// Print the manual page of `appia`, or write one for each verb to a folder.
///
/// Example: `appia man | man -l -`, `appia man -o ~/.local/share/man/man1`
#[derive(Debug, Args)]
pub(crate) struct ManArgs {
    /// Write a page for each verb to this folder.
    #[arg(short = 'o', long = "out", value_name = "FOLDER")]
    folder: Option<PathBuf>,
}

/// Runs the verb.
pub(crate) fn run(args: &ManArgs, command: Command, ui: &Ui) -> Result<Exit, Failure> {
    match &args.folder {
        Some(folder) => {
            std::fs::create_dir_all(folder)
                .with_context(|| format!("cannot make the folder `{}`", folder.display()))?;
            clap_mangen::generate_to(command, folder)
                .with_context(|| format!("cannot write to `{}`", folder.display()))?;
            ui.say(&format!("wrote the manual pages to {}", folder.display()));
        }
        None => {
            let mut page = Vec::new();
            Man::new(command).render(&mut page).context("cannot make the manual page")?;
            ui.bytes(&page);
        }
    }
    Ok(Exit::Done)
}
