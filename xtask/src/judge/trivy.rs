//! trivy with the checks it carries, without a network: what is misconfigured below a folder.
//!
//! Called by the judges of manifests and of Terraform files, which decide what becomes of a finding. Start at [`scan`].

use std::path::Path;
use std::process::Command;

use anyhow::{Context, Result, bail};
use serde::Deserialize;

use crate::{command, setup};

/// A check that something did not pass.
pub(super) struct Misconfiguration {
    pub(super) id: String,
    /// In trivy's words: `LOW`, `HIGH`.
    pub(super) severity: String,
    pub(super) title: String,
    pub(super) message: String,
    /// As trivy names it, from the folder on.
    pub(super) file: String,
    /// From 1; 1 where trivy names none.
    pub(super) line: usize,
}

impl Misconfiguration {
    /// Whether nobody should let it pass.
    pub(super) fn is_grave(&self) -> bool {
        matches!(self.severity.as_str(), "HIGH" | "CRITICAL")
    }
}

/// Asks trivy about a folder.
///
/// # Errors
/// When it cannot be run, or checked nothing.
pub(super) fn scan(program: &Path, folder: &Path) -> Result<Vec<Misconfiguration>> {
    let mut scan = Command::new(program);
    scan.args(["config", "--quiet", "--skip-check-update", "--skip-version-check", "--format", "json"]);
    scan.arg("--cache-dir").arg(setup::cache()?.join("trivy")).arg(folder);
    misconfigurations(&command::read(&mut scan)?).with_context(|| format!("in `{}`", folder.display()))
}

/// Reads its answer.
///
/// # Errors
/// When it is no answer of trivy's, or no check was made.
pub(super) fn misconfigurations(answer: &str) -> Result<Vec<Misconfiguration>> {
    let scan: Scan = serde_json::from_str(answer).context("trivy's answer cannot be read")?;
    let checks = |file: &File| file.misconf_summary.successes + file.misconfigurations.len();
    if scan.results.iter().map(checks).sum::<usize>() == 0 {
        bail!("trivy checked nothing");
    }
    Ok(scan.results.into_iter().flat_map(File::found).collect())
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Scan {
    #[serde(default)]
    results: Vec<File>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct File {
    target: String,
    misconf_summary: Summary,
    #[serde(default)]
    misconfigurations: Vec<Found>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Summary {
    successes: usize,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Found {
    #[serde(rename = "ID")]
    id: String,
    severity: String,
    title: String,
    message: String,
    cause_metadata: Cause,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Cause {
    #[serde(default)]
    start_line: usize,
}

impl File {
    fn found(self) -> impl Iterator<Item = Misconfiguration> {
        let file = self.target;
        self.misconfigurations.into_iter().map(move |found| Misconfiguration {
            id: found.id,
            severity: found.severity,
            title: found.title,
            message: found.message,
            file: file.clone(),
            line: found.cause_metadata.start_line.max(1),
        })
    }
}
