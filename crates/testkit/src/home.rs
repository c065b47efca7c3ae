//! A folder of its own for each test, removed afterwards.

use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};

/// A folder that no other test has. It is removed when dropped; a test that fails keeps its folder, to be looked at.
#[derive(Debug)]
pub struct TempHome(PathBuf);

static NEXT: AtomicU64 = AtomicU64::new(0);

/// Makes a new, empty folder with a short path (socket paths end at 107 bytes).
///
/// # Panics
/// When no folder can be made.
pub fn temp_home() -> TempHome {
    loop {
        let number = NEXT.fetch_add(1, Ordering::Relaxed);
        let path = std::env::temp_dir().join(format!("appia-{}-{number}", std::process::id()));
        match std::fs::create_dir(&path) {
            Ok(()) => return TempHome(path),
            Err(error) if error.kind() == std::io::ErrorKind::AlreadyExists => {}
            Err(error) => panic!("{} cannot be made: {error}", path.display()),
        }
    }
}

impl TempHome {
    /// Where it is.
    pub fn path(&self) -> &Path {
        &self.0
    }
}

impl AsRef<Path> for TempHome {
    fn as_ref(&self) -> &Path {
        &self.0
    }
}

impl Drop for TempHome {
    fn drop(&mut self) {
        if !std::thread::panicking() {
            // Left behind at worst, in the machine's folder for such things.
            let _ = std::fs::remove_dir_all(&self.0);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::temp_home;

    #[test]
    fn two_homes_differ_and_go() {
        let (one, two) = (temp_home(), temp_home());
        assert_ne!(one.path(), two.path());
        std::fs::write(one.path().join("file"), "text").unwrap();
        let path = one.path().to_owned();
        drop(one);
        assert!(!path.exists() && two.path().is_dir());
    }
}
