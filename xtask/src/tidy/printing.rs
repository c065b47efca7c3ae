//! Rule `printing`: only `cli/src/ui` writes to the terminal: no macro, no stream, no `.print()` of a parser elsewhere.
//!
//! stdout is data and stderr is talk because one folder decides it; everything else returns values. Build scripts talk
//! to Cargo by printing and are free, as are tests, examples and xtask. What writes to somebody else than a person at the
//! terminal stands in `OTHERS`, each with its reason.

use super::Finding;
use super::tokens::{Kind, paths};
use super::tree::{File, Tree};

const HOME: &str = "crates/cli/src/ui";

/// Files whose output no person at the terminal of `appia` looks at, and who reads it.
const OTHERS: &[(&str, &str)] = &[
    ("crates/drivers/src/tool/reaper.rs", "stands between us and a tool: what it says is the tool's output"),
    ("crates/runtime/src/shim.rs", "a shim tells the agent once, over a pipe, that its program has started"),
    ("crates/tf-provider/src/main.rs", "a stand-in for a provider tells Terraform why it cannot be one"),
    ("crates/tf-provider/src/serve.rs", "a stand-in for a provider tells Terraform where it listens"),
    ("crates/testkit/src/missing.rs", "a test tells `cargo xtask test` what it could not be put to"),
];

const MACROS: &[&str] = &["print", "println", "eprint", "eprintln"];
const PATHS: &[&str] = &["anstream", "io::stdout", "io::stderr"];

pub(super) fn check(tree: &Tree) -> Vec<Finding> {
    let elsewhere = |file: &&File| !file.path.starts_with(HOME);
    let seen = |file: &&File| !OTHERS.iter().any(|(path, _)| *path == file.path);
    tree.shipped().filter(elsewhere).filter(seen).flat_map(check_file).collect()
}

fn check_file(file: &File) -> Vec<Finding> {
    let tokens: Vec<_> = file.shipped_tokens().collect();
    let mut found: Vec<(usize, String)> = Vec::new();
    for pair in tokens.windows(2) {
        if let [word, sign] = pair
            && let Kind::Word(name) = &word.kind
            && sign.is_sign('!')
            && MACROS.contains(&name.as_str())
        {
            found.push((word.line, format!("{name}!")));
        }
    }
    for three in tokens.windows(3) {
        if let [dot, word, open] = three
            && dot.is_sign('.')
            && word.is_word("print")
            && open.kind == Kind::Open('(')
        {
            found.push((word.line, ".print()".to_owned()));
        }
    }
    let written = paths(tokens.into_iter());
    let printing = written.iter().filter(|path| PATHS.iter().any(|wanted| path.has(wanted)));
    found.extend(printing.map(|path| (path.line, path.shown())));
    let finding =
        |(line, name)| Finding::violation(&file.path, line, format!("`{name}`: printing belongs in {HOME}"));
    found.into_iter().map(finding).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tidy::places;

    fn check_text(path: &str, text: &str, expect: &[&str]) {
        assert_eq!(places(check, &[(path, text)]), expect);
    }

    #[test]
    fn printing_is_found() {
        let path = "crates/server/src/app.rs";
        check_text(path, "fn a() {\n  println!(\"a\");\n}", &["crates/server/src/app.rs:2"]);
        check_text(path, "use std::io::{self, stdout};", &["crates/server/src/app.rs:1"]);
        check_text(path, "fn a() { anstream::eprint!(\"\"); }", &["crates/server/src/app.rs:1"; 2]);
        check_text(path, "fn a() { error.print(); }", &["crates/server/src/app.rs:1"]);
        check_text(path, "fn a() { error.printed(); print; }", &[]);
    }

    #[test]
    fn the_terminals_folder_and_tests_are_free() {
        check_text("crates/cli/src/ui/table.rs", "fn a() { println!(); }", &[]);
        check_text("crates/server/src/app.rs", "#[cfg(test)] mod tests { fn a() { println!(); } }", &[]);
        check_text("crates/runtime/src/shim.rs", "fn a() { io::stdout(); }", &[]);
        check_text("crates/server/build.rs", "fn main() { println!(\"cargo::x\"); }", &[]);
    }
}
