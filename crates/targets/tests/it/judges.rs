//! The goldens before judges nobody here wrote. `cargo xtask test` says where they are; without them this says that it
//! did not run.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::Value;

use crate::goldens::folder;

/// The three newest versions that kubernetes-validate 1.37 knows.
const VERSIONS: &[&str] = &["1.37", "1.36", "1.35"];

fn judge(variable: &str) -> Option<PathBuf> {
    let found = std::env::var_os(variable).map(PathBuf::from).filter(|path| path.is_file());
    if found.is_none() {
        println!("judge missing: {variable} names no program, so it did not run");
    }
    found
}

fn manifests(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            found.extend(manifests(&path));
        } else if path.extension().is_some_and(|extension| extension == "yaml") {
            found.push(path);
        }
    }
    found.sort();
    found
}

#[test]
fn kubernetes_validate_accepts_every_manifest() {
    let Some(program) = judge("APPIA_JUDGE_KUBERNETES_VALIDATE") else { return };
    let manifests = manifests(&folder("kubernetes"));
    assert!(manifests.len() > 10);
    for version in VERSIONS {
        let output =
            Command::new(&program).args(["-k", version, "--strict"]).args(&manifests).output().unwrap();
        let said = [output.stdout, output.stderr].concat();
        assert!(output.status.success(), "Kubernetes {version}: {}", String::from_utf8_lossy(&said));
    }
}

#[test]
fn trivy_finds_nothing_high() {
    let Some(program) = judge("APPIA_JUDGE_TRIVY") else { return };
    let cache = tempfile::tempdir().unwrap();
    let output = Command::new(program)
        .args([
            "config",
            "--quiet",
            "--skip-check-update",
            "--skip-version-check",
            "--format",
            "json",
            "--cache-dir",
        ])
        .arg(cache.path())
        .arg(folder("kubernetes"))
        .output()
        .unwrap();
    let report: Value = serde_json::from_slice(&output.stdout).unwrap();
    let results = report["Results"].as_array().unwrap();
    let looked: u64 =
        results.iter().filter_map(|result| result["MisconfSummary"]["Successes"].as_u64()).sum();
    assert!(looked > 100, "trivy looked at too little: {looked}");
    let mut high = Vec::new();
    for result in results {
        for finding in result["Misconfigurations"].as_array().into_iter().flatten() {
            if matches!(finding["Severity"].as_str(), Some("HIGH" | "CRITICAL")) {
                high.push(format!("{} {} {}", result["Target"], finding["ID"], finding["Message"]));
            }
        }
    }
    assert!(high.is_empty(), "{high:#?}");
}
