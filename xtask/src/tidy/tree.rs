//! What the rules read: the text files of the checkout, Rust files as tokens, crate manifests as tables.
//!
//! Built once by `tidy::run` from the files git knows or would add (so an uncommitted file is checked too), or from
//! texts in a test. Rules never touch the disk themselves. Start at `Tree`.

use std::collections::BTreeMap;
use std::path::Path;

use anyhow::Result;
use toml::Table;

use super::tokens::{self, Token};
use crate::command;

/// The checkout as the rules see it.
pub(super) struct Tree {
    pub(super) files: Vec<File>,
    pub(super) manifests: Vec<Manifest>,
}

/// A text file; a Rust file has its tokens too.
pub(super) struct File {
    pub(super) path: String,
    pub(super) text: String,
    pub(super) tokens: Vec<Token>,
}

/// A crate's `Cargo.toml`.
pub(super) struct Manifest {
    pub(super) path: String,
    text: String,
    table: Table,
}

/// A dependency as a manifest names it.
pub(super) struct Dependency {
    pub(super) name: String,
    pub(super) line: usize,
}

impl Tree {
    /// Reads the files git tracks or would add.
    pub(super) fn of_checkout(root: &Path) -> Result<Self> {
        let arguments = ["ls-files", "--cached", "--others", "--exclude-standard", "--deduplicate"];
        let listed = command::read(&mut command::command("git", &arguments))?;
        // A file that is not UTF-8 (a picture) or was deleted a moment ago has no text to check.
        let read = |path: &str| Some((path.to_owned(), std::fs::read_to_string(root.join(path)).ok()?));
        Ok(Self::new(listed.lines().filter_map(read).collect()))
    }

    #[cfg(test)]
    pub(super) fn of_texts(files: &[(&str, &str)]) -> Self {
        Self::new(files.iter().map(|(path, text)| ((*path).to_owned(), (*text).to_owned())).collect())
    }

    fn new(texts: Vec<(String, String)>) -> Self {
        let manifests = texts.iter().filter_map(|(path, text)| Manifest::new(path, text)).collect();
        let files = texts.into_iter().map(|(path, text)| File::new(path, text)).collect();
        Self { files, manifests }
    }

    /// The Rust files of the product: everything under `crates/`.
    pub(super) fn product(&self) -> impl Iterator<Item = &File> {
        self.files.iter().filter(|file| file.is_rust() && file.path.starts_with("crates/"))
    }

    /// The Rust files of the product that ship: not tests, benchmarks, examples or build scripts.
    pub(super) fn shipped(&self) -> impl Iterator<Item = &File> {
        self.product().filter(|file| file.path.contains("/src/"))
    }
}

impl File {
    fn new(path: String, text: String) -> Self {
        let mut tokens = if path.ends_with(".rs") { tokens::read(&text) } else { Vec::new() };
        // `#[cfg(test)] mod tests;` puts the tests of a module in a file of their own.
        if path.contains("/tests/") || path.ends_with("/tests.rs") {
            tokens.iter_mut().for_each(|token| token.test = true);
        }
        Self { path, text, tokens }
    }

    pub(super) fn is_rust(&self) -> bool {
        self.path.ends_with(".rs")
    }

    /// The folder name under `crates/`, if the file is in one.
    pub(super) fn folder(&self) -> Option<&str> {
        self.path.strip_prefix("crates/")?.split('/').next()
    }

    /// The tokens that are not under `#[cfg(test)]`.
    pub(super) fn shipped_tokens(&self) -> impl Iterator<Item = &Token> {
        self.tokens.iter().filter(|token| !token.test)
    }

    /// Whether a line belongs to an item under `#[cfg(test)]`.
    pub(super) fn is_test_line(&self, line: usize) -> bool {
        let before = self.tokens.iter().rev().find(|token| token.line <= line);
        let after = self.tokens.iter().find(|token| token.line >= line);
        before.is_some_and(|token| token.test) && after.is_none_or(|token| token.test)
    }
}

impl Manifest {
    fn new(path: &str, text: &str) -> Option<Self> {
        let is_crate = path.starts_with("crates/") || path.starts_with("xtask/");
        if !is_crate || !path.ends_with("/Cargo.toml") || path.matches('/').count() > 2 {
            return None;
        }
        let table = text.parse().ok()?;
        Some(Self { path: path.to_owned(), text: text.to_owned(), table })
    }

    /// The folder that holds the crate: `plan` for `crates/plan/Cargo.toml`.
    pub(super) fn folder(&self) -> &str {
        let folder = self.path.trim_end_matches("/Cargo.toml");
        folder.rsplit('/').next().unwrap_or(folder)
    }

    /// What the shipped crate uses, build scripts included.
    pub(super) fn dependencies(&self) -> Vec<Dependency> {
        self.section(&["dependencies", "build-dependencies"])
    }

    /// What the crate and its tests use.
    pub(super) fn all_dependencies(&self) -> Vec<Dependency> {
        self.section(&["dependencies", "build-dependencies", "dev-dependencies"])
    }

    fn section(&self, names: &[&str]) -> Vec<Dependency> {
        let here = names.iter().filter_map(|name| self.table.get(*name));
        let targets = self.table.get("target").and_then(|value| value.as_table());
        let for_targets = targets.into_iter().flat_map(Table::values).filter_map(|value| value.as_table());
        let there = for_targets.flat_map(|table| names.iter().filter_map(|name| table.get(*name)));
        let tables = here.chain(there).filter_map(|value| value.as_table());
        let found: BTreeMap<&String, ()> = tables.flat_map(Table::keys).map(|name| (name, ())).collect();
        found.into_keys().map(|name| Dependency { name: name.clone(), line: self.line_of(name) }).collect()
    }

    fn line_of(&self, name: &str) -> usize {
        let names = |line: &str| {
            let rest = line.trim_start().strip_prefix(name);
            rest.is_some_and(|rest| rest.starts_with(['.', ' ', '=']))
        };
        self.text.lines().position(names).map_or(1, |index| index + 1)
    }
}
