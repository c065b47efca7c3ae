//! Rule `pure`: `diag intent sources plan policy targets compile insight` compute and do nothing else.
//!
//! No files, network, processes, environment, clock, randomness or async runtime outside their tests: the same bytes in
//! give the same bytes out on every machine, and whoever calls them decides when and where. `plan` may use
//! `async-trait`, because it declares the traits that drivers fulfil.

use super::Finding;
use super::tokens::{Path, paths};
use super::tree::{File, Manifest, Tree};

const PURE: &[&str] = &["diag", "intent", "sources", "plan", "policy", "targets", "compile", "insight"];

const FORBIDDEN_PATHS: &[&str] = &[
    "std::fs",
    "std::net",
    "std::process",
    "std::env",
    "std::thread",
    "std::io::stdin",
    "std::io::stdout",
    "std::io::stderr",
    "std::time::SystemTime",
    "std::time::Instant",
    "SystemTime::now",
    "Instant::now",
    "Zoned::now",
    "Timestamp::now",
    "tokio",
    "rand",
];

const FORBIDDEN_CRATES: &[&str] = &[
    "async-std",
    "getrandom",
    "hyper",
    "hyper-util",
    "ignore",
    "nix",
    "rand",
    "reqwest",
    "smol",
    "sqlx",
    "tokio",
    "tokio-util",
    "ureq",
    "walkdir",
];

pub(super) fn check(tree: &Tree) -> Vec<Finding> {
    let files = tree.shipped().filter(|file| file.folder().is_some_and(is_pure)).flat_map(check_file);
    let manifests = tree.manifests.iter().filter(|manifest| is_pure(manifest.folder()));
    files.chain(manifests.flat_map(check_manifest)).collect()
}

fn is_pure(folder: &str) -> bool {
    PURE.contains(&folder)
}

fn check_file(file: &File) -> Vec<Finding> {
    let paths = paths(file.shipped_tokens());
    let impure = |path: &Path| FORBIDDEN_PATHS.iter().any(|forbidden| names(path, forbidden));
    let finding = |path: &Path| {
        let message = format!("a pure crate must not use `{}`: take the value as an argument", path.shown());
        Finding::violation(&file.path, path.line, message)
    };
    paths.iter().filter(|path| impure(path)).map(finding).collect()
}

/// A crate is named at the start of a path (`tokio::spawn`), not by a variable that happens to be called so.
fn names(path: &Path, forbidden: &str) -> bool {
    if forbidden.contains("::") {
        return path.has(forbidden);
    }
    path.segments.len() > 1 && path.segments.first().is_some_and(|first| first == forbidden)
}

fn check_manifest(manifest: &Manifest) -> Vec<Finding> {
    let impure = |name: &str| {
        let traits_elsewhere = name == "async-trait" && manifest.folder() != "plan";
        FORBIDDEN_CRATES.contains(&name) || traits_elsewhere
    };
    let found = manifest.dependencies().into_iter().filter(|dependency| impure(&dependency.name));
    found
        .map(|dependency| {
            let message = format!("a pure crate must not depend on `{}`", dependency.name);
            Finding::violation(&manifest.path, dependency.line, message)
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tidy::places;

    fn check_plan(text: &str, expect: &[&str]) {
        assert_eq!(places(check, &[("crates/plan/src/digest.rs", text)]), expect);
    }

    #[test]
    fn files_are_not_read() {
        check_plan(
            "//! About std::fs.\nuse std::{collections::BTreeMap, fs};\n",
            &["crates/plan/src/digest.rs:2"],
        );
    }

    #[test]
    fn the_clock_is_not_asked() {
        check_plan(
            "use std::time::Duration;\nfn a() {\n  std::time::Instant::now();\n}",
            &["crates/plan/src/digest.rs:3"],
        );
    }

    #[test]
    fn tests_may_do_what_they_need() {
        check_plan("#[cfg(test)]\nmod tests { use std::fs; }", &[]);
    }

    #[test]
    fn a_word_is_no_crate() {
        check_plan("fn a(rand: u8) -> u8 { rand }", &[]);
    }

    #[test]
    fn other_crates_may() {
        assert!(places(check, &[("crates/drivers/src/lib.rs", "use std::fs;")]).is_empty());
    }

    #[test]
    fn dependencies_are_pure_too() {
        let manifest = "[dependencies]\nasync-trait.workspace = true\ntokio.workspace = true\n";
        assert_eq!(places(check, &[("crates/plan/Cargo.toml", manifest)]), ["crates/plan/Cargo.toml:3"]);
        assert_eq!(places(check, &[("crates/intent/Cargo.toml", manifest)]).len(), 2);
    }
}
