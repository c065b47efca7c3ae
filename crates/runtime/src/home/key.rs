//! The key under which a home seals what it keeps: made once, read by command line, server and agent.

use std::fs::{self, OpenOptions};
use std::io::{self, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;

use appia_plan::seal::SealKey;

use super::{Home, HomeError, unusable};
use crate::durable;

impl Home {
    /// The key under which this home seals what it keeps, made at its first use.
    ///
    /// # Errors
    /// When the file cannot be read or made, or is no key.
    pub fn seal_key(&self) -> Result<SealKey, HomeError> {
        let path = self.key_file();
        let failed = |source| unusable(&path, source);
        if !path.try_exists().map_err(failed)? {
            self.make_key(&path).map_err(failed)?;
        }
        let bytes = fs::read(&path).map_err(failed)?;
        let bytes = <[u8; SealKey::LENGTH]>::try_from(bytes).map_err(|_| HomeError::BadKey { path })?;
        Ok(SealKey::new(bytes))
    }

    /// Two processes may come here at once: the link of the first one wins, and both read the same key.
    fn make_key(&self, path: &Path) -> io::Result<()> {
        let beside = self.root.join(format!("seal.{:016x}.new", rand::random::<u64>()));
        let mut file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(&beside)?;
        let written = file.write_all(&rand::random::<[u8; SealKey::LENGTH]>()).and_then(|()| file.sync_all());
        let linked = written.and_then(|()| match fs::hard_link(&beside, path) {
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => Ok(()),
            other => other,
        });
        fs::remove_file(&beside)?;
        linked.and_then(|()| durable::sync_folder(&self.root))
    }
}
