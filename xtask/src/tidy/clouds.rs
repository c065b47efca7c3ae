//! Rule `clouds`: a cloud's name appears only in its own folder under `targets/`, in the file beside that folder, and on its
//! registration line.
//!
//! Comments count: what is explained with one cloud's name is usually thought for one cloud. Identifiers are split into
//! words (`AwsRegion`, `aws_region`), so that a prefix does not hide. Documentation (`.md`) and tests may name them.

use super::Finding;
use super::tree::{File, Tree};

const CLOUDS: &[&str] = &["aws", "azure", "gcp"];

pub(super) fn check(tree: &Tree) -> Vec<Finding> {
    tree.shipped().flat_map(check_file).collect()
}

fn check_file(file: &File) -> Vec<Finding> {
    let mut findings = Vec::new();
    for (index, text) in file.text.lines().enumerate() {
        let line = index + 1;
        for cloud in CLOUDS.iter().filter(|cloud| words(text).any(|word| word == **cloud)) {
            if !is_home(file, cloud) && !is_registration(file, text, cloud) && !file.is_test_line(line) {
                let message =
                    format!("`{cloud}` belongs in crates/targets/src/{cloud}/: ask the target instead");
                findings.push(Finding::violation(&file.path, line, message));
            }
        }
    }
    findings
}

fn is_home(file: &File, cloud: &str) -> bool {
    let rest = file.path.strip_prefix("crates/targets/src/").and_then(|rest| rest.strip_prefix(cloud));
    rest.is_some_and(|rest| rest.starts_with('/') || rest == ".rs")
}

/// `mod aws;` and the row of the table of targets, both in a file at the top of the crate.
fn is_registration(file: &File, text: &str, cloud: &str) -> bool {
    let at_the_top = file.path.strip_prefix("crates/targets/src/").is_some_and(|rest| !rest.contains('/'));
    at_the_top && (text.contains(&format!("mod {cloud};")) || text.contains(&format!("{cloud}::")))
}

/// The words of a line, in lower case: split at signs, underscores and capitals.
fn words(line: &str) -> impl Iterator<Item = String> {
    let mut words = vec![String::new()];
    let mut after_small = false;
    for character in line.chars() {
        let starts_word = character.is_uppercase() && after_small;
        if starts_word || !character.is_alphanumeric() {
            words.push(String::new());
        }
        if character.is_alphanumeric()
            && let Some(word) = words.last_mut()
        {
            word.extend(character.to_lowercase());
        }
        after_small = character.is_lowercase() || character.is_numeric();
    }
    words.into_iter().filter(|word| !word.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tidy::places;

    fn check_text(path: &str, text: &str, expect: &[&str]) {
        assert_eq!(places(check, &[(path, text)]), expect);
    }

    #[test]
    fn a_name_in_code_or_comment_is_found() {
        check_text(
            "crates/engine/src/apply.rs",
            "// as on AWS\nstruct AzureStep;\nlet gcp_region = 1;\n",
            &["crates/engine/src/apply.rs:1", "crates/engine/src/apply.rs:2", "crates/engine/src/apply.rs:3"],
        );
    }

    #[test]
    fn home_and_registration_are_allowed() {
        check_text("crates/targets/src/aws/prices.rs", "const AWS: u8 = 1;", &[]);
        check_text("crates/targets/src/aws.rs", "const NAME: &str = \"aws\";", &[]);
        check_text("crates/targets/src/lib.rs", "pub mod aws;\n&aws::Target,\n", &[]);
    }

    #[test]
    fn one_cloud_does_not_name_another() {
        check_text(
            "crates/targets/src/aws/prices.rs",
            "// like GCP",
            &["crates/targets/src/aws/prices.rs:1"],
        );
    }

    #[test]
    fn tests_and_parts_of_words_are_allowed() {
        check_text("crates/cli/src/main.rs", "fn draws() {}\n#[cfg(test)]\nmod tests {\n  // aws\n}\n", &[]);
        check_text("crates/cli/tests/plan.rs", "// aws", &[]);
    }
}
