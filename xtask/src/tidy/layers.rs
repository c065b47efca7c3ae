//! Rule `layers`: which crate may use which, and what only tests may use.
//!
//! DESIGN's table in one place. A crate may use what its row names and whatever those may use (so `diag` and `intent`
//! for nearly all). Tests may reach further, but never ship what they reach: `dev-dependencies` are free, except that
//! `testkit` is nothing else. A crate without a row argues for one here first ("X must not be able to import Y").

use std::collections::BTreeSet;

use super::Finding;
use super::tree::{Manifest, Tree};

/// A crate's folder and the crates it may name.
const MAY_USE: &[(&str, &[&str])] = &[
    ("diag", &[]),
    ("intent", &["diag"]),
    ("sources", &["intent"]),
    ("plan", &["intent"]),
    ("policy", &["plan"]),
    ("targets", &["plan"]),
    ("compile", &["plan", "targets", "policy"]),
    ("drivers", &["plan"]),
    ("engine", &["plan"]),
    ("runtime", &["plan", "drivers"]),
    ("insight", &["plan"]),
    ("store", &["plan"]),
    ("api", &["diag"]),
    ("server", &["api", "compile", "drivers", "engine", "insight", "runtime", "sources", "store"]),
    ("cli", &["server"]),
    ("testkit", &["plan", "engine"]),
    ("tf-provider", &[]),
    ("xtask", &["tf-provider"]),
];

/// Crates that only `dev-dependencies` may name.
const TESTS_ONLY: &[&str] = &["testkit"];

pub(super) fn check(tree: &Tree) -> Vec<Finding> {
    tree.manifests.iter().flat_map(check_manifest).collect()
}

fn check_manifest(manifest: &Manifest) -> Vec<Finding> {
    let folder = manifest.folder();
    if !MAY_USE.iter().any(|(name, _)| *name == folder) {
        let message = format!("`{folder}` has no row in xtask/src/tidy/layers.rs: say what it may use");
        return vec![Finding::violation(&manifest.path, 1, message)];
    }
    let allowed = reach(folder);
    let mut findings = Vec::new();
    for dependency in manifest.dependencies() {
        let Some(used) = dependency.name.strip_prefix("appia-") else { continue };
        if TESTS_ONLY.contains(&used) {
            let message = format!("`{used}` is for tests: move it to `dev-dependencies`");
            findings.push(Finding::violation(&manifest.path, dependency.line, message));
        } else if !allowed.contains(used) {
            let message = format!("`{folder}` must not know `{used}`");
            findings.push(Finding::violation(&manifest.path, dependency.line, message));
        }
    }
    findings
}

/// Everything a crate may use, directly or through what it uses.
fn reach(folder: &str) -> BTreeSet<&'static str> {
    let row = MAY_USE.iter().find(|(name, _)| *name == folder);
    let direct = row.map_or(&[] as &[&str], |(_, uses)| uses);
    direct.iter().flat_map(|used| reach(used).into_iter().chain([*used])).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tidy::places;

    fn check_manifest_of(folder: &str, dependencies: &str, expect: &[&str]) {
        let path = format!("crates/{folder}/Cargo.toml");
        assert_eq!(places(check, &[(&path, dependencies)]), expect);
    }

    #[test]
    fn engine_must_not_know_targets() {
        check_manifest_of(
            "engine",
            "[dependencies]\nappia-plan.workspace = true\nappia-targets.workspace = true\n",
            &["crates/engine/Cargo.toml:3"],
        );
    }

    #[test]
    fn what_a_dependency_may_use_is_allowed_too() {
        check_manifest_of("compile", "[dependencies]\nappia-diag = { workspace = true }\n", &[]);
    }

    #[test]
    fn nobody_knows_the_command_line() {
        check_manifest_of(
            "server",
            "[dependencies]\nappia-cli.workspace = true\n",
            &["crates/server/Cargo.toml:2"],
        );
    }

    #[test]
    fn testkit_is_for_tests() {
        check_manifest_of(
            "cli",
            "[dependencies]\nappia-testkit.workspace = true\n",
            &["crates/cli/Cargo.toml:2"],
        );
        check_manifest_of("cli", "[dev-dependencies]\nappia-testkit.workspace = true\n", &[]);
    }

    #[test]
    fn a_new_crate_argues_for_its_row() {
        check_manifest_of("misc", "[dependencies]\n", &["crates/misc/Cargo.toml:1"]);
    }
}
