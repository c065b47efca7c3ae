//! Rule `fresh`: every generated file is what its generator would write now.
//!
//! The table of generators is `generated.rs`; `cargo xtask generate` mends what this rule finds.

use std::path::Path;

use super::Finding;
use super::tree::Tree;
use crate::generated;

pub(super) fn check(tree: &Tree) -> Vec<Finding> {
    match generated::all() {
        Ok(files) => {
            let files = files.iter().map(|(path, text)| (path.as_path(), text.as_str()));
            stale(tree, files)
        }
        Err(error) => vec![Finding::violation("xtask/src/generated.rs", 1, format!("{error:#}"))],
    }
}

fn stale<'a>(tree: &Tree, generated: impl Iterator<Item = (&'a Path, &'a str)>) -> Vec<Finding> {
    let mut findings = Vec::new();
    for (path, text) in generated {
        let path = path.to_string_lossy();
        let written = tree.files.iter().find(|file| file.path == path);
        if written.is_none_or(|file| file.text != text) {
            findings.push(Finding::violation(
                &path,
                1,
                "is not what its generator writes: `cargo xtask generate`",
            ));
        }
    }
    findings
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_stale_or_missing_file_is_found() {
        let tree = Tree::of_texts(&[("docs/a.md", "old"), ("docs/b.md", "same")]);
        let generated = [("docs/a.md", "new"), ("docs/b.md", "same"), ("docs/c.md", "new")];
        let found = stale(&tree, generated.iter().map(|(path, text)| (Path::new(*path), *text)));
        let paths: Vec<_> = found.iter().map(|finding| finding.path.as_str()).collect();
        assert_eq!(paths, ["docs/a.md", "docs/c.md"]);
    }
}
