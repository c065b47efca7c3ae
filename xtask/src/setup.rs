//! Set-up of what the tests need: system programs by the package manager, judges pinned into a cache of the user.
//!
//! Called first by `cargo xtask test`, `judge` and `bench`, and alone as `cargo xtask setup`. What is there already is
//! never fetched again. A tool that can neither be found nor installed is reported with the reason, and the caller
//! decides what that means. It never writes into the checkout. Start at `judges`.

mod corpora;
mod packages;
mod pinned;
mod schemas;

use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode};

use anyhow::{Context, Result};

pub(crate) use corpora::{Corpora, corpora};
pub(crate) use packages::{missing, program};
pub(crate) use schemas::{derived, real_provider};

/// A tool that decides whether our output is right, or that the tests run.
pub(crate) struct Tool {
    pub(crate) name: &'static str,
    /// Version and place, or why it is missing.
    pub(crate) state: Result<Found, String>,
}

/// Where a tool is and which version it is.
pub(crate) struct Found {
    pub(crate) path: PathBuf,
    pub(crate) version: String,
}

/// Everything that was set up.
pub(crate) struct Tools(pub(crate) Vec<Tool>);

/// `cargo xtask setup`: sets everything up and says what is there.
pub(crate) fn run() -> Result<ExitCode> {
    let tools = judges();
    print!("{}", tools.table());
    let missing = tools.0.iter().any(|tool| tool.state.is_err());
    Ok(if missing { ExitCode::FAILURE } else { ExitCode::SUCCESS })
}

/// Finds or installs every tool that the tests use.
pub(crate) fn judges() -> Tools {
    let mut tools: Vec<Tool> = packages::PROGRAMS.iter().map(packages::Program::set_up).collect();
    tools.push(Tool { name: "cargo-deny", state: readable(pinned::cargo_deny()) });
    tools.extend(python_judges());
    tools.push(schemas());
    tools.extend(terraform());
    tools.extend(scanners());
    Tools(tools)
}

/// Finds or installs what builds programs for libFuzzer.
pub(crate) fn cargo_fuzz() -> Result<PathBuf> {
    Ok(pinned::cargo_fuzz()?.path)
}

/// Finds or installs the judges that are Python packages.
pub(crate) fn python_judges() -> Vec<Tool> {
    let environment = readable(pinned::python_environment());
    let tool = |(name, version)| {
        let found = environment.clone().and_then(|bin| {
            let path = bin.join(name);
            let version = readable(version_of(&path, version))?;
            Ok(Found { path, version })
        });
        Tool { name, state: found }
    };
    let mut tools: Vec<Tool> =
        [("trivy", "--version"), ("kubernetes-validate", "--version")].into_iter().map(tool).collect();
    let module =
        |name| Tool { name, state: environment.clone().and_then(|bin| readable(module(&bin, name))) };
    tools.extend(["highspy", "ciw"].map(module));
    tools
}

/// The schemas of Terraform providers, printed or derived once.
pub(crate) fn schemas() -> Tool {
    Tool { name: "schemas", state: readable(schemas::schemas()) }
}

/// Finds or installs checkov.
pub(crate) fn scanners() -> Vec<Tool> {
    let found = || {
        let path = pinned::scanners()?.join("checkov");
        let version = version_of(&path, "--version")?;
        Ok(Found { path, version })
    };
    vec![Tool { name: "checkov", state: readable(found()) }]
}

/// Terraform, which this machine has or has not, and OpenTofu, which is built.
pub(crate) fn terraform() -> Vec<Tool> {
    let found = || {
        let path = crate::command::find("terraform", &[]).context("there is no `terraform` on PATH")?;
        let version = version_of(&path, "version")?;
        Ok(Found { path, version })
    };
    vec![
        Tool { name: "terraform", state: readable(found()) },
        Tool { name: "opentofu", state: readable(pinned::opentofu()) },
    ]
}

/// A judge that is a module: the Python that has it.
fn module(bin: &Path, name: &str) -> Result<Found> {
    let path = bin.join("python");
    let ask = format!("import {name}, importlib.metadata as known; print('{name}', known.version('{name}'))");
    let version = crate::command::read(Command::new(&path).args(["-c", &ask]))?.trim().to_owned();
    Ok(Found { path, version })
}

/// Caddy, which the torture of the traffic puts beside us; built once.
pub(crate) fn caddy() -> Result<Found> {
    pinned::caddy()
}

impl Tools {
    /// The place of a tool, if it is there.
    pub(crate) fn path(&self, name: &str) -> Option<&Path> {
        let found = self.0.iter().find(|tool| tool.name == name)?;
        found.state.as_ref().ok().map(|found| found.path.as_path())
    }

    /// Tells a test run where the judges are: `APPIA_JUDGE_<NAME>`, and their folders at the end of `PATH`.
    pub(crate) fn hand_to(&self, command: &mut Command) -> Result<()> {
        let mut folders: Vec<PathBuf> =
            std::env::split_paths(&std::env::var_os("PATH").unwrap_or_default()).collect();
        for tool in &self.0 {
            let Ok(found) = &tool.state else { continue };
            command.env(variable(tool.name), &found.path);
            folders.extend(found.path.parent().map(Path::to_path_buf));
        }
        let mut seen = Vec::new();
        folders.retain(|folder| {
            !seen.contains(folder) && {
                seen.push(folder.clone());
                true
            }
        });
        let path: OsString = std::env::join_paths(folders).context("PATH cannot be joined")?;
        command.env("PATH", path);
        Ok(())
    }

    /// One line a tool: its name, `ran` or `missing`, its version or the reason.
    pub(crate) fn table(&self) -> String {
        let line = |tool: &Tool| match &tool.state {
            Ok(found) => {
                format!("  {:<20} ready    {} ({})\n", tool.name, found.version, found.path.display())
            }
            Err(why) => format!("  {:<20} MISSING  {why}\n", tool.name),
        };
        self.0.iter().map(line).collect()
    }
}

/// The variable that tells tests where a judge is: `APPIA_JUDGE_KUBERNETES_VALIDATE`.
pub(crate) fn variable(name: &str) -> String {
    format!("APPIA_JUDGE_{}", name.to_uppercase().replace('-', "_"))
}

/// Where pinned judges are kept: a folder of the user, outside the checkout.
pub(crate) fn cache() -> Result<PathBuf> {
    let set = |name| std::env::var_os(name).filter(|value| !value.is_empty()).map(PathBuf::from);
    let base = set("XDG_CACHE_HOME").or_else(|| Some(set("HOME")?.join(".cache")));
    let folder = base.context("neither XDG_CACHE_HOME nor HOME is set")?.join("appia-xtask");
    std::fs::create_dir_all(&folder).with_context(|| format!("`{}` cannot be made", folder.display()))?;
    Ok(folder)
}

/// The first line in which a program tells its version.
fn version_of(path: &Path, argument: &str) -> Result<String> {
    let output = crate::command::capture(Command::new(path).arg(argument))?;
    let said = [output.stdout, output.stderr].concat();
    let line = said.lines().find(|line| line.contains(|sign: char| sign.is_ascii_digit()));
    line.map(|line| line.trim().to_owned()).with_context(|| format!("`{}` tells no version", path.display()))
}

fn readable<T>(result: Result<T>) -> Result<T, String> {
    result.map_err(|error| format!("{error:#}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tools() -> Tools {
        let found = Found { path: "/opt/judges/bin/trivy".into(), version: "0.76.0".into() };
        let missing = Tool { name: "kubernetes-validate", state: Err("no network".into()) };
        Tools(vec![Tool { name: "trivy", state: Ok(found) }, missing])
    }

    #[test]
    fn tests_are_told_where_the_judges_are() -> Result<()> {
        let mut command = Command::new("true");
        tools().hand_to(&mut command)?;
        let told: Vec<_> =
            command.get_envs().filter_map(|(name, value)| Some((name.to_str()?, value?))).collect();
        assert!(told.contains(&("APPIA_JUDGE_TRIVY", "/opt/judges/bin/trivy".as_ref())));
        assert!(!told.iter().any(|(name, _)| *name == variable("kubernetes-validate")));
        let path = told.iter().find(|(name, _)| *name == "PATH").and_then(|(_, value)| value.to_str());
        assert!(path.is_some_and(|path| path.ends_with(":/opt/judges/bin")));
        Ok(())
    }

    #[test]
    fn a_missing_judge_is_named_with_its_reason() {
        assert!(tools().table().contains("kubernetes-validate  MISSING  no network"));
    }
}
