//! Builds a Go module: its own programs, or, when it has no source of its own, the tools that its `go.mod` names.
//!
//! Versions and checksums are those of `go.mod` and `go.sum`. Programs land in a `bin` folder of the artifact. What to
//! start: the `Procfile`'s entry, else the program called like the workload, else the module's own, else the only one.

use std::fs;
use std::path::{Path, PathBuf};

use super::cache::{Job, Made};
use super::{BuildError, Start, command, shell, tree};

pub(super) async fn build(job: &Job<'_>) -> Result<Made, BuildError> {
    let app = job.copy_source().await?;
    let bin = job.dir.join("bin");
    fs::create_dir_all(&bin).map_err(BuildError::cache("create", &bin))?;
    let go = job.tool("go", &app).env("GOBIN", &bin);
    if has_source(&app)? {
        job.progress.stage("compiling");
        // The folder's name ends with a `/`, so that each program gets a file of its own in it.
        let go = go.args(["build", "-trimpath", "-o"]).args([bin.join("")]).args(["./..."]);
        job.run(go.named("go build")).await?;
    } else {
        job.progress.stage("compiling the tools that `go.mod` names");
        job.run(go.args(["install", "-trimpath", "tool"]).named("go install tool")).await?;
    }
    let start = start(job, &app, &bin)?;
    let mut made = Made::new(app, start.map(Start::Command));
    made.path.push(bin);
    Ok(made)
}

/// Whether anything but the manifest is there to compile.
fn has_source(app: &Path) -> Result<bool, BuildError> {
    let files = tree::list(app, app)?;
    Ok(files.iter().any(|file| file.path.extension().is_some_and(|extension| extension == "go")))
}

fn start(job: &Job<'_>, app: &Path, bin: &Path) -> Result<Option<Vec<String>>, BuildError> {
    if let Some(line) = command::procfile(app, &job.request.workload)? {
        return Ok(Some(shell::command(&line)));
    }
    let entries = fs::read_dir(bin).map_err(BuildError::read(bin))?;
    let mut programs: Vec<PathBuf> = entries.flatten().map(|entry| entry.path()).collect();
    programs.sort();
    let called = |name: &str| programs.iter().find(|program| program.ends_with(name));
    let chosen = match (&job.request.options.binary, programs.as_slice()) {
        (Some(binary), _) => Some(called(binary).ok_or_else(|| no_binary(app, binary))?),
        (None, [only]) => Some(only),
        (None, _) => called(&job.request.workload).or_else(|| called(&module(app)?)),
    };
    Ok(chosen.map(|program| vec![program.to_string_lossy().into_owned()]))
}

fn no_binary(app: &Path, binary: &str) -> BuildError {
    BuildError::manifest(&app.join("go.mod"), format!("no package of it is a program `{binary}`"))
}

/// The last part of the module's path, which Go calls its program by: `example.com/shop/v2` is `shop`.
fn module(app: &Path) -> Option<String> {
    let text = fs::read_to_string(app.join("go.mod")).ok()?;
    let path = text.lines().find_map(|line| line.trim().strip_prefix("module "))?.trim().trim_matches('"');
    let is_version = |part: &str| part.strip_prefix('v').is_some_and(|digits| digits.parse::<u32>().is_ok());
    path.rsplit('/').find(|part| !is_version(part)).map(str::to_owned)
}
