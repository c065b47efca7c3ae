//! A static site: files that are served as they are. There is no program to start; the runtime serves the folder.
//!
//! Files whose names begin with a dot stay behind, `.well-known` excepted: what is in `.env` must not be on the web.

use std::fs;
use std::path::{Path, PathBuf};

use super::cache::{Job, Made};
use super::{BuildError, Start, tree};

pub(super) async fn build(job: &Job<'_>) -> Result<Made, BuildError> {
    let app = job.copy_source().await?;
    let output = job.request.options.output.clone().unwrap_or_else(|| PathBuf::from("."));
    let root = root(&app, &output)?;
    Ok(Made::new(&root, Some(Start::StaticSite { root: root.clone() })))
}

/// The folder to serve, without what must not be served.
pub(super) fn root(app: &Path, output: &Path) -> Result<PathBuf, BuildError> {
    let root: PathBuf = app.join(tree::inside(output)?).components().collect();
    if !root.is_dir() {
        return Err(BuildError::NoOutput { output: output.to_owned() });
    }
    hide(&root)?;
    if !root.join("index.html").is_file() {
        let why = "a site needs an `index.html`; name the folder that has one with `output`";
        return Err(BuildError::manifest(output, why));
    }
    Ok(root)
}

fn hide(folder: &Path) -> Result<(), BuildError> {
    let entries = fs::read_dir(folder).map_err(BuildError::read(folder))?;
    for entry in entries.flatten() {
        let path = entry.path();
        let name = entry.file_name();
        let is_folder = entry.file_type().is_ok_and(|kind| kind.is_dir());
        let hidden = name.to_string_lossy().starts_with('.') && name != ".well-known";
        match (hidden, is_folder) {
            (true, true) => fs::remove_dir_all(&path).map_err(BuildError::cache("remove", &path))?,
            (true, false) => fs::remove_file(&path).map_err(BuildError::cache("remove", &path))?,
            (false, true) => hide(&path)?,
            (false, false) => {}
        }
    }
    Ok(())
}
