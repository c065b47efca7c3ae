//! The scanners of Terraform files: trivy and checkov, over what was exported for the cloud that both know well.
//!
//! `cargo xtask judge scanners [DIR]`, without DIR over the goldens; both run offline. A grade HIGH or CRITICAL of trivy and a
//! failed check of checkov fail, unless [`EXCEPTIONS`] names the check with a reason. What is still to be done stands in
//! [`OPEN`] and is counted aloud. They know next to nothing of the other clouds, so they are not asked there. Start at
//! [`run`].

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode};

use anyhow::{Context, Result, bail};
use serde::Deserialize;

use super::trivy::{self, Misconfiguration};
use crate::command::{self, root};
use crate::setup::{self, Tools};

/// The goldens of that cloud.
const GOLDENS: &str = "crates/targets/tests/goldens/aws";

/// Checks that do not hold and are not meant to, at most ten.
const EXCEPTIONS: &[(&str, &str)] = &[
    ("AWS-0053", "a public workload is public: its load balancer stands where people reach it"),
    ("AWS-0054", "without a stated host nobody has a certificate, and the export says that it is plain HTTP"),
    (
        "AWS-0104",
        "closed but for 443, which images, secrets and logs of the cloud itself need, at addresses that change",
    ),
    ("CKV_AWS_2", "as AWS-0054"),
    ("CKV_AWS_103", "as AWS-0054: there is no TLS to have a version"),
    ("CKV_AWS_260", "as AWS-0054: port 80 of what is public, for redirects where there is a host"),
    (
        "CKV_AWS_378",
        "inside the network, between the load balancer and the program, which speaks what it speaks",
    ),
    ("CKV_AWS_258", "a public function is asked by everybody"),
    ("CKV_AWS_157", "a standby is made where outcomes ask for one, as it doubles the price"),
    ("CKV2_AWS_57", "rotation asks for a function of yours that knows how your program takes a new password"),
];

/// Checks that fail and are to be mended: no reason, only what would do it.
const OPEN: &[(&str, &str)] = &[
    ("AWS-0011", "a firewall in front of sites"),
    ("AWS-0132", "a key of the application's own for buckets"),
    ("AWS-0136", "a key of the application's own for topics"),
    ("CKV2_AWS_11", "flow logs of the network"),
    ("CKV2_AWS_20", "a redirect without a host"),
    ("CKV2_AWS_28", "a firewall in front of public services"),
    ("CKV2_AWS_32", "headers of sites"),
    ("CKV2_AWS_38", "DNSSEC of zones"),
    ("CKV2_AWS_39", "a log of what zones are asked"),
    ("CKV2_AWS_42", "a certificate of sites without a host"),
    ("CKV2_AWS_47", "a firewall in front of sites"),
    ("CKV2_AWS_5", "groups of what stands in no network"),
    ("CKV2_AWS_50", "a second node of caches"),
    ("CKV2_AWS_61", "how long buckets keep what was overwritten"),
    ("CKV2_AWS_62", "events of buckets"),
    ("CKV_AWS_115", "a bound of functions that run at once"),
    ("CKV_AWS_116", "where events go that a function cannot take"),
    ("CKV_AWS_117", "functions in the network"),
    ("CKV_AWS_118", "closer watching of databases"),
    ("CKV_AWS_129", "logs of databases"),
    ("CKV_AWS_144", "a copy of buckets in another region"),
    ("CKV_AWS_145", "a key of the application's own for buckets"),
    ("CKV_AWS_149", "a key of the application's own for secrets"),
    ("CKV_AWS_158", "a key of the application's own for logs"),
    ("CKV_AWS_161", "databases that know roles"),
    ("CKV_AWS_173", "a key of the application's own for functions"),
    ("CKV_AWS_174", "TLS of sites without a host"),
    ("CKV_AWS_18", "a log of who reads buckets"),
    ("CKV_AWS_191", "a key of the application's own for caches"),
    ("CKV_AWS_272", "signed code of functions"),
    ("CKV_AWS_297", "a key of the application's own for clocks"),
    ("CKV_AWS_31", "a password of caches"),
    ("CKV_AWS_310", "a second origin of sites"),
    ("CKV_AWS_338", "logs for a year"),
    ("CKV_AWS_353", "insights of databases"),
    ("CKV_AWS_374", "countries of sites"),
    ("CKV_AWS_50", "traces of functions"),
    ("CKV_AWS_65", "insights of clusters"),
    ("CKV_AWS_68", "a firewall in front of sites"),
    ("CKV_AWS_86", "a log of who reads sites"),
    ("CKV_AWS_91", "a log of who asks load balancers"),
];

/// A check that something did not pass.
#[derive(Debug, PartialEq, Eq)]
struct Failed {
    id: String,
    what: String,
    place: String,
}

/// `cargo xtask judge scanners [DIR]`.
pub(crate) fn run(rest: &[&str]) -> Result<ExitCode> {
    let tools = Tools([setup::python_judges(), setup::scanners()].into_iter().flatten().collect());
    print!("{}", tools.table());
    let folder = match rest {
        [] => root().join(GOLDENS),
        [folder] => PathBuf::from(folder),
        _ => bail!("write `judge scanners` and at most one folder"),
    };
    let failures = judge(&folder, &tools, &mut |line| println!("{line}"))?;
    Ok(if failures == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// Asks both and says what they found; how many findings no list names.
pub(crate) fn judge(folder: &Path, tools: &Tools, say: &mut dyn FnMut(&str)) -> Result<usize> {
    let (mut failures, mut asked) = (0, 0);
    for (name, scan) in [("trivy", trivy as fn(&Path, &Path) -> Result<Vec<Failed>>), ("checkov", checkov)] {
        let Some(path) = tools.path(name) else {
            say(&format!("{name} did not run: it is missing"));
            continue;
        };
        asked += 1;
        failures += sorted(name, &scan(path, folder)?, say);
    }
    if asked == 0 {
        bail!("neither scanner is there");
    }
    Ok(failures)
}

/// What would fail a test run: by whom it was found, and where.
pub(crate) fn found(folder: &Path, tools: &Tools) -> Result<Vec<(&'static str, String)>> {
    let mut places = Vec::new();
    for (name, scan) in [("trivy", trivy as fn(&Path, &Path) -> Result<Vec<Failed>>), ("checkov", checkov)] {
        let path = tools.path(name).with_context(|| format!("the judge `{name}` is missing"))?;
        let fails = scan(path, folder)?
            .into_iter()
            .filter(|failed| !is_in(EXCEPTIONS, failed) && !is_in(OPEN, failed));
        places.extend(fails.map(|failed| (name, failed.place)));
    }
    Ok(places)
}

fn is_in(list: &[(&str, &str)], failed: &Failed) -> bool {
    list.iter().any(|(id, _)| *id == failed.id)
}

/// Says what was found, by what becomes of it; how much nobody named.
fn sorted(name: &str, found: &[Failed], say: &mut dyn FnMut(&str)) -> usize {
    let (mut excepted, mut open, mut failures) = (0, BTreeMap::new(), 0);
    for failed in found {
        if is_in(EXCEPTIONS, failed) {
            excepted += 1;
        } else if is_in(OPEN, failed) {
            *open.entry(failed.id.as_str()).or_insert(0) += 1;
        } else {
            failures += 1;
            say(&format!("{} {}: {}", failed.id, failed.place, failed.what));
        }
    }
    let places: usize = open.values().sum();
    say(&format!(
        "{name}: {failures} failures; {excepted} excepted by {} named checks; {} checks are open, in {places} places",
        EXCEPTIONS.len(),
        open.len()
    ));
    failures
}

fn trivy(program: &Path, folder: &Path) -> Result<Vec<Failed>> {
    let grave = trivy::scan(program, folder)?.into_iter().filter(Misconfiguration::is_grave);
    Ok(grave.map(|found| Failed { id: found.id, what: found.title, place: found.file }).collect())
}

#[derive(Deserialize)]
struct Report {
    results: Results,
    summary: Summary,
}

#[derive(Deserialize)]
struct Results {
    failed_checks: Vec<Check>,
}

#[derive(Deserialize)]
struct Summary {
    passed: usize,
    parsing_errors: usize,
}

#[derive(Deserialize)]
struct Check {
    check_id: String,
    check_name: String,
    resource: String,
    file_path: String,
}

fn checkov(program: &Path, folder: &Path) -> Result<Vec<Failed>> {
    let mut scan = Command::new(program);
    // It ends with a failure when a check fails; what it says tells more.
    scan.args(["--framework", "terraform", "--output", "json", "--quiet", "--skip-download", "--directory"]);
    let said = command::capture(scan.arg(folder))?;
    let report: Report = serde_json::from_str(&said.stdout)
        .with_context(|| format!("checkov's answer cannot be read: {}", said.stderr.trim()))?;
    if report.summary.passed == 0 || report.summary.parsing_errors > 0 {
        bail!(
            "checkov passed {} checks and could not read {} files",
            report.summary.passed,
            report.summary.parsing_errors
        );
    }
    let failed = |check: Check| Failed {
        id: check.check_id,
        what: check.check_name,
        place: format!("{} {}", check.file_path, check.resource),
    };
    Ok(report.results.failed_checks.into_iter().map(failed).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn exceptions_are_few_and_each_is_named_once() {
        assert!(EXCEPTIONS.len() <= 10);
        let ids: std::collections::BTreeSet<_> = EXCEPTIONS.iter().chain(OPEN).map(|(id, _)| *id).collect();
        assert_eq!(ids.len(), EXCEPTIONS.len() + OPEN.len());
        assert!(EXCEPTIONS.iter().chain(OPEN).all(|(_, why)| !why.is_empty()));
    }

    #[test]
    fn what_no_list_names_fails() {
        let failed = |id: &str| Failed { id: id.to_owned(), what: "w".into(), place: "p".into() };
        let mut said = Vec::new();
        let found = [failed("AWS-0053"), failed("CKV_AWS_91"), failed("CKV_AWS_16")];
        assert_eq!(sorted("x", &found, &mut |line| said.push(line.to_owned())), 1);
        assert_eq!(
            said,
            [
                "CKV_AWS_16 p: w",
                "x: 1 failures; 1 excepted by 10 named checks; 1 checks are open, in 1 places"
            ]
        );
    }
}
