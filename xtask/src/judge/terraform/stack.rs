//! A copy of exported files, with what whoever applies them gives: values of variables, and credentials that open nothing.
//!
//! Start at [`Stack::copy`], then [`Stack::judge`].

use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, bail};

use super::mirror::Mirror;
use crate::command::{self, Output};

/// A provider that asks nobody, so that a plan needs no account.
const OFFLINE: &str = "
  access_key                  = \"stand-in\"
  secret_key                  = \"stand-in\"
  max_retries                 = 1
  skip_credentials_validation = true
  skip_metadata_api_check     = true
  skip_requesting_account_id  = true
  s3_use_path_style           = true
";

/// Files that are asked about.
pub(super) struct Stack {
    pub(super) folder: PathBuf,
}

/// A tool and how it is started.
pub(super) struct Program<'a> {
    pub(super) name: &'a str,
    pub(super) path: &'a Path,
    pub(super) mirror: &'a Mirror,
}

/// How providers come to a folder.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Providers {
    /// By `init`, as for everybody.
    Installed,
    /// As they lie there.
    Taken,
}

impl Stack {
    /// Copies the files of a folder and adds what only the judge has.
    pub(super) fn copy(from: &Path, to: &Path) -> Result<Stack> {
        std::fs::create_dir_all(to)?;
        let mut text = String::new();
        for file in files(from)? {
            let name = file.file_name().context("a file has no name")?;
            std::fs::copy(&file, to.join(name))?;
            text.push_str(&std::fs::read_to_string(&file)?);
        }
        let values = variables(&text).map(|name| (name.to_owned(), value(name).into()));
        let values = serde_json::Value::Object(values.collect());
        // As JSON, since whatever else ends in `.tfvars` is part of what `fmt` looks at.
        std::fs::write(to.join("judge.auto.tfvars.json"), values.to_string())?;
        if text.contains("provider \"aws\"") {
            std::fs::write(to.join("judge_override.tf"), format!("provider \"aws\" {{{OFFLINE}}}\n"))?;
        }
        Ok(Stack { folder: to.to_path_buf() })
    }

    /// `fmt -check`, `init`, `validate`, `plan`: how many objects come, or what the tool said first.
    pub(super) fn judge(&self, program: &Program<'_>, providers: Providers) -> Result<Result<usize, String>> {
        for words in [&["fmt", "-check", "-diff"] as &[&str], &["init", "-input=false"], &["validate"]] {
            if words.contains(&"init") && providers == Providers::Taken {
                continue;
            }
            let said = self.run(program, providers, words)?;
            if !said.success {
                return Ok(Err(format!("`{}`: {}", words.join(" "), trouble(&said))));
            }
        }
        self.plan(program, providers)
    }

    pub(super) fn plan(&self, program: &Program<'_>, providers: Providers) -> Result<Result<usize, String>> {
        let said = self.run(program, providers, &["plan", "-input=false", "-out=judge.tfplan"])?;
        if !said.success {
            return Ok(Err(format!("`plan`: {}", trouble(&said))));
        }
        let count =
            said.stdout.lines().find_map(|line| line.strip_prefix("Plan: ")?.split(' ').next()?.parse().ok());
        Ok(Ok(count.unwrap_or(0)))
    }

    pub(super) fn run(&self, program: &Program<'_>, providers: Providers, words: &[&str]) -> Result<Output> {
        let Some((verb, rest)) = words.split_first() else { bail!("there is nothing to run") };
        let settings = match providers {
            Providers::Installed => &program.mirror.installing,
            Providers::Taken => &program.mirror.installed,
        };
        let mut tool = Command::new(program.path);
        tool.arg(verb).arg("-no-color").args(rest).current_dir(&self.folder);
        tool.env("TF_CLI_CONFIG_FILE", settings).env("CHECKPOINT_DISABLE", "1").env("TF_IN_AUTOMATION", "1");
        // The stand-in speaks without TLS, on a socket of this machine.
        tool.env("TF_DISABLE_PLUGIN_TLS", "1");
        command::capture(&mut tool)
    }
}

/// The files that Terraform reads, by name.
pub(in crate::judge) fn files(folder: &Path) -> Result<Vec<PathBuf>> {
    let entries =
        std::fs::read_dir(folder).with_context(|| format!("`{}` cannot be read", folder.display()))?;
    let mut files: Vec<PathBuf> = entries.flatten().map(|entry| entry.path()).collect();
    files.retain(|file| file.extension().is_some_and(|end| end == "tf"));
    files.sort();
    Ok(files)
}

/// Names of variables; each is given a value, also where it has one.
fn variables(text: &str) -> impl Iterator<Item = &str> {
    text.lines().filter_map(|line| line.strip_prefix("variable \"")?.split('"').next())
}

/// A value that has the form of what is asked for.
fn value(variable: &str) -> String {
    match variable.split('_').next() {
        Some("image") => format!("registry.example/stand-in@sha256:{}", "0".repeat(64)),
        Some("secret") => {
            "arn:aws:secretsmanager:eu-central-1:000000000000:secret:stand-in-AbCdEf".to_owned()
        }
        Some("alarm") => "arn:aws:sns:eu-central-1:000000000000:stand-in".to_owned(),
        Some("tenant" | "subscription") => "00000000-0000-0000-0000-000000000000".to_owned(),
        _ => "stand-in".to_owned(),
    }
}

/// What a tool complains about, in one line.
fn trouble(said: &Output) -> String {
    let text = if said.stderr.trim().is_empty() { &said.stdout } else { &said.stderr };
    let lines =
        text.lines().map(|line| line.trim_matches(['│', '╷', '╵', ' '])).filter(|line| !line.is_empty());
    lines
        .filter(|line| !line.starts_with("Warning") && !line.contains("dev_overrides"))
        .take(12)
        .collect::<Vec<_>>()
        .join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn variables_get_values_of_their_form() {
        let text =
            "variable \"image_api\" {\n  type = string\n}\nvariable \"tenant_id\" {}\n# variable \"x\"\n";
        assert_eq!(variables(text).collect::<Vec<_>>(), ["image_api", "tenant_id"]);
        assert!(value("image_api").contains("@sha256:0000"));
    }
}
