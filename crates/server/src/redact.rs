//! Nothing that a program, a tool or a driver says leaves the server with a secret in it.
//!
//! [`RedactingDriver`] stands around the machine's driver, so that the engine, the journal and whoever listens hear of
//! no secret; [`Platform::status`] and the logs do the same for what is read. When the secrets cannot be read, nothing
//! is told. Files of logs stay as the programs wrote them: they are closed to everybody but the owner of the home.

use appia_plan::{
    Driver, DriverError, Lease, Object, ObjectState, Observed, ObservedObject, Owner, Progress, Similarity,
    Step, Taken,
};
use appia_runtime::agent::OwnerStatus;
use appia_runtime::local::LocalDriver;
use appia_store::{Redaction, Store};
use async_trait::async_trait;

use crate::ServerError;
use crate::platform::Platform;

/// The machine's driver, without a secret in anything it says.
pub(crate) struct RedactingDriver {
    inner: LocalDriver,
    store: Store,
}

impl RedactingDriver {
    pub(crate) fn new(inner: LocalDriver, store: Store) -> RedactingDriver {
        RedactingDriver { inner, store }
    }

    async fn redaction(&self, owner: &Owner) -> Result<Redaction, DriverError> {
        let read = self.store.redaction(owner).await;
        read.map_err(|error| DriverError::transient(format!("secrets cannot be read: {error}")))
    }
}

#[async_trait]
impl Driver for RedactingDriver {
    async fn observe(&self, owner: &Owner) -> Result<Observed, DriverError> {
        let redaction = self.redaction(owner).await?;
        let observed = self.inner.observe(owner).await;
        let mut observed = observed.map_err(|error| redact_error(&redaction, error))?;
        observed.objects.values_mut().for_each(|object| redact_object(&redaction, object));
        Ok(observed)
    }

    fn preview(&self, desired: &Object, observed: &ObservedObject) -> Similarity {
        self.inner.preview(desired, observed)
    }

    /// Why the secrets are read first: a step that fails may be the one that forgets them.
    async fn take(&self, step: &Step, lease: &Lease, progress: &dyn Progress) -> Result<Taken, DriverError> {
        let redaction = self.redaction(&lease.owner).await?;
        let progress = RedactingProgress { redaction: &redaction, inner: progress };
        let taken = self.inner.take(step, lease, &progress).await;
        let mut taken = taken.map_err(|error| redact_error(&redaction, error))?;
        if let Taken::Done(Some(object)) = &mut taken {
            redact_object(&redaction, object);
        }
        Ok(taken)
    }
}

impl Platform {
    /// How everything of an owner is, without a secret in what its programs said.
    pub(crate) async fn status(&self, owner: &Owner) -> Result<OwnerStatus, ServerError> {
        let mut status = self.agent.status(owner).await?;
        let redaction = self.store.redaction(owner).await?;
        for workload in &mut status.workloads {
            workload.trouble = workload.trouble.take().map(|trouble| redaction.of(&trouble));
            for instance in &mut workload.instances {
                instance.last_exit = instance.last_exit.take().map(|exit| redaction.of(&exit));
            }
        }
        Ok(status)
    }
}

struct RedactingProgress<'a> {
    redaction: &'a Redaction,
    inner: &'a dyn Progress,
}

impl Progress for RedactingProgress<'_> {
    fn say(&self, line: &str) {
        self.inner.say(&self.redaction.of(line));
    }
}

fn redact_object(redaction: &Redaction, object: &mut ObservedObject) {
    if let ObjectState::Failed(reason) = &mut object.state {
        *reason = redaction.of(reason);
    }
}

fn redact_error(redaction: &Redaction, error: DriverError) -> DriverError {
    let all = |lines: Vec<String>| lines.iter().map(|line| redaction.of(line)).collect();
    match error {
        DriverError::Transient { message } => DriverError::transient(redaction.of(&message)),
        DriverError::Permanent { message, detail, help } => {
            DriverError::Permanent { message: redaction.of(&message), detail: all(detail), help: all(help) }
        }
        DriverError::Fenced { newer } => DriverError::Fenced { newer },
    }
}
