//! What is done to a store that no server has open: looking at one that does not open, and bringing a copy back.
//!
//! The command line calls this in its own process when the server does not run; it takes the server's place for as
//! long, so that none can start meanwhile. Start at [`doctor`] and [`restore`].

use std::path::Path;
use std::time::{Duration, Instant};

use appia_api::documents::{Doctor, LostOperation, Restore};
use appia_runtime::Home;
use appia_runtime::damage::{damaged, put_aside};
use appia_store::{Forgotten, Store, forgets, snapshots, system_clock};

use crate::app::doctor::report;
use crate::serve::lock;
use crate::{ServerError, wire};

/// A server that ends takes a last copy of its store.
const PATIENCE: Duration = Duration::from_secs(20);

/// Looks at everything that is kept.
///
/// # Errors
/// When a server has the home, or nothing can be read at all.
pub async fn doctor(home: &Home) -> Result<Doctor, ServerError> {
    let _lock = lock_patiently(home).await?;
    report(home, store_faults(home).await?).await
}

/// What bringing a copy back would lose.
///
/// # Errors
/// When the copy is not good.
pub async fn preview(home: &Home, copy: &Path) -> Result<Restore, ServerError> {
    let faults = appia_store::faults_of_copy(copy, key(home)?, system_clock()).await?;
    if let Some(fault) = faults.first() {
        return Err(ServerError::Other(format!("`{}` is not as it was written: {fault}", copy.display())));
    }
    let lost = forgets(&home.database(), copy).await.map(|lost| lost.iter().map(wire_lost).collect());
    Ok(Restore { from: copy.display().to_string(), kept: None, lost })
}

/// Brings a copy back in the place of the store.
///
/// # Errors
/// When a server has the home, the copy is not good, or a file cannot be written.
pub async fn restore(home: &Home, preview: Restore) -> Result<Restore, ServerError> {
    let _lock = lock_patiently(home).await?;
    let from = Path::new(&preview.from);
    let kept = appia_store::restore(from, &home.database(), key(home)?, system_clock()).await?;
    Ok(Restore { kept: kept.map(|kept| kept.display().to_string()), ..preview })
}

/// Puts the agent's damaged files out of the way; gives their new names.
///
/// # Errors
/// When one cannot be renamed.
pub fn put_agent_files_aside(home: &Home) -> Result<Vec<String>, ServerError> {
    let failed = |error: std::io::Error| ServerError::Other(format!("the agent's files: {error}"));
    let found = damaged(home, &key(home)?).map_err(failed)?;
    found.iter().map(|file| put_aside(file).map(|path| path.display().to_string()).map_err(failed)).collect()
}

/// The newest snapshot that is as it was written.
///
/// # Errors
/// When the folder cannot be read.
pub async fn last_good_snapshot(home: &Home) -> Result<Option<std::path::PathBuf>, ServerError> {
    let failed = |error: std::io::Error| ServerError::Other(format!("the snapshots cannot be read: {error}"));
    for taken in snapshots(&home.snapshots()).map_err(failed)? {
        let faults = appia_store::faults_of_copy(&taken.path, key(home)?, system_clock()).await;
        if matches!(faults, Ok(faults) if faults.is_empty()) {
            return Ok(Some(taken.path));
        }
    }
    Ok(None)
}

/// A server that was asked to end answers no more and is not gone yet.
async fn lock_patiently(home: &Home) -> Result<impl Sized, ServerError> {
    let began = Instant::now();
    loop {
        match lock(home) {
            Ok(lock) => return Ok(lock),
            Err(_) if began.elapsed() < PATIENCE => tokio::time::sleep(Duration::from_millis(10)).await,
            Err(error) => return Err(ServerError::Other(format!("{error:#}"))),
        }
    }
}

async fn store_faults(home: &Home) -> Result<Vec<String>, ServerError> {
    if !home.database().exists() && !home.snapshots().exists() {
        return Ok(Vec::new());
    }
    match Store::open(home.database(), key(home)?, system_clock()).await {
        Err(error) => Ok(vec![error.to_string()]),
        Ok(store) => {
            let faults = store.check().await;
            store.close().await;
            Ok(faults?.iter().map(ToString::to_string).collect())
        }
    }
}

fn key(home: &Home) -> Result<appia_plan::seal::SealKey, ServerError> {
    Ok(home.seal_key()?)
}

fn wire_lost(lost: &Forgotten) -> LostOperation {
    LostOperation {
        operation: lost.operation.clone(),
        action: lost.kind.clone(),
        app: lost.app.clone(),
        environment: lost.environment.clone(),
        began: wire::time(lost.began_at_ms),
    }
}
