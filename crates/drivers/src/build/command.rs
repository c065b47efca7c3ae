//! Any shell command with a declared output, for everything that has no builder of its own.
//!
//! The command runs in a copy of the source. With an `output` only that is kept, under its own relative path, with the `Procfile` beside it;
//! without one the whole copy is. What to start: the `Procfile`'s entry, the output when it is a program, or the site that it is.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

use super::cache::{Job, Made};
use super::{BuildError, Start, shell, tree};

pub(super) async fn build(job: &Job<'_>) -> Result<Made, BuildError> {
    let app = job.copy_source().await?;
    if let Some(line) = &job.request.options.command {
        job.progress.stage("running the build command");
        job.run(job.tool("/bin/sh", &app).args(["-c", line]).named(line)).await?;
    }
    if let Some(output) = &job.request.options.output {
        keep_only(tree::inside(output)?, &app, &job.dir.join("source"))?;
    }
    let start = start(job, &app)?;
    Ok(Made::new(app, start))
}

/// Runs the `command` of another builder's request, with what that builder installed in front of `PATH`.
pub(super) async fn run_with(job: &Job<'_>, app: &Path, bin: &Path) -> Result<(), BuildError> {
    let Some(line) = &job.request.options.command else { return Ok(()) };
    job.progress.stage("running the build command");
    let path = std::env::var_os("PATH").unwrap_or_default();
    let folders = std::iter::once(bin.to_owned()).chain(std::env::split_paths(&path));
    let path = std::env::join_paths(folders).unwrap_or(path);
    job.run(job.tool("/bin/sh", app).args(["-c", line]).env("PATH", path).named(line)).await
}

/// Moves the copy aside, takes the output back, and removes the rest.
fn keep_only(output: &Path, app: &Path, aside: &Path) -> Result<(), BuildError> {
    if output.components().all(|part| part == std::path::Component::CurDir) {
        return Ok(());
    }
    if !app.join(output).exists() {
        return Err(BuildError::NoOutput { output: output.to_owned() });
    }
    let kept = app.join(output);
    let take = || {
        fs::rename(app, aside)?;
        fs::create_dir_all(kept.parent().unwrap_or(app))?;
        fs::rename(aside.join(output), &kept)?;
        if aside.join("Procfile").is_file() {
            fs::copy(aside.join("Procfile"), app.join("Procfile"))?;
        }
        fs::remove_dir_all(aside)
    };
    take().map_err(BuildError::cache("move", &kept))
}

fn start(job: &Job<'_>, app: &Path) -> Result<Option<Start>, BuildError> {
    if let Some(line) = procfile(app, &job.request.workload)? {
        return Ok(Some(Start::Command(shell::command(&line))));
    }
    let Some(output) = &job.request.options.output else { return Ok(None) };
    let made: PathBuf = app.join(output).components().collect();
    let about = made.metadata().map_err(BuildError::read(&made))?;
    if about.is_file() && about.permissions().mode() & 0o111 != 0 {
        return Ok(Some(Start::Command(vec![made.to_string_lossy().into_owned()])));
    }
    Ok(made.join("index.html").is_file().then_some(Start::StaticSite { root: made }))
}

/// The line of the `Procfile` to start: the entry called like the workload, else `web`, else the only one.
pub(super) fn procfile(folder: &Path, workload: &str) -> Result<Option<String>, BuildError> {
    let path = folder.join("Procfile");
    if !path.is_file() {
        return Ok(None);
    }
    let text = fs::read_to_string(&path).map_err(BuildError::read(&path))?;
    let entries: Vec<(&str, &str)> = text
        .lines()
        .filter(|line| !line.trim_start().starts_with('#'))
        .filter_map(|line| line.split_once(':'))
        .map(|(name, line)| (name.trim(), line.trim()))
        .collect();
    let called =
        |wanted: &str| entries.iter().find(|(name, _)| *name == wanted).map(|(_, line)| (*line).to_owned());
    let only = || match entries.as_slice() {
        [(_, line)] => Some((*line).to_owned()),
        _ => None,
    };
    Ok(called(workload).or_else(|| called("web")).or_else(only))
}
