//! Rule `words`: paths of one machine and addresses of package registries do not belong in the project.
//!
//! A clone has to work anywhere, and which registry serves a package is the user's own setting. Lock files name
//! registries because their tools write them so.

use super::Finding;
use super::tree::{File, Tree};

/// Written in halves, so that this file does not find itself.
const UNWANTED: &[&str] = &[
    concat!("/wo", "rk/"),
    concat!("/fa", "rm/"),
    concat!("crates.io", "/api"),
    concat!("pypi.org", "/simple"),
    concat!("proxy.", "golang"),
    concat!("registry.", "npmjs"),
    concat!("files.", "pythonhosted"),
    concat!("../sha", "red/"),
];

/// A line that may name one of them, and why.
const EXPECTED: &[(&str, &str, &str)] = &[(
    ".ci/run",
    concat!("../sha", "red/corpora"),
    "where the public corpora are, when they are beside the checkout",
)];

pub(super) fn check(tree: &Tree) -> Vec<Finding> {
    let written = |file: &&File| !file.path.ends_with(".lock") && !file.path.ends_with("lock.json");
    tree.files.iter().filter(written).flat_map(check_file).collect()
}

fn check_file(file: &File) -> Vec<Finding> {
    let mut findings = Vec::new();
    for (index, line) in file.text.lines().enumerate() {
        let unwanted = UNWANTED.iter().find(|word| line.contains(**word));
        let expected = EXPECTED.iter().any(|(path, text, _)| *path == file.path && line.contains(text));
        if let Some(word) = unwanted
            && !expected
        {
            let message = format!("`{word}` does not belong in the project");
            findings.push(Finding::violation(&file.path, index + 1, message));
        }
    }
    findings
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tidy::places;

    #[test]
    fn a_machines_path_is_found_in_any_text_file() {
        let text = format!("fine\nsee {}main\n", concat!("/wo", "rk/"));
        assert_eq!(places(check, &[("docs/a.md", &text)]), ["docs/a.md:2"]);
        assert!(places(check, &[("docs/a.md", "the network/worker\n")]).is_empty());
    }

    #[test]
    fn lock_files_and_expected_lines_are_free() {
        let text = format!("https://{}.org/a", concat!("registry.", "npmjs"));
        assert!(places(check, &[("examples/a/package-lock.json", &text)]).is_empty());
        assert!(places(check, &[(".ci/run", concat!("../sha", "red/corpora"))]).is_empty());
        assert_eq!(places(check, &[("docs/a.md", concat!("../sha", "red/corpora"))]), ["docs/a.md:1"]);
    }
}
