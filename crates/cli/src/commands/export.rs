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
/// The same input gives the same bytes. Files of an earlier export to the same target that the plan no longer makes are
/// removed; a folder with other files in it is refused unless `--yes`. When outcomes cannot be met the files are written
/// all the same, to be looked at; it is said what would help, and the exit code is 4 unless `--despite-outcomes`.
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
    /// End with 0 although outcomes cannot be met.
    #[arg(long)]
    despite_outcomes: bool,
}

/// Names the files of an export to a target, so that the next one knows which are its own.
const LIST: &str = ".appia-export-";

/// Runs the verb.
pub(crate) fn run(args: &ExportArgs, ui: &Ui) -> Result<Exit, Failure> {
    let selection = Selection::new(&args.project, Some(&args.target));
    let mut project = Project::read(&args.project.paths, &selection, ui)?;
    let (plan, files) = project.render(&args.target.images, ui)?;
    let target = project.target.name();
    if !args.yes {
        refuse_strangers(&args.folder)?;
        refuse_others(&args.folder, target, &files)?;
    }
    write(&args.folder, &format!("{LIST}{target}"), &files)?;
    told(args, &files, &project.found, ui, &project);
    let Some(found) = plan.infeasible else { return Ok(Exit::Done) };
    ui.say(&ui.unmet(&found));
    Ok(if args.despite_outcomes { Exit::Done } else { Exit::Unmet })
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
    let list: String = files.keys().map(|file| format!("  {}\n", args.folder.join(file).display())).collect();
    ui.data(&format!("wrote {} files\n{list}", files.len()));
}

/// A folder with files that no export wrote is probably not meant.
fn refuse_strangers(folder: &Path) -> Result<(), Failure> {
    let Ok(entries) = std::fs::read_dir(folder) else { return Ok(()) };
    let own: Vec<String> = lists(folder).iter().flat_map(|list| files_of(folder, list)).collect();
    let names = entries.flatten().filter_map(|entry| entry.file_name().into_string().ok());
    let is_own = |name: &String| {
        name.starts_with(LIST) || own.iter().any(|file| file == name || file.starts_with(&format!("{name}/")))
    };
    match names.filter(|name| !is_own(name)).min() {
        Some(stranger) => Err(Failure::new(
            Exit::Agree,
            format!("`{}` holds other files, such as `{stranger}`", folder.display()),
        )
        .help("name another folder, or agree with `--yes`: files of the same name are overwritten")),
        None => Ok(()),
    }
}

/// Two targets may share a folder, but not a file.
fn refuse_others(folder: &Path, target: &str, files: &BTreeMap<String, Vec<u8>>) -> Result<(), Failure> {
    let own = format!("{LIST}{target}");
    for list in lists(folder).into_iter().filter(|list| *list != own) {
        if let Some(file) = files_of(folder, &list).into_iter().find(|file| files.contains_key(file)) {
            let other = list.trim_start_matches(LIST);
            return Err(Failure::new(
                Exit::Agree,
                format!("`{file}` in `{}` belongs to an export to `{other}`", folder.display()),
            )
            .help(format!(
                "give each target a folder: `-o {}/{target}`; `--yes` overwrites it",
                folder.display()
            )));
        }
    }
    Ok(())
}

/// The lists of all targets that were exported to a folder.
fn lists(folder: &Path) -> Vec<String> {
    let entries = std::fs::read_dir(folder).into_iter().flatten().flatten();
    let mut lists: Vec<String> = entries
        .filter_map(|entry| entry.file_name().into_string().ok())
        .filter(|name| name.starts_with(LIST))
        .collect();
    lists.sort();
    lists
}

fn files_of(folder: &Path, list: &str) -> Vec<String> {
    let list = std::fs::read_to_string(folder.join(list)).unwrap_or_default();
    let safe =
        |line: &&str| !line.is_empty() && !line.starts_with('/') && !line.split('/').any(|part| part == "..");
    list.lines().filter(safe).map(str::to_owned).collect()
}

fn write(folder: &Path, list_name: &str, files: &BTreeMap<String, Vec<u8>>) -> anyhow::Result<()> {
    let gone = files_of(folder, list_name).into_iter().filter(|file| !files.contains_key(file));
    for file in gone {
        let _ = std::fs::remove_file(folder.join(file));
    }
    std::fs::create_dir_all(folder)
        .with_context(|| format!("cannot make the folder `{}`", folder.display()))?;
    let list: String = files.keys().map(|file| format!("{file}\n")).collect();
    let all = files.iter().map(|(name, content)| (name.as_str(), content.as_slice()));
    // The list comes first: what a full disk leaves is known to be of an export.
    for (name, content) in [(list_name, list.as_bytes())].into_iter().chain(all) {
        let path = folder.join(name);
        if let Some(parent) = path.parent() {
            std::fs::create_dir_all(parent)
                .with_context(|| format!("cannot make the folder `{}`", parent.display()))?;
        }
        std::fs::write(&path, content).with_context(|| format!("cannot write `{}`", path.display()))?;
    }
    Ok(())
}
