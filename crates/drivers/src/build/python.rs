//! Builds a Python program: a virtual environment of its own with what it declares.
//!
//! The environment is made where it stays (see `cache.rs`): its scripts and its `pyvenv.cfg` hold absolute paths. The start command is the
//! `Procfile`'s, else the script that `pyproject.toml` declares, else `main.py` or `app.py`. A `command` runs in the environment; what it
//! writes to `output` is a site.

use std::fs;
use std::path::{Path, PathBuf};

use super::cache::{Job, Made};
use super::{BuildError, Start, command, shell, site};

const USUAL: [&str; 4] = ["main.py", "app.py", "server.py", "__main__.py"];

pub(super) async fn build(job: &Job<'_>) -> Result<Made, BuildError> {
    let app = job.copy_source().await?;
    let environment = job.dir.join("venv");
    let project = Project::read(&job.context, &app)?;
    let requirements = app.join("requirements.txt").is_file();
    let packages = requirements || project.is_package;

    job.progress.stage("making a virtual environment");
    let pip = if packages { &["-m", "venv"][..] } else { &["-m", "venv", "--without-pip"] };
    let venv = job.tool("python3", &app).args(pip).args([&environment]);
    job.run(venv.named("python3 -m venv")).await?;
    if packages {
        job.progress.stage("installing packages");
    }
    if requirements {
        install(job, &app, &environment, &["-r", "requirements.txt"]).await?;
    }
    if project.is_package {
        install(job, &app, &environment, &["."]).await?;
    }
    command::run_with(job, &app, &environment.join("bin")).await?;
    if let Some(output) = &job.request.options.output {
        let root = site::root(&app, output)?;
        return Ok(Made::new(&root, Some(Start::StaticSite { root: root.clone() })));
    }
    let mut made = Made::new(&app, start(job, &app, &environment, &project)?.map(Start::Command));
    made.env.insert("PYTHONUNBUFFERED".into(), "1".into());
    made.env.insert("VIRTUAL_ENV".into(), environment.to_string_lossy().into_owned());
    made.path.push(environment.join("bin"));
    Ok(made)
}

async fn install(job: &Job<'_>, app: &Path, environment: &Path, what: &[&str]) -> Result<(), BuildError> {
    let python = environment.join("bin/python");
    let pip = job
        .tool(python, app)
        .args(["-m", "pip", "install", "--disable-pip-version-check", "--no-input", "--progress-bar=off"])
        .args(what)
        .named("pip install");
    job.run(pip.env("PIP_ROOT_USER_ACTION", "ignore")).await
}

fn start(
    job: &Job<'_>,
    app: &Path,
    environment: &Path,
    project: &Project,
) -> Result<Option<Vec<String>>, BuildError> {
    let bin = environment.join("bin");
    if let Some(line) = command::procfile(app, &job.request.workload)? {
        return Ok(Some(in_environment(shell::command(&line), &bin)));
    }
    if let Some(script) = project.script(&job.request.workload) {
        return Ok(Some(in_environment(vec![script.to_owned()], &bin)));
    }
    let file = USUAL.iter().find(|file| app.join(file).is_file());
    Ok(file.map(|file| in_environment(vec!["python".into(), (*file).into()], &bin)))
}

/// Names the environment's own program by its full path, so that no `PATH` can lead elsewhere.
fn in_environment(mut words: Vec<String>, bin: &Path) -> Vec<String> {
    if let Some(program) = words.first_mut() {
        let own: PathBuf = bin.join(&*program);
        if own.is_file() {
            *program = own.to_string_lossy().into_owned();
        }
    }
    words
}

/// What `pyproject.toml` says that matters here.
#[derive(Default)]
struct Project {
    /// It can be installed: it has a build system, or is described as a project.
    is_package: bool,
    name: String,
    scripts: Vec<String>,
}

impl Project {
    fn read(context: &Path, app: &Path) -> Result<Project, BuildError> {
        let path = app.join("pyproject.toml");
        if !path.is_file() {
            return Ok(Project { is_package: app.join("setup.py").is_file(), ..Project::default() });
        }
        let shown = context.join("pyproject.toml");
        let text = fs::read_to_string(&path).map_err(BuildError::read(&shown))?;
        let table: toml::Table =
            text.parse().map_err(|error: toml::de::Error| BuildError::manifest(&shown, error.to_string()))?;
        let project = table.get("project");
        let scripts = project.and_then(|project| project.get("scripts")).and_then(toml::Value::as_table);
        let name = project.and_then(|project| project.get("name")).and_then(toml::Value::as_str);
        Ok(Project {
            is_package: project.is_some() || table.contains_key("build-system"),
            name: name.unwrap_or_default().to_owned(),
            scripts: scripts.into_iter().flat_map(|scripts| scripts.keys().cloned()).collect(),
        })
    }

    fn script(&self, workload: &str) -> Option<&str> {
        let called = |name: &str| self.scripts.iter().find(|script| *script == name).map(String::as_str);
        match self.scripts.as_slice() {
            [only] => Some(only),
            _ => called(workload).or_else(|| called(&self.name)),
        }
    }
}
