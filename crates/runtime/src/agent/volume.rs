//! Volumes: folders of an application that outlive its programs.

use std::collections::BTreeMap;
use std::path::PathBuf;

use super::Agent;
use super::protocol::Failure;
use super::record::Record;
use super::slot::Slot;

impl Agent {
    /// Makes the folder, or finds it as it was left.
    pub(super) async fn put_volume(&self, slot: &Slot, record: Record) -> Result<(), Failure> {
        let folder = self.volume_folder(&record);
        std::fs::create_dir_all(&folder).map_err(Failure::system("the volume cannot be made"))?;
        let outputs = BTreeMap::from([("source".to_owned(), folder.to_string_lossy().into_owned())]);
        self.commit(slot, Record { outputs, ..record }).await
    }

    /// Where a volume is.
    pub(super) fn volume_folder(&self, record: &Record) -> PathBuf {
        self.home.owner_folder(&record.owner).join("volumes").join(&record.id.name)
    }
}
