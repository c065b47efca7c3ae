//! What the agent is doing right now: tasks that outlive whoever asked for them, but not the agent's own end.
//!
//! A step that is stopped in the middle is as one that `kill -9` stopped: the next agent clears up after it.

use std::sync::{Mutex, PoisonError};

use tokio::task::JoinSet;

/// Tasks that go on by themselves.
#[derive(Debug, Default)]
pub(super) struct Work(Mutex<JoinSet<()>>);

impl Work {
    /// Starts a task and forgets those that have ended.
    pub(super) fn spawn(&self, task: impl Future<Output = ()> + Send + 'static) {
        let mut tasks = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        while tasks.try_join_next().is_some() {}
        tasks.spawn(task);
    }

    /// Stops all of it, and returns when nothing of it runs.
    pub(super) async fn stop(&self) {
        let mut tasks = std::mem::take(&mut *self.0.lock().unwrap_or_else(PoisonError::into_inner));
        tasks.shutdown().await;
    }
}
