//! A copy of the store where a person wants it, taken while the store is in use.

use std::path::Path;

use appia_api::documents::Backup;
use appia_api::protocol::BackupRequest;

use crate::ServerError;
use crate::platform::Platform;

/// A copy of the store where a person wants it.
pub(crate) async fn backup(platform: &Platform, request: &BackupRequest) -> Result<Backup, ServerError> {
    let path = Path::new(&request.path);
    if !path.is_absolute() {
        return Err(ServerError::request(format!("`{}` is no absolute path", request.path), "name one"));
    }
    if path.try_exists().unwrap_or_default() {
        let message = format!("`{}` is there already", request.path);
        return Err(ServerError::request(message, "name a file that is not there yet"));
    }
    if !path.parent().is_some_and(Path::is_dir) {
        let message = format!("there is no folder for `{}`", request.path);
        return Err(ServerError::request(message, "make the folder first, or name another file"));
    }
    platform.store.backup(path).await?;
    let bytes = std::fs::metadata(path).map(|file| file.len()).unwrap_or_default();
    let key = platform.home.key_file().display().to_string();
    Ok(Backup { path: request.path.clone(), bytes, key })
}
