//! Rule `unused`: what a crate's manifest names, some file of the crate uses.
//!
//! A dependency that nobody uses is compiled and reviewed all the same. A use is the crate's name as a word of Rust code,
//! in the sources, tests, examples or build script.

use super::Finding;
use super::tokens::Kind;
use super::tree::{File, Manifest, Tree};

pub(super) fn check(tree: &Tree) -> Vec<Finding> {
    tree.manifests.iter().flat_map(|manifest| check_manifest(tree, manifest)).collect()
}

fn check_manifest(tree: &Tree, manifest: &Manifest) -> Vec<Finding> {
    let folder = manifest.path.trim_end_matches("Cargo.toml");
    let files: Vec<&File> = tree.files.iter().filter(|file| file.path.starts_with(folder)).collect();
    let unused = |name: &str| {
        let word = name.replace('-', "_");
        !files.iter().any(|file| file.tokens.iter().any(|token| token.kind == Kind::Word(word.clone())))
    };
    let named = manifest.all_dependencies();
    let unused = named.iter().filter(|dependency| unused(&dependency.name));
    let message = |name: &str| format!("`{name}` is used by no file of this crate: leave it out");
    unused.map(|one| Finding::violation(&manifest.path, one.line, message(&one.name))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tidy::places;

    #[test]
    fn a_dependency_that_no_file_names_is_found() {
        let manifest =
            ("crates/plan/Cargo.toml", "[dependencies]\nserde_json = \"1\"\nappia-intent.workspace = true\n");
        let uses = |text| {
            [
                manifest,
                ("crates/plan/src/lib.rs", text),
                ("crates/store/src/lib.rs", "use serde_json::Value;"),
            ]
        };
        assert_eq!(
            places(check, &uses("use appia_intent::Name; // serde_json")),
            ["crates/plan/Cargo.toml:2"]
        );
        assert!(
            places(check, &uses("use appia_intent::Name; fn a() { serde_json::to_string(); }")).is_empty()
        );
    }

    #[test]
    fn tests_and_examples_count() {
        let manifest = ("crates/plan/Cargo.toml", "[dev-dependencies]\ntempfile = \"3\"\n");
        assert!(
            places(check, &[manifest, ("crates/plan/tests/it/main.rs", "use tempfile::tempdir;")]).is_empty()
        );
        assert_eq!(places(check, &[manifest]), ["crates/plan/Cargo.toml:2"]);
    }
}
