//! The files that are derived from code, and the commands that derive them.
//!
//! `cargo xtask generate` rewrites them; the rule `fresh` of `cargo xtask tidy` compares. A generator is a command that
//! writes files into a folder given as its last argument; what it writes there is compared with, or copied to, the
//! folder named beside it. To add one: add a row to `GENERATORS`. The page about JSON is read from the sources themselves
//! (`json.rs`).

mod json;

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::{Context, Result};

use crate::command;

/// A folder of the checkout, and the command whose files go there.
const GENERATORS: &[(&str, &[&str])] = &[(
    "docs/reference",
    &["cargo", "run", "--quiet", "--locked", "-p", "appia-cli", "--", "internal", "generate-docs"],
)];

/// Every generated file: its path in the checkout and its text.
pub(crate) fn all() -> Result<Vec<(PathBuf, String)>> {
    let mut files = Vec::new();
    for (folder, words) in GENERATORS {
        files.extend(generate(folder, words)?);
    }
    files.push(("docs/reference/json.md".into(), json::page()?));
    Ok(files)
}

/// Writes every generated file.
pub(crate) fn rewrite() -> Result<ExitCode> {
    let files = all()?;
    for (path, text) in &files {
        let path = command::root().join(path);
        if let Some(folder) = path.parent() {
            std::fs::create_dir_all(folder)?;
        }
        std::fs::write(&path, text).with_context(|| format!("`{}` cannot be written", path.display()))?;
    }
    println!("{} files written", files.len());
    Ok(ExitCode::SUCCESS)
}

/// Runs one generator into an empty folder and reads what it wrote.
fn generate(folder: &str, words: &[&str]) -> Result<Vec<(PathBuf, String)>> {
    let scratch = command::root().join("target/generated").join(folder);
    if scratch.exists() {
        std::fs::remove_dir_all(&scratch)?;
    }
    std::fs::create_dir_all(&scratch)?;
    let (program, arguments) = words.split_first().context("a generator has no command")?;
    command::read(command::command(program, arguments).arg(&scratch))?;
    let mut files = Vec::new();
    collect(&scratch, &mut files)?;
    files.sort();
    let place = |path: PathBuf| -> Result<(PathBuf, String)> {
        let text = std::fs::read_to_string(&path).with_context(|| format!("`{}`", path.display()))?;
        Ok((Path::new(folder).join(path.strip_prefix(&scratch)?), text))
    };
    files.into_iter().map(place).collect()
}

/// Every file below a folder.
pub(crate) fn collect(folder: &Path, files: &mut Vec<PathBuf>) -> Result<()> {
    let entries =
        std::fs::read_dir(folder).with_context(|| format!("`{}` cannot be read", folder.display()))?;
    for entry in entries {
        let path = entry?.path();
        if path.is_dir() { collect(&path, files)? } else { files.push(path) }
    }
    Ok(())
}
