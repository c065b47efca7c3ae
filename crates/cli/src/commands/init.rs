//! `appia init`: a first `appia.yaml` for what is in a folder.

use std::path::{Path, PathBuf};

use anyhow::Context;
use appia_api::{Kind, documents};
use appia_plan::Provides;
use appia_sources::code::Finding;
use clap::Args;

use crate::exit::{Exit, Failure};
use crate::project::DiskFiles;
use crate::ui::Ui;

/// Write a commented `appia.yaml` for the code in a folder: Cargo, Node, Python, Go, Maven, static site, Procfile,
/// Dockerfile, or programs that it pins.
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

/// The types of resources that this machine provides.
fn provided() -> Vec<&'static str> {
    let offerings = appia_targets::find("local").into_iter().flat_map(|target| target.offerings());
    let kinds = offerings.filter_map(|offering| match &offering.provides {
        Provides::Resource(kind) => Some(kind.as_ref()),
        Provides::Workload(_) => None,
    });
    kinds.collect()
}

/// Runs the verb.
pub(crate) fn run(args: &InitArgs, ui: &Ui) -> Result<Exit, Failure> {
    if !args.folder.is_dir() {
        return Err(Failure::usage(format!("there is no folder `{}`", args.folder.display()))
            .help("name the folder with the code; without one it is the current one"));
    }
    let files = DiskFiles::new(args.folder.clone(), &[]);
    let proposal = appia_sources::code::propose(&files, ".", &provided());
    if args.print {
        ui.data(&proposal.yaml);
        return Ok(Exit::Done);
    }
    let path = if args.folder == Path::new(".") {
        PathBuf::from("appia.yaml")
    } else {
        args.folder.join("appia.yaml")
    };
    // A link that leads nowhere is there too: writing would go through it.
    if path.symlink_metadata().is_ok() && !args.force {
        return Err(Failure::new(Exit::Agree, format!("`{}` is there already", path.display()))
            .help("see what would be written with `--print`, or replace it with `--force`"));
    }
    std::fs::write(&path, &proposal.yaml).with_context(|| format!("cannot write `{}`", path.display()))?;
    for finding in &proposal.findings {
        ui.say(&format!("  {}: {}", finding.file, finding.text));
    }
    if ui.is_json() {
        let folder = args.folder.display().to_string();
        let files = vec!["appia.yaml".to_owned()];
        ui.document(Kind::Export, documents::Export { folder, files, diagnostics: Vec::new() });
        return Ok(Exit::Done);
    }
    if proposal.findings.is_empty() {
        ui.say("  no program was recognised here: what is written is an example to change");
    }
    ui.data(&format!("wrote {}\n", path.display()));
    let is_image = |finding: &Finding| finding.file.rsplit('/').next() == Some("Dockerfile");
    if !proposal.findings.is_empty() && proposal.findings.iter().all(is_image) {
        ui.say("next: read it, then `appia export --target kubernetes -o FOLDER`; images are not run on this machine, so for `appia up` give it a `build`");
    } else {
        ui.say("next: read it, then `appia plan` and `appia up`");
    }
    Ok(Exit::Done)
}
