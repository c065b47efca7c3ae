//! Rule `map`: `ARCHITECTURE.md` names every folder of `crates/`.
//!
//! A stranger finds the folder of any feature on that page, so a crate that is not on it cannot be found.

use std::collections::BTreeSet;

use super::Finding;
use super::tree::{File, Manifest, Tree};

const MAP: &str = "ARCHITECTURE.md";

pub(super) fn check(tree: &Tree) -> Vec<Finding> {
    let Some(map) = tree.files.iter().find(|file| file.path == MAP) else {
        return vec![Finding::violation(MAP, 1, "the map is missing")];
    };
    let crates = tree.manifests.iter().filter(|manifest| manifest.path.starts_with("crates/"));
    let folders: BTreeSet<&str> = crates.map(Manifest::folder).collect();
    let missing = folders.into_iter().filter(|folder| !names(map, folder));
    missing.map(|folder| Finding::violation(MAP, 1, format!("crates/{folder} is not on the map"))).collect()
}

/// Named as code (`plan`) or as a path (crates/plan), not as a word of a sentence.
fn names(map: &File, folder: &str) -> bool {
    let path = format!("crates/{folder}");
    let as_path = map.text.match_indices(&path).any(|(start, _)| {
        let after = map.text.get(start + path.len()..).unwrap_or_default();
        !after.starts_with(|next: char| next.is_alphanumeric() || next == '-' || next == '_')
    });
    as_path || map.text.contains(&format!("`{folder}`")) || map.text.contains(&format!("`{folder}/`"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tidy::places;

    fn check_map(map: &str, expect: &[&str]) {
        assert_eq!(places(check, &[(MAP, map), ("crates/plan/Cargo.toml", "[package]\n")]), expect);
    }

    #[test]
    fn a_crate_off_the_map_is_found() {
        check_map("the plan comes from crates/planner\n", &["ARCHITECTURE.md:1"]);
        check_map("| `plan` | the graph |\n", &[]);
        check_map("see crates/plan.\n", &[]);
    }

    #[test]
    fn a_missing_map_is_found() {
        assert_eq!(places(check, &[]), ["ARCHITECTURE.md:1"]);
    }
}
