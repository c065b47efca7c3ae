//! Builds a Node package: dependencies by npm, then the `build` script when there is one.
//!
//! With a lock file exactly what it says is installed (`npm ci`). Dependencies that only the build needs are removed again.
//! The start command is `scripts.start`, without npm around it where that changes nothing, so that signals reach the program.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use serde::Deserialize;

use super::cache::{Job, Made};
use super::{BuildError, BuildEvent, Start, command, shell, site};

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Package {
    main: Option<String>,
    scripts: BTreeMap<String, String>,
    dependencies: BTreeMap<String, serde_json::Value>,
    #[serde(rename = "devDependencies")]
    dev_dependencies: BTreeMap<String, serde_json::Value>,
}

pub(super) async fn build(job: &Job<'_>) -> Result<Made, BuildError> {
    let app = job.copy_source().await?;
    let package = Package::read(&job.context, &app)?;
    let builds = package.scripts.contains_key("build");
    install(job, &app, &package).await?;
    if builds {
        job.progress.stage("running the build script");
        npm(job, &app, &["run", "build"]).await?;
        if !package.dev_dependencies.is_empty() {
            npm(job, &app, &["prune", "--omit=dev", "--no-audit", "--no-fund"]).await?;
        }
    }
    command::run_with(job, &app, &app.join("node_modules/.bin")).await?;
    if let Some(output) = &job.request.options.output {
        let root = site::root(&app, output)?;
        return Ok(Made::new(&root, Some(Start::StaticSite { root: root.clone() })));
    }
    let mut made = Made::new(&app, package.start(&app).map(Start::Command));
    made.env.insert("NODE_ENV".into(), "production".into());
    made.path.push(app.join("node_modules/.bin"));
    Ok(made)
}

async fn install(job: &Job<'_>, app: &Path, package: &Package) -> Result<(), BuildError> {
    let builds = package.scripts.contains_key("build");
    let locked = ["package-lock.json", "npm-shrinkwrap.json"].iter().any(|name| app.join(name).exists());
    if package.dependencies.is_empty() && (package.dev_dependencies.is_empty() || !builds) && !locked {
        return Ok(());
    }
    job.progress.stage("installing packages");
    if !locked {
        let other = ["yarn.lock", "pnpm-lock.yaml", "bun.lock"].iter().find(|name| app.join(name).exists());
        let why = match other {
            Some(name) => {
                format!("`{name}` is not read: npm chooses the versions; commit a `package-lock.json`")
            }
            None => "there is no `package-lock.json`: versions may differ next time; commit one".to_owned(),
        };
        job.progress.tell(BuildEvent::Warning(why));
    }
    let verb = if locked { "ci" } else { "install" };
    let scope = if builds { "--include=dev" } else { "--omit=dev" };
    npm(job, app, &[verb, scope, "--no-audit", "--no-fund"]).await
}

async fn npm(job: &Job<'_>, app: &Path, arguments: &[&str]) -> Result<(), BuildError> {
    let label =
        arguments.iter().take(2).filter(|word| !word.starts_with('-')).copied().collect::<Vec<_>>().join(" ");
    let npm = job.tool("npm", app).args(arguments).named(format!("npm {label}"));
    job.run(npm.env("npm_config_update_notifier", "false")).await
}

impl Package {
    fn read(context: &Path, app: &Path) -> Result<Package, BuildError> {
        let path = app.join("package.json");
        let shown = context.join("package.json");
        let text = fs::read(&path).map_err(BuildError::read(&shown))?;
        serde_json::from_slice(&text).map_err(|error| BuildError::manifest(&shown, error.to_string()))
    }

    fn start(&self, app: &Path) -> Option<Vec<String>> {
        let hooked = ["prestart", "poststart"].iter().any(|hook| self.scripts.contains_key(*hook));
        match self.scripts.get("start") {
            Some(_) if hooked => Some(["npm", "start", "--silent"].map(str::to_owned).to_vec()),
            Some(script) => Some(shell::command(script)),
            None => {
                let usual =
                    self.main.as_deref().into_iter().chain(["server.js", "index.js", "main.js", "app.js"]);
                let file = usual.into_iter().find(|file| app.join(file).is_file())?;
                Some(vec!["node".into(), file.into()])
            }
        }
    }
}
