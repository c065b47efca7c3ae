//! Refuses orders from whoever lost the lease: the highest fencing token of each owner is on disk before it acts.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::{Mutex, PoisonError};

use appia_plan::Owner;

use super::protocol::Failure;
use crate::durable;

/// The highest token of each owner.
#[derive(Debug, Default)]
pub(super) struct Fences {
    highest: Mutex<BTreeMap<Owner, u64>>,
}

impl Fences {
    /// Lets a token pass that is not older than one seen before.
    pub(super) fn pass(&self, owner: &Owner, folder: &Path, token: u64) -> Result<(), Failure> {
        let failed = Failure::system("the fencing token cannot be kept");
        let path = folder.join("fence.json");
        let mut highest = self.highest.lock().unwrap_or_else(PoisonError::into_inner);
        let seen = match highest.get(owner) {
            Some(seen) => *seen,
            None => durable::read_json(&path).map_err(&failed)?.unwrap_or(0),
        };
        if token < seen {
            return Err(Failure::Fenced { newer: seen });
        }
        if token > seen {
            std::fs::create_dir_all(folder).map_err(&failed)?;
            durable::write_json(&path, &token).map_err(&failed)?;
        }
        highest.insert(owner.clone(), token);
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use appia_intent::{AppName, EnvironmentName};
    use appia_plan::Owner;

    use super::Fences;

    #[test]
    fn an_older_token_is_refused_even_after_a_restart() {
        let folder = tempfile::tempdir().unwrap();
        let owner = Owner {
            organisation: "default".into(),
            app: AppName::new("shop").unwrap(),
            environment: EnvironmentName::new("local").unwrap(),
        };
        let fences = Fences::default();
        assert!(fences.pass(&owner, folder.path(), 5).is_ok());
        assert!(fences.pass(&owner, folder.path(), 5).is_ok());
        assert!(fences.pass(&owner, folder.path(), 4).is_err());
        assert!(Fences::default().pass(&owner, folder.path(), 4).is_err());
        assert!(Fences::default().pass(&owner, folder.path(), 6).is_ok());
    }
}
