//! `cargo xtask tidy`: the rules of the house, checked by a program instead of by review.
//!
//! One file a rule under `tidy/`; the comment at its top is the rule's manual page. A rule reads the `Tree` (text)
//! and returns findings (text), so each has unit tests with a planted violation. Rules never print and never change
//! a file. Called by people, by `cargo xtask test` and so by CI. Start reading at `RULES`.

mod clouds;
mod codes;
mod fresh;
mod layers;
mod leftovers;
mod map;
mod printing;
mod processes;
mod pure;
mod single;
mod sizes;
mod sql;
mod tokens;
mod tree;
mod unused;
mod words;

use std::process::ExitCode;

use anyhow::Result;

use crate::command;
use tree::Tree;

/// A rule: its name as printed, and its check.
type Rule = (&'static str, fn(&Tree) -> Vec<Finding>);

const RULES: &[Rule] = &[
    ("layers", layers::check),
    ("pure", pure::check),
    ("clouds", clouds::check),
    ("sql", sql::check),
    ("processes", processes::check),
    ("printing", printing::check),
    ("codes", codes::check),
    ("single", single::check),
    ("unused", unused::check),
    ("sizes", sizes::check),
    ("words", words::check),
    ("leftovers", leftovers::check),
    ("map", map::check),
    ("fresh", fresh::check),
];

/// Whether a finding fails the check or is only worth a look.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Weight {
    Violation,
    Note,
}

/// One finding: where, what, and how grave.
#[derive(Debug, PartialEq, Eq)]
struct Finding {
    path: String,
    line: usize,
    weight: Weight,
    message: String,
}

impl Finding {
    fn violation(path: &str, line: usize, message: impl Into<String>) -> Self {
        Self { path: path.to_owned(), line, weight: Weight::Violation, message: message.into() }
    }

    fn note(path: &str, line: usize, message: impl Into<String>) -> Self {
        Self { weight: Weight::Note, ..Self::violation(path, line, message) }
    }
}

/// Whether notes are printed beside the violations.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Notes {
    Shown,
    Hidden,
}

/// Checks every rule and prints each finding as `path:line: rule: message`.
pub(crate) fn run(notes: Notes) -> Result<ExitCode> {
    let tree = Tree::of_checkout(&command::root())?;
    let mut violations = 0;
    for (rule, check) in RULES {
        for finding in check(&tree) {
            let grave = finding.weight == Weight::Violation;
            violations += usize::from(grave);
            if grave || notes == Notes::Shown {
                let weight = if grave { "" } else { " (note)" };
                println!("{}:{}: {rule}{weight}: {}", finding.path, finding.line, finding.message);
            }
        }
    }
    println!("tidy: {} rules, {} files, {violations} violations", RULES.len(), tree.files.len());
    Ok(if violations == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// For the rules' tests: the violations (not notes) of a rule over planted files, as `path:line`.
#[cfg(test)]
fn places(check: fn(&Tree) -> Vec<Finding>, files: &[(&str, &str)]) -> Vec<String> {
    let findings = check(&Tree::of_texts(files));
    let grave = findings.into_iter().filter(|finding| finding.weight == Weight::Violation);
    grave.map(|finding| format!("{}:{}", finding.path, finding.line)).collect()
}
