//! The judges of Kubernetes manifests: kubernetes-validate (strict, its newest versions) and trivy (misconfigurations).
//!
//! Called by `cargo xtask judge kubernetes DIR...` and, over everything that was exported, by `cargo xtask test`.
//! Both run offline. Every finding has file and line; a schema problem or a finding of grade HIGH or CRITICAL fails.
//! A judge that looked at nothing fails too. Start at `judge`.

use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode};

use anyhow::{Context, Result, bail};
use serde::Deserialize;

use super::trivy::{self, Misconfiguration};
use crate::command;
use crate::setup::{self, Tools};

const VALIDATE: &str = include_str!("validate.py");
/// How many versions of Kubernetes a manifest has to be valid on, from the newest down.
const VERSIONS: &str = "3";

/// What both judges said.
pub(crate) struct Verdict {
    pub(crate) files: usize,
    pub(crate) documents: usize,
    /// The judges and their versions, for people.
    pub(crate) judges: String,
    pub(crate) findings: Vec<Finding>,
}

/// One thing a judge found.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Finding {
    pub(crate) file: PathBuf,
    pub(crate) line: usize,
    pub(crate) grade: Grade,
    pub(crate) message: String,
}

/// Whether a finding fails the run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Grade {
    Fails,
    Minor,
}

/// `cargo xtask judge kubernetes DIR...`: prints every finding; fails when one fails.
pub(crate) fn run(folders: &[&str]) -> Result<ExitCode> {
    let folders: Vec<PathBuf> = folders.iter().map(PathBuf::from).collect();
    let verdict = judge(&folders, &Tools(setup::python_judges()))?;
    print!("{}", verdict.report());
    Ok(if verdict.failures() == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// Asks both judges about every manifest below the folders.
pub(crate) fn judge(folders: &[PathBuf], tools: &Tools) -> Result<Verdict> {
    let validate = tools.path("kubernetes-validate").context("the judge `kubernetes-validate` is missing")?;
    let trivy = tools.path("trivy").context("the judge `trivy` is missing")?;
    let mut verdict = validated(folders, validate)?;
    for folder in folders {
        let report = misconfigurations(folder, trivy)?;
        verdict.findings.extend(report);
    }
    if verdict.documents == 0 {
        bail!("no manifest was found below {}", shown(folders));
    }
    Ok(verdict)
}

impl Verdict {
    /// How many findings fail the run.
    pub(crate) fn failures(&self) -> usize {
        self.findings.iter().filter(|finding| finding.grade == Grade::Fails).count()
    }

    /// Every finding as `file:line: message`, then the counts.
    pub(crate) fn report(&self) -> String {
        let line = |finding: &Finding| {
            let weight = if finding.grade == Grade::Fails { "" } else { " (note)" };
            format!("{}:{}:{weight} {}\n", finding.file.display(), finding.line, finding.message)
        };
        let lines: String = self.findings.iter().map(line).collect();
        let (files, documents, failures) = (self.files, self.documents, self.failures());
        format!("{lines}{files} files, {documents} objects, {failures} failures ({})\n", self.judges)
    }
}

#[derive(Deserialize)]
struct Validation {
    tool: String,
    versions: Vec<String>,
    files: usize,
    documents: usize,
    problems: Vec<Problem>,
}

#[derive(Deserialize)]
struct Problem {
    file: PathBuf,
    line: usize,
    #[serde(rename = "where")]
    place: String,
    message: String,
}

/// kubernetes-validate as a library, so that its schemas are read once for all files.
fn validated(folders: &[PathBuf], validate: &Path) -> Result<Verdict> {
    let mut python = Command::new(validate.with_file_name("python"));
    python.args(["-c", VALIDATE, VERSIONS]).args(folders);
    let report: Validation = serde_json::from_str(&command::read(&mut python)?)?;
    let finding = |problem: Problem| Finding {
        file: problem.file,
        line: problem.line,
        grade: Grade::Fails,
        message: format!("{} {}", problem.place, problem.message).trim().to_owned(),
    };
    Ok(Verdict {
        files: report.files,
        documents: report.documents,
        judges: format!(
            "kubernetes-validate {} on Kubernetes {}; trivy",
            report.tool,
            report.versions.join(", ")
        ),
        findings: report.problems.into_iter().map(finding).collect(),
    })
}

/// What trivy says of manifests.
fn misconfigurations(folder: &Path, program: &Path) -> Result<Vec<Finding>> {
    Ok(trivy::scan(program, folder)?.into_iter().map(|found| finding(folder, found)).collect())
}

fn finding(folder: &Path, found: Misconfiguration) -> Finding {
    Finding {
        file: folder.join(&found.file),
        line: found.line,
        grade: if found.is_grave() { Grade::Fails } else { Grade::Minor },
        message: format!("{} {}: {}", found.severity, found.id, found.message),
    }
}

fn shown(folders: &[PathBuf]) -> String {
    folders.iter().map(|folder| format!("`{}`", folder.display())).collect::<Vec<_>>().join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_high_and_critical_findings_fail() -> Result<()> {
        let found = trivy::misconfigurations(
            r#"{"Results": [{"Target": "web.yaml", "MisconfSummary": {"Successes": 7, "Failures": 2},
              "Misconfigurations": [
                {"ID": "KSV001", "Severity": "LOW", "Title": "t", "Message": "a", "CauseMetadata": {"StartLine": 4}},
                {"ID": "KSV014", "Severity": "HIGH", "Title": "t", "Message": "b", "CauseMetadata": {}}]}]}"#,
        )?;
        let found: Vec<_> = found.into_iter().map(|found| finding(Path::new("out"), found)).collect();
        let places: Vec<_> =
            found.iter().map(|found| (found.file.to_str(), found.line, found.grade)).collect();
        assert_eq!(
            places,
            [(Some("out/web.yaml"), 4, Grade::Minor), (Some("out/web.yaml"), 1, Grade::Fails)]
        );
        Ok(())
    }

    #[test]
    fn the_report_ends_with_the_counts() {
        let finding =
            Finding { file: "a.yaml".into(), line: 3, grade: Grade::Fails, message: "wrong".into() };
        let verdict = Verdict { files: 1, documents: 2, judges: "j".into(), findings: vec![finding] };
        assert_eq!(verdict.report(), "a.yaml:3: wrong\n1 files, 2 objects, 1 failures (j)\n");
    }
}
