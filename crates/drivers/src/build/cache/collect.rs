//! Removing artifacts that nothing can go back to any more.
//!
//! The server calls it after a deployment. What was made or used a short while ago stays: somebody may be about to
//! deploy it.

use std::collections::BTreeSet;
use std::fs;
use std::time::{Duration, SystemTime};

use super::{BuildCache, BuildError, remove};
use crate::build::ContentHash;

impl BuildCache {
    /// Removes every artifact that is not needed and is older than `age`; the removed ones. One that somebody builds
    /// right now stays.
    ///
    /// # Errors
    /// When the folder cannot be read or an artifact cannot be removed.
    pub fn collect(
        &self,
        needed: &BTreeSet<ContentHash>,
        age: Duration,
    ) -> Result<Vec<ContentHash>, BuildError> {
        let entries = match fs::read_dir(&self.dir) {
            Ok(entries) => entries,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(Vec::new()),
            Err(source) => return Err(BuildError::cache("read", &self.dir)(source)),
        };
        let mut removed = Vec::new();
        for entry in entries.flatten() {
            let name = entry.file_name();
            let Some(hash) = name.to_str().and_then(|name| name.strip_suffix(".json")?.parse().ok()) else {
                continue;
            };
            if needed.contains(&hash) || !self.is_older(&hash, age) {
                continue;
            }
            if let Some(_lock) = self.try_lock(hash.as_str())? {
                remove(&self.manifest(&hash), &self.dir.join(hash.as_str()))?;
                removed.push(hash);
            }
        }
        removed.sort();
        Ok(removed)
    }

    /// Notes that an artifact was used just now.
    pub fn touch(&self, hash: &ContentHash) {
        if let Ok(manifest) = fs::File::options().append(true).open(self.manifest(hash)) {
            let _ = manifest.set_modified(SystemTime::now());
        }
    }

    fn is_older(&self, hash: &ContentHash, age: Duration) -> bool {
        let modified = fs::metadata(self.manifest(hash)).and_then(|about| about.modified());
        modified.is_ok_and(|at| SystemTime::now().duration_since(at).is_ok_and(|since| since >= age))
    }
}
