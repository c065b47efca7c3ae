//! Open connections to one instance that wait for their next request.
//!
//! The one used last is taken first, so that what load does not need grows old and is closed. A connection in here is
//! watched by nobody: whoever takes it looks whether the instance has closed it meanwhile, and `sweep` does so for
//! the rest once a second.
//!
//! Where many connections are open already, a request waits a moment for one of them before it opens a further one: a
//! quick instance answers a thousand clients over a few of them, which saves memory here and there, and a slow one gets
//! as many as it has requests.

use std::collections::VecDeque;
use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::sync::oneshot;

use super::link::Link;

/// Servers commonly close a silent connection after five seconds, some after two; be first.
const KEEP: Duration = Duration::from_millis(1_500);
const MOST: usize = 1024;
/// So many connections to an instance are opened without waiting for another one to come back,
const CROWD: usize = 128;
/// and further ones after so long.
const PATIENCE: Duration = Duration::from_millis(20);

/// Connections of one instance.
#[derive(Default)]
pub(super) struct LinkPool {
    links: Mutex<Links>,
    /// Each open connection has a share of it.
    open: Arc<()>,
}

/// Boxed, because they go back and forth with every request.
#[derive(Default)]
#[expect(
    clippy::vec_box,
    reason = "a connection is moved in and out with every request and is several hundred bytes"
)]
struct Links {
    idle: Vec<Box<Link>>,
    /// Requests that get the next one that comes back, in their order.
    waiting: VecDeque<oneshot::Sender<Box<Link>>>,
}

impl LinkPool {
    /// The freshest connection that is still open.
    pub(super) fn take(&self) -> Option<Box<Link>> {
        loop {
            let mut link = self.lock().idle.pop()?;
            if link.idle_for() < KEEP && link.is_usable() {
                return Some(link);
            }
        }
    }

    /// Whether there are so many connections that one of them is worth waiting for.
    pub(super) fn is_crowded(&self) -> bool {
        Arc::strong_count(&self.open) > CROWD
    }

    /// The next connection that comes back, unless that takes too long.
    pub(super) async fn next_back(&self) -> Option<Box<Link>> {
        let (sender, receiver) = oneshot::channel();
        self.lock().waiting.push_back(sender);
        tokio::time::timeout(PATIENCE, receiver).await.ok()?.ok()
    }

    /// What an open connection has to hold, so that it is counted.
    pub(super) fn share(&self) -> Arc<()> {
        Arc::clone(&self.open)
    }

    pub(super) fn put(&self, mut link: Box<Link>) {
        link.rest();
        let mut links = self.lock();
        while let Some(waiting) = links.waiting.pop_front() {
            match waiting.send(link) {
                Ok(()) => return,
                // It has waited long enough.
                Err(back) => link = back,
            }
        }
        if links.idle.len() < MOST {
            links.idle.push(link);
        }
    }

    /// Closes what is too old or was closed by the instance.
    pub(super) fn sweep(&self) {
        self.lock().idle.retain_mut(|link| link.idle_for() < KEEP && link.is_usable());
    }

    pub(super) fn clear(&self) {
        self.lock().idle.clear();
    }

    fn lock(&self) -> MutexGuard<'_, Links> {
        self.links.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl fmt::Debug for LinkPool {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_tuple("LinkPool").field(&self.lock().idle.len()).finish()
    }
}
