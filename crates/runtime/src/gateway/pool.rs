//! Open connections to one instance that wait for their next request.
//!
//! The one used last is taken first, so that what load does not need grows old and is closed. A connection in here is
//! watched by nobody: whoever takes it looks whether the instance has closed it meanwhile, and `sweep` does so for
//! the rest once a second.

use std::fmt;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use super::link::Link;

/// Servers commonly close a silent connection after five seconds, some after two; be first.
const KEEP: Duration = Duration::from_millis(1_500);
const MOST: usize = 1024;

/// Idle connections of one instance. Boxed, because they go back and forth with every request.
#[derive(Default)]
#[expect(
    clippy::vec_box,
    reason = "a connection is moved in and out with every request and is several hundred bytes"
)]
pub(super) struct LinkPool(Mutex<Vec<Box<Link>>>);

impl LinkPool {
    /// The freshest connection that is still open.
    pub(super) fn take(&self) -> Option<Box<Link>> {
        loop {
            let mut link = self.lock().pop()?;
            if link.idle_for() < KEEP && link.is_usable() {
                return Some(link);
            }
        }
    }

    pub(super) fn put(&self, mut link: Box<Link>) {
        link.rest();
        let mut links = self.lock();
        if links.len() < MOST {
            links.push(link);
        }
    }

    /// Closes what is too old or was closed by the instance.
    pub(super) fn sweep(&self) {
        self.lock().retain_mut(|link| link.idle_for() < KEEP && link.is_usable());
    }

    pub(super) fn clear(&self) {
        self.lock().clear();
    }

    #[expect(clippy::vec_box, reason = "see the type")]
    fn lock(&self) -> MutexGuard<'_, Vec<Box<Link>>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl fmt::Debug for LinkPool {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_tuple("LinkPool").field(&self.lock().len()).finish()
    }
}
