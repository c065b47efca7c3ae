//! `appia export`: the plan as files of a target, for whatever a team already runs.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use anyhow::Context;
use appia_api::{Kind, documents};
use appia_diag::Diagnostics;
use clap::Args;

use crate::args::{ProjectArgs, TargetArgs};
use crate::exit::{Exit, Failure};
use crate::project::{Project, Selection};
use crate::ui::Ui;

/// Write the plan as files of a target, to be reviewed and applied by whatever you already run.
///
/// The same input gives the same bytes. Files of an earlier export that the plan no longer makes are removed; a folder
/// with other files in it is refused unless `--yes`.
///
/// Example: `appia export --target kubernetes -o deploy/`
#[derive(Debug, Args)]
pub(crate) struct ExportArgs {
    #[command(flatten)]
    project: ProjectArgs,
    #[command(flatten)]
    target: TargetArgs,
    /// The folder to write to; it is made when it is not there.
    #[arg(short = 'o', long = "out", value_name = "FOLDER")]
    folder: PathBuf,
    /// Write into a folder that holds other files.
    #[arg(short, long)]
    yes: bool,
}

/// Names the files of an export, so that the next one knows which are its own.
const LIST: &str = ".appia-export";

/// Runs the verb.
pub(crate) fn run(args: &ExportArgs, ui: &Ui) -> Result<Exit, Failure> {
    let selection = Selection::new(&args.project, Some(&args.target));
    let mut project = Project::read(&args.project.paths, &selection, ui)?;
    let files = project.render(&args.target.images, ui)?;
    refuse_strangers(&args.folder, args.yes)?;
    write(&args.folder, &files)?;
    told(args, &files, &project.found, ui, &project);
    Ok(Exit::Done)
}

fn told(
    args: &ExportArgs,
    files: &BTreeMap<String, Vec<u8>>,
    found: &Diagnostics,
    ui: &Ui,
    project: &Project,
) {
    let folder = args.folder.display().to_string();
    if ui.is_json() {
        let diagnostics = found.iter().map(documents::Diagnostic::from).collect();
        ui.document(
            Kind::Export,
            documents::Export { folder, files: files.keys().cloned().collect(), diagnostics },
        );
        return;
    }
    project.tell(ui);
    let list: String = files.keys().map(|file| format!("  {folder}/{file}\n")).collect();
    ui.data(&format!("wrote {} files\n{list}", files.len()));
}

/// A folder with files that no export wrote is probably not meant.
fn refuse_strangers(folder: &Path, agreed: bool) -> Result<(), Failure> {
    let Ok(entries) = std::fs::read_dir(folder) else { return Ok(()) };
    let own = own_files(folder);
    let names = entries.flatten().filter_map(|entry| entry.file_name().into_string().ok());
    let is_own = |name: &String| {
        name == LIST || own.iter().any(|file| file == name || file.starts_with(&format!("{name}/")))
    };
    match names.filter(|name| !is_own(name)).min() {
        Some(stranger) if !agreed => Err(Failure::new(
            Exit::Agree,
            format!("`{}` holds other files, such as `{stranger}`", folder.display()),
        )
        .help("name another folder, or agree with `--yes`: files of the same name are overwritten")),
        _ => Ok(()),
    }
}

fn own_files(folder: &Path) -> Vec<String> {
    let list = std::fs::read_to_string(folder.join(LIST)).unwrap_or_default();
    let safe =
        |line: &&str| !line.is_empty() && !line.starts_with('/') && !line.split('/').any(|part| part == "..");
    list.lines().filter(safe).map(str::to_owned).collect()
}

fn write(folder: &Path, files: &BTreeMap<String, Vec<u8>>) -> anyhow::Result<()> {
    let gone = own_files(folder).into_iter().filter(|file| !files.contains_key(file));
    for file in gone {
        let _ = std::fs::remove_file(folder.join(file));
    }
    std::fs::create_dir_all(folder)
        .with_context(|| format!("cannot make the folder `{}`", folder.display()))?;
    let list: String = files.keys().map(|file| format!("{file}\n")).collect();
    let all = files.iter().map(|(name, content)| (name.as_str(), content.as_slice()));
    // The list comes first: what a full disk leaves is known to be of an export.
    for (name, content) in [(LIST, list.as_bytes())].into_iter().chain(all) {
        let path = folder.join(name);
        if let Some(parent) = path.parent() {
            std::fs::create_dir_all(parent)
                .with_context(|| format!("cannot make the folder `{}`", parent.display()))?;
        }
        std::fs::write(&path, content).with_context(|| format!("cannot write `{}`", path.display()))?;
    }
    Ok(())
}
