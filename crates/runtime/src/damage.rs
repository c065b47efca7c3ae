//! Which of the agent's files are not as they were written, and putting those out of the way.
//!
//! For `appia server doctor`. What is put aside is brought again by the next `appia up`: the agent takes an object
//! without a record that reads for one whose step did not end. Start at [`damaged`].

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use appia_plan::seal::SealKey;

use crate::agent::record::opens;
use crate::durable;
use crate::home::Home;

/// A file that is not as it was written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Damaged {
    /// Which one.
    pub path: PathBuf,
    /// What is wrong with it.
    pub what: String,
}

/// The agent's files that are not as they were written.
///
/// # Errors
/// When a folder cannot be read.
pub fn damaged(home: &Home, key: &SealKey) -> io::Result<Vec<Damaged>> {
    let mut found = Vec::new();
    for file in files(home)? {
        let checked = match file.extension().and_then(|extension| extension.to_str()) {
            Some("json") => durable::check_json(&file),
            Some("sealed") => opens(key, &file),
            _ => Ok(()),
        };
        if let Err(error) = checked {
            found.push(Damaged { path: file, what: error.to_string() });
        }
    }
    Ok(found)
}

/// Puts a file out of the way, under another name; gives the name.
///
/// # Errors
/// When it cannot be renamed.
pub fn put_aside(damaged: &Damaged) -> io::Result<PathBuf> {
    let mut name = damaged.path.clone().into_os_string();
    name.push(".damaged");
    fs::rename(&damaged.path, &name)?;
    Ok(name.into())
}

fn files(home: &Home) -> io::Result<Vec<PathBuf>> {
    let mut files = vec![home.root().join("gateway.json")];
    for app in below(&home.environments())?.iter().map(|environment| below(environment)) {
        for folder in app? {
            files.push(folder.join("fence.json"));
            files.extend(below(&folder.join("objects"))?);
        }
    }
    files.retain(|file| file.is_file());
    Ok(files)
}

fn below(folder: &Path) -> io::Result<Vec<PathBuf>> {
    let entries = match fs::read_dir(folder) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
        other => other?,
    };
    entries.map(|entry| entry.map(|entry| entry.path())).collect()
}
