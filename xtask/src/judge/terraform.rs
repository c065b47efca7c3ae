//! Terraform itself as the judge of what is exported for a cloud whose real provider this machine has.
//!
//! `cargo xtask judge terraform DIR...` asks about folders of `.tf` files, without DIR about every golden folder; the step
//! `terraform` of `cargo xtask test` asks about the examples. In each: `fmt -check`, `init` from the machine's own mirror,
//! `validate`, and `plan` with credentials that open nothing, so nothing outside is asked. Start at `judge`.

use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode};

use anyhow::{Context, Result, bail};

use crate::command::{self, capture, root};
use crate::setup::{self, RealProvider};

/// Goldens of the cloud whose provider is asked for.
const GOLDENS: &str = "crates/targets/tests/goldens/aws";

/// The provider, as machines keep it.
pub(crate) const PROVIDER: &str = "aws";

/// Stands beside the exported files, which say nothing of credentials: none is looked for, none is sent.
const NO_CREDENTIALS: &str = r#"provider "aws" {
  access_key                  = "none"
  secret_key                  = "none"
  skip_credentials_validation = true
  skip_metadata_api_check     = true
  skip_requesting_account_id  = true
  skip_region_validation      = true
}
"#;

/// An image by its digest, for a variable that asks for one.
const IMAGE: &str =
    "registry.invalid/image@sha256:0000000000000000000000000000000000000000000000000000000000000000";
/// Where a secret would be kept, for any other variable.
const SECRET: &str = "arn:aws:secretsmanager:eu-central-1:000000000000:secret:name-AbCdEf";

/// What Terraform said.
pub(crate) struct Verdict {
    pub(crate) folders: usize,
    pub(crate) failures: Vec<String>,
    resources: usize,
    judge: String,
}

impl Verdict {
    /// Every failure, then the counts.
    pub(crate) fn report(&self) -> String {
        let failures: String = self.failures.iter().map(|failure| format!("{failure}\n")).collect();
        let (folders, resources, failed) = (self.folders, self.resources, self.failures.len());
        format!(
            "{failures}{folders} folders, {resources} resources planned, {failed} failures ({})\n",
            self.judge
        )
    }
}

/// `cargo xtask judge terraform [DIR...]`.
pub(crate) fn run(folders: &[&str]) -> Result<ExitCode> {
    let Some(real) = setup::real_provider(PROVIDER) else {
        println!("Terraform did not run: `terraform` or a folder `tf-plugins` with the provider is missing");
        return Ok(ExitCode::SUCCESS);
    };
    let folders = match folders {
        [] => goldens()?,
        named => named.iter().map(PathBuf::from).collect(),
    };
    let verdict = judge(&real, &folders)?;
    print!("{}", verdict.report());
    Ok(if verdict.failures.is_empty() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// The golden folders.
fn goldens() -> Result<Vec<PathBuf>> {
    let folder = root().join(GOLDENS);
    let entries =
        std::fs::read_dir(&folder).with_context(|| format!("`{}` cannot be read", folder.display()))?;
    let mut folders: Vec<PathBuf> = entries.flatten().map(|entry| entry.path()).collect();
    folders.sort();
    Ok(folders)
}

/// Asks Terraform about each folder.
pub(crate) fn judge(real: &RealProvider, folders: &[PathBuf]) -> Result<Verdict> {
    let place = std::env::temp_dir().join(format!("appia-terraform-{}", std::process::id()));
    std::fs::create_dir_all(&place)?;
    let asked = Asked::new(real, &place)?;
    let mut verdict = Verdict {
        folders: folders.len(),
        failures: Vec::new(),
        resources: 0,
        judge: format!("{}; {PROVIDER} {}", asked.version()?, real.version),
    };
    for folder in folders {
        match asked.about(folder) {
            Ok(resources) => verdict.resources += resources,
            Err(error) => verdict.failures.push(format!("{}: {error:#}", folder.display())),
        }
    }
    command::remove_folder(&place)?;
    if verdict.failures.is_empty() && verdict.resources == 0 {
        bail!("Terraform planned nothing");
    }
    Ok(verdict)
}

/// Terraform in a folder of its own.
struct Asked<'a> {
    real: &'a RealProvider,
    place: &'a Path,
}

impl Asked<'_> {
    fn new<'a>(real: &'a RealProvider, place: &'a Path) -> Result<Asked<'a>> {
        let mirror = real.mirror.display();
        let settings =
            format!("provider_installation {{\n  filesystem_mirror {{\n    path = \"{mirror}\"\n  }}\n}}\n");
        std::fs::write(place.join("settings.tfrc"), settings)?;
        Ok(Asked { real, place })
    }

    fn version(&self) -> Result<String> {
        let said = self.succeed(self.place, &["version"])?;
        Ok(said.lines().next().unwrap_or_default().to_owned())
    }

    /// How many resources are planned.
    fn about(&self, folder: &Path) -> Result<usize> {
        self.succeed(folder, &["fmt", "-check", "-diff", "-no-color"])?;
        let copy = self.place.join("copy");
        if copy.exists() {
            command::remove_folder(&copy)?;
        }
        let variables = copied(folder, &copy)?;
        self.succeed(&copy, &["init", "-input=false", "-no-color"])?;
        self.succeed(&copy, &["validate", "-no-color"])?;
        std::fs::write(copy.join("none_override.tf"), NO_CREDENTIALS)?;
        let given: Vec<String> =
            variables.iter().map(|name| format!("-var={name}={}", given(name))).collect();
        let mut words = vec!["plan", "-input=false", "-no-color", "-out=plan.tfplan"];
        words.extend(given.iter().map(String::as_str));
        let planned = self.succeed(&copy, &words)?;
        planned_resources(&planned).context("Terraform does not say how much it would add")
    }

    fn succeed(&self, folder: &Path, words: &[&str]) -> Result<String> {
        let mut terraform = Command::new(&self.real.terraform);
        terraform
            .args(words)
            .current_dir(folder)
            .env("TF_CLI_CONFIG_FILE", self.place.join("settings.tfrc"))
            .env("CHECKPOINT_DISABLE", "1")
            .env("TF_IN_AUTOMATION", "1");
        let output = capture(&mut terraform)?;
        if !output.success {
            bail!("`terraform {}` says:\n{}{}", words.first().unwrap_or(&""), output.stdout, output.stderr);
        }
        Ok(output.stdout)
    }
}

/// Copies the files that Terraform reads; the variables that have to be given.
fn copied(folder: &Path, copy: &Path) -> Result<Vec<String>> {
    std::fs::create_dir_all(copy)?;
    let mut variables = Vec::new();
    for entry in std::fs::read_dir(folder)?.flatten() {
        let path = entry.path();
        if path.extension().is_some_and(|end| end == "tf") {
            let text = std::fs::read_to_string(&path)?;
            variables.extend(required(&text));
            std::fs::write(copy.join(entry.file_name()), text)?;
        }
    }
    Ok(variables)
}

/// Variables without a default, as the exported files write them.
fn required(text: &str) -> Vec<String> {
    let blocks = text.split("variable \"").skip(1);
    let open = blocks.filter(|block| !block.contains("\n  default"));
    open.filter_map(|block| block.split('"').next().map(str::to_owned)).collect()
}

fn given(name: &str) -> &'static str {
    if name.starts_with("image_") { IMAGE } else { SECRET }
}

/// `Plan: 61 to add, 0 to change, 0 to destroy.`
fn planned_resources(said: &str) -> Option<usize> {
    let line = said.lines().find_map(|line| line.strip_prefix("Plan: "))?;
    line.split(' ').next()?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn variables_without_a_default_are_given() {
        let text = "variable \"a\" {\n  default     = \"\"\n  nullable    = false\n}\n\nvariable \"image_b\" {\n  nullable    = false\n}\n";
        assert_eq!(required(text), ["image_b"]);
        assert_eq!(required(&text.replace("  default     = \"\"\n", "")), ["a", "image_b"]);
    }

    #[test]
    fn the_count_is_read() {
        assert_eq!(planned_resources("x\n\nPlan: 61 to add, 0 to change, 0 to destroy.\n"), Some(61));
        assert_eq!(planned_resources("No changes."), None);
    }
}
