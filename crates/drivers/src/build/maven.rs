//! Builds a Maven project: its own jar, or, when it has no source of its own, the jars that its `pom.xml` depends on.
//!
//! What to start: the `Procfile`'s entry, else the only jar that was made. A project of several jars says it by its
//! workload's `command`.

use std::fs;
use std::path::{Path, PathBuf};

use super::cache::{Job, Made};
use super::{BuildError, Start, command, shell};

/// Pinned: without a version Maven takes the newest one of the day.
const COPY: &str = "org.apache.maven.plugins:maven-dependency-plugin:3.8.1:copy-dependencies";
/// Jars that stand beside the one that runs.
const BESIDE: [&str; 3] = ["-sources.jar", "-javadoc.jar", "-tests.jar"];

pub(super) async fn build(job: &Job<'_>) -> Result<Made, BuildError> {
    let app = job.copy_source().await?;
    let (goals, folder): (&[&str], &str) = if app.join("src").is_dir() {
        job.progress.stage("packaging");
        (&["package", "-DskipTests"], "target")
    } else {
        job.progress.stage("fetching the jars");
        (&[COPY, "-DoutputDirectory=lib", "-DincludeScope=runtime"], "lib")
    };
    let maven = job.tool("mvn", &app).args(["--batch-mode", "--quiet"]).args(goals);
    job.run(maven.named("mvn")).await?;
    let start = start(job, &app, folder)?;
    Ok(Made::new(app, start.map(Start::Command)))
}

fn start(job: &Job<'_>, app: &Path, folder: &str) -> Result<Option<Vec<String>>, BuildError> {
    if let Some(line) = command::procfile(app, &job.request.workload)? {
        return Ok(Some(shell::command(&line)));
    }
    let place = app.join(folder);
    let entries = fs::read_dir(&place).map_err(BuildError::read(&place))?;
    let jars: Vec<PathBuf> = entries.flatten().map(|entry| entry.path()).filter(|path| runs(path)).collect();
    let [only] = jars.as_slice() else { return Ok(None) };
    let jar = only.strip_prefix(app).unwrap_or(only).to_string_lossy().into_owned();
    Ok(Some(vec!["java".into(), "-jar".into(), jar]))
}

fn runs(path: &Path) -> bool {
    let name = path.file_name().and_then(|name| name.to_str()).unwrap_or_default();
    let original = name.starts_with("original-") || BESIDE.iter().any(|end| name.ends_with(end));
    name.ends_with(".jar") && !original
}
