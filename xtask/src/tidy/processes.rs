//! Rule `processes`: child processes are started only by `drivers`, `runtime` and tests.
//!
//! Whoever starts a process owns its group, its output and its end; two crates know how. The exceptions are files that
//! start our own binary, each with its reason in `OWN_BINARY`.

use super::Finding;
use super::tokens::{Path, paths};
use super::tree::{File, Tree};

const HOMES: &[&str] = &["drivers", "runtime", "testkit"];

/// Files that may start our own binary, and why.
const OWN_BINARY: &[(&str, &str)] = &[(
    "crates/cli/src/client/start.rs",
    "`up` starts the server of this home: the same binary, in a session of its own",
)];

const STARTERS: &[&str] =
    &["process::Command", "tokio::process", "unistd::fork", "unistd::execv", "unistd::execvp"];

pub(super) fn check(tree: &Tree) -> Vec<Finding> {
    let elsewhere = |file: &&File| !file.folder().is_some_and(|folder| HOMES.contains(&folder));
    let unlisted = |file: &&File| !OWN_BINARY.iter().any(|(path, _)| *path == file.path);
    tree.shipped().filter(elsewhere).filter(unlisted).flat_map(check_file).collect()
}

fn check_file(file: &File) -> Vec<Finding> {
    let starts = |path: &&Path| STARTERS.iter().any(|starter| path.has(starter));
    let finding = |path: &Path| {
        let message = format!("`{}`: child processes are started in `drivers` and `runtime`", path.shown());
        Finding::violation(&file.path, path.line, message)
    };
    paths(file.shipped_tokens()).iter().filter(starts).map(finding).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tidy::places;

    fn check_text(path: &str, text: &str, expect: &[&str]) {
        assert_eq!(places(check, &[(path, text)]), expect);
    }

    #[test]
    fn a_command_is_found_however_it_is_named() {
        let path = "crates/server/src/app.rs";
        check_text(path, "use std::process::{Command, ExitCode};", &["crates/server/src/app.rs:1"]);
        check_text(
            path,
            "use std::process;\nfn a() { process::Command::new(\"a\"); }",
            &["crates/server/src/app.rs:2"],
        );
        check_text(path, "fn a() { tokio::process::Command::new(\"a\"); }", &["crates/server/src/app.rs:1"]);
    }

    #[test]
    fn drivers_exit_codes_tests_and_listed_files_are_free() {
        check_text("crates/drivers/src/git.rs", "use std::process::Command;", &[]);
        check_text("crates/cli/src/main.rs", "use std::process::ExitCode;", &[]);
        check_text("crates/cli/tests/up.rs", "use std::process::Command;", &[]);
        check_text("crates/cli/src/client/start.rs", "use std::process::Command;", &[]);
    }
}
