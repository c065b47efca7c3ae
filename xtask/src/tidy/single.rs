//! Rule `single`: a heavy library is used from one crate, behind a trait of ours.
//!
//! What only one crate knows can be replaced, and is compiled by whoever needs it.

use super::Finding;
use super::tree::Tree;

const HEAVY: &[&str] = &["jsonschema", "kube", "regorus", "rmcp", "sqlx"];

pub(super) fn check(tree: &Tree) -> Vec<Finding> {
    HEAVY.iter().flat_map(|library| check_library(tree, library)).collect()
}

fn check_library(tree: &Tree, library: &str) -> Vec<Finding> {
    let mut findings = Vec::new();
    let mut owner: Option<&str> = None;
    for manifest in &tree.manifests {
        let dependencies = manifest.all_dependencies();
        let Some(used) = dependencies.iter().find(|dependency| dependency.name == library) else { continue };
        match owner {
            None => owner = Some(manifest.folder()),
            Some(owner) => {
                let message =
                    format!("`{library}` is used from `{owner}` already: use it through that crate");
                findings.push(Finding::violation(&manifest.path, used.line, message));
            }
        }
    }
    findings
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tidy::places;

    #[test]
    fn the_second_crate_is_named() {
        let manifest = "[dependencies]\nregorus = \"1\"\n";
        let files = [("crates/policy/Cargo.toml", manifest), ("crates/server/Cargo.toml", manifest)];
        assert_eq!(places(check, &files), ["crates/server/Cargo.toml:2"]);
        assert!(places(check, &files[..1]).is_empty());
    }
}
