//! `appia init`: a first `appia.yaml` for what is in a folder.

use std::path::PathBuf;

use anyhow::Context;
use clap::Args;

use crate::exit::{Exit, Failure};
use crate::project::DiskFiles;
use crate::ui::Ui;

/// Write a commented `appia.yaml` for the code in a folder: Cargo, Node, Python, static site, Procfile, Dockerfile.
///
/// Example: `appia init`, `appia init services/shop --print`
#[derive(Debug, Args)]
pub(crate) struct InitArgs {
    /// The folder with the code.
    #[arg(value_name = "FOLDER", default_value = ".")]
    folder: PathBuf,
    /// Print it instead of writing it.
    #[arg(long)]
    print: bool,
    /// Replace an `appia.yaml` that is there.
    #[arg(long)]
    force: bool,
}

/// Runs the verb.
pub(crate) fn run(args: &InitArgs, ui: &Ui) -> Result<Exit, Failure> {
    if !args.folder.is_dir() {
        return Err(Failure::usage(format!("there is no folder `{}`", args.folder.display())));
    }
    let proposal = appia_sources::code::propose(&DiskFiles::new(args.folder.clone()), ".");
    if args.print {
        ui.data(&proposal.yaml);
        return Ok(Exit::Done);
    }
    let path = args.folder.join("appia.yaml");
    if path.exists() && !args.force {
        return Err(Failure::new(Exit::Agree, format!("`{}` is there already", path.display()))
            .help("see what would be written with `--print`, or replace it with `--force`"));
    }
    std::fs::write(&path, &proposal.yaml).with_context(|| format!("cannot write `{}`", path.display()))?;
    for finding in &proposal.findings {
        ui.say(&format!("  {}: {}", finding.file, finding.text));
    }
    ui.data(&format!("wrote {}\n", path.display()));
    ui.say("next: read it, then `appia plan` and `appia up`");
    Ok(Exit::Done)
}
