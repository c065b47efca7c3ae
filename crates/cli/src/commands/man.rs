//! `appia man`: the manual pages.

use std::path::{Path, PathBuf};

use anyhow::Context;
use appia_api::{Kind, documents};
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

fn told(folder: &Path, ui: &Ui) -> Result<(), Failure> {
    if !ui.is_json() {
        ui.say(&format!("wrote the manual pages to {}", folder.display()));
        return Ok(());
    }
    let pages = std::fs::read_dir(folder).with_context(|| format!("cannot read `{}`", folder.display()))?;
    let mut files: Vec<String> =
        pages.flatten().filter_map(|page| page.file_name().into_string().ok()).collect();
    files.retain(|file| file.starts_with("appia") && file.ends_with(".1"));
    files.sort();
    let folder = folder.display().to_string();
    ui.document(Kind::Export, documents::Export { folder, files, diagnostics: Vec::new() });
    Ok(())
}

/// Runs the verb.
pub(crate) fn run(args: &ManArgs, command: Command, ui: &Ui) -> Result<Exit, Failure> {
    match &args.folder {
        Some(folder) => {
            std::fs::create_dir_all(folder)
                .with_context(|| format!("cannot make the folder `{}`", folder.display()))?;
            clap_mangen::generate_to(command, folder)
                .with_context(|| format!("cannot write to `{}`", folder.display()))?;
            told(folder, ui)?;
        }
        None => {
            let mut page = Vec::new();
            Man::new(command).render(&mut page).context("cannot make the manual page")?;
            ui.bytes(&page);
        }
    }
    Ok(Exit::Done)
}
