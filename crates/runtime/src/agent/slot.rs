//! One object that the agent looks after: its record, and what of it runs now.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::sync::watch;
use tokio_util::task::AbortOnDropHandle;

use super::record::Record;
use crate::supervisor::instance::Instance;
use crate::supervisor::spec::WorkloadSpec;

/// One object that the agent looks after.
#[derive(Debug)]
pub(crate) struct Slot {
    /// Held while a step is taken: steps on one object queue.
    pub(crate) turn: tokio::sync::Mutex<()>,
    /// Whether the step that is being taken is still wanted.
    wanted: watch::Sender<bool>,
    state: Mutex<SlotState>,
}

/// What can be read while a step is being taken.
#[derive(Debug)]
pub(crate) struct SlotState {
    pub(crate) record: Record,
    /// What runs, when something does.
    pub(crate) spec: Option<Arc<WorkloadSpec>>,
    /// The instances that serve.
    pub(crate) serving: Vec<Arc<Instance>>,
    /// Those of the next release while it is watched beside the one that serves.
    pub(crate) on_trial: Vec<Arc<Instance>>,
    /// That an earlier release serves again, and why.
    pub(crate) fell_back: Option<String>,
    /// For a cron: the task that waits for the next time.
    pub(crate) clock: Option<AbortOnDropHandle<()>>,
    /// Why it does not run since the agent started, when it should.
    pub(crate) trouble: Option<String>,
}

impl SlotState {
    /// A record that is on disk as it is here; whatever was in the way before is not any more.
    pub(crate) fn renew(&mut self, record: Record) {
        self.record = Record { is_damaged: false, ..record };
        self.trouble = None;
    }
}

impl Slot {
    pub(crate) fn new(record: Record) -> Slot {
        let state = SlotState {
            record,
            spec: None,
            serving: Vec::new(),
            on_trial: Vec::new(),
            fell_back: None,
            clock: None,
            trouble: None,
        };
        Slot { turn: tokio::sync::Mutex::new(()), wanted: watch::Sender::new(true), state: Mutex::new(state) }
    }

    /// Its state, for a moment: never held over an await.
    pub(crate) fn state(&self) -> MutexGuard<'_, SlotState> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// A step begins: it is wanted.
    pub(crate) fn want(&self) {
        self.wanted.send_replace(true);
    }

    /// The step that is being taken is not wanted any more.
    pub(crate) fn give_up(&self) {
        self.wanted.send_replace(false);
    }

    /// Returns when the step that is being taken is not wanted any more.
    pub(crate) async fn given_up(&self) {
        if self.wanted.subscribe().wait_for(|wanted| !wanted).await.is_err() {
            std::future::pending().await
        }
    }

    pub(crate) fn record(&self) -> Record {
        self.state().record.clone()
    }
}
