//! The formats Appia reads, one folder each, and the one table that names them: [`SOURCES`].
//!
//! [`read`] turns files into an `Intent`, putting everything that is wrong with them into diagnostics and going on to
//! find the rest; [`find`] says which files of a folder make the application; [`code::propose`] looks at source code
//! and writes a first `appia.yaml`.
//! Pure: files come through [`Files`], nothing is printed, no format knows another.
//! Adding a format is one folder with a [`Source`] and one line in [`SOURCES`].

pub mod appia;
mod before;
pub mod code;
mod files;
mod mounted;
mod score;
mod shape;
mod value;
pub mod yaml;

use appia_diag::{Diagnostic, Diagnostics, Span, codes};
use appia_intent::Intent;

pub use files::{FileProblem, Files, MemoryFiles};

/// A format that Appia reads.
pub trait Source: Sync {
    /// Its name in lists and messages.
    fn name(&self) -> &'static str;

    /// Whether a file is in this format.
    fn claims(&self, files: &dyn Files, path: &str) -> Claim;

    /// Reads files as one application. `None` when nothing usable came out; errors are in `sink` either way, and an
    /// Intent beside errors is good for finding more of them and for nothing else.
    fn read(&self, files: &dyn Files, paths: &[String], sink: &mut Diagnostics) -> Option<Intent>;
}

/// How sure a source is that a file is its own.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Claim {
    /// It is not.
    No,
    /// What is in it says so.
    Content,
    /// Its name says so: in a folder this file is taken before all others.
    Name,
}

/// Every format, in the order in which a folder is searched.
pub const SOURCES: &[&dyn Source] = &[&appia::AppiaFile, &score::Score];

/// Which files make an application, and who reads them.
#[derive(Clone)]
pub struct Found {
    /// Who reads them.
    pub source: &'static dyn Source,
    /// The files.
    pub paths: Vec<String>,
}

/// Looks for the application of a folder: a file whose name is a source's own (`appia.yaml`, else `score.yaml`), else
/// all files whose content the first willing source claims.
pub fn find(files: &dyn Files, folder: &str) -> Option<Found> {
    let paths: Vec<String> = files
        .list(folder)
        .iter()
        .filter(|name| !name.ends_with('/'))
        .map(|name| files::join(folder, name))
        .collect();
    let claimed = |source: &dyn Source, claim: Claim| -> Vec<String> {
        paths.iter().filter(|path| source.claims(files, path) == claim).cloned().collect()
    };
    let named = SOURCES.iter().find_map(|source| {
        let path = claimed(*source, Claim::Name).into_iter().next()?;
        Some(Found { source: *source, paths: vec![path] })
    });
    named.or_else(|| {
        SOURCES.iter().find_map(|source| {
            let paths = claimed(*source, Claim::Content);
            (!paths.is_empty()).then_some(Found { source: *source, paths })
        })
    })
}

/// Reads files and folders as one application.
pub fn read(files: &dyn Files, paths: &[String], sink: &mut Diagnostics) -> Option<Intent> {
    let mut chosen: Option<&'static dyn Source> = None;
    let mut all: Vec<String> = Vec::new();
    for path in paths {
        let Some(found) = locate(files, path, sink) else { continue };
        let first = *chosen.get_or_insert(found.source);
        if first.name() == found.source.name() {
            all.extend(found.paths);
        } else {
            sink.push(mixed(path, first, found.source));
        }
    }
    all.sort();
    all.dedup();
    chosen.filter(|_| !all.is_empty())?.read(files, &all, sink)
}

/// The files behind one path of the command line.
fn locate(files: &dyn Files, path: &str, sink: &mut Diagnostics) -> Option<Found> {
    let path = files::clean(path);
    match files.read(&path) {
        Err(FileProblem::Folder) => {
            let found = find(files, &path);
            if found.is_none() {
                let message = format!("no file that Appia reads is in the folder `{path}`");
                sink.push(
                    no_input(&path, message).help("`appia init` writes an `appia.yaml` for what is there"),
                );
            }
            found
        }
        Err(problem) => {
            let message = format!("`{path}` cannot be read: {problem}");
            sink.push(
                Diagnostic::new(codes::UNREADABLE, message)
                    .at(&Span::file_start(path.as_str()))
                    .help("check the path; without one Appia looks in the current folder"),
            );
            None
        }
        Ok(_) => {
            let best = SOURCES.iter().rev().max_by_key(|source| source.claims(files, &path))?;
            if best.claims(files, &path) == Claim::No {
                sink.push(no_input(&path, format!("no format that Appia reads fits `{path}`")));
                return None;
            }
            Some(Found { source: *best, paths: vec![path] })
        }
    }
}

fn no_input(path: &str, message: String) -> Diagnostic {
    let names: Vec<String> = SOURCES.iter().map(|source| format!("`{}.yaml`", source.name())).collect();
    Diagnostic::new(codes::NO_INPUT, message)
        .at(&Span::file_start(path))
        .help(format!("Appia reads {}, and files of these formats by other names", names.join(" and ")))
}

fn mixed(path: &str, first: &dyn Source, second: &dyn Source) -> Diagnostic {
    let message =
        format!("`{path}` is a file of {}, the ones before it are of {}", second.name(), first.name());
    Diagnostic::new(codes::CONFLICTING_FILES, message)
        .at(&Span::file_start(path))
        .help("name files of one format")
}
