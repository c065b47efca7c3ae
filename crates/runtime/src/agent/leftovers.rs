//! Instances that are not wanted any more and whose folder could not be removed: tried again until it is gone.
//!
//! Whoever ends an instance notes here what stays of it. The agent that comes next needs no notes: it finds on disk what
//! nobody wants (`resume.rs`).

use std::io;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use super::Agent;
use crate::supervisor::instance::{self, Instance};
use crate::supervisor::instance_folders::InstanceFolders;

/// How often it is tried again.
const EVERY: Duration = Duration::from_secs(1);

/// An instance of which something is left.
#[derive(Debug, Clone)]
pub(super) struct Leftover {
    pub(super) folders: InstanceFolders,
    pub(super) id: String,
}

/// All of them.
#[derive(Debug, Default)]
pub(super) struct Leftovers(Mutex<Vec<Leftover>>);

/// Tries again and again, as long as the agent runs.
pub(super) async fn run(agent: Arc<Agent>) {
    loop {
        tokio::time::sleep(EVERY).await;
        agent.leftovers.try_again().await;
    }
}

impl Agent {
    /// Ends instances, all at once, and removes their folders, if need be later.
    pub(super) async fn remove(&self, instances: &[Arc<Instance>]) {
        futures::future::join_all(instances.iter().map(|instance| async move {
            if let Err(error) = instance.remove().await {
                let folders = instance.folders().clone();
                self.leftovers.note(Leftover { folders, id: instance.identity.id.clone() }, &error);
            }
        }))
        .await;
    }

    /// Ends what still runs of something that an earlier agent left, and removes its folder, if need be later.
    pub(super) async fn discard(&self, leftover: &Leftover) {
        if let Err(error) = instance::discard(&leftover.folders, &leftover.id).await {
            self.leftovers.note(leftover.clone(), &error);
        }
    }
}

impl Leftovers {
    fn note(&self, leftover: Leftover, error: &io::Error) {
        tracing::warn!(id = leftover.id, %error, "an instance that nobody wants stays for now");
        self.all().push(leftover);
    }

    async fn try_again(&self) {
        let all = std::mem::take(&mut *self.all());
        futures::future::join_all(all.into_iter().map(|leftover| async move {
            if instance::discard(&leftover.folders, &leftover.id).await.is_err() {
                self.all().push(leftover);
            }
        }))
        .await;
    }

    fn all(&self) -> MutexGuard<'_, Vec<Leftover>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
