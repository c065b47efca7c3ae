//! One step until it is done: asks the driver, waits for what is pending, tries again what may pass, and gives up in the
//! end. Never writes the journal: `run.rs` does that around it.

use std::any::Any;
use std::panic::AssertUnwindSafe;
use std::time::Duration;

use appia_plan::{DriverError, Lease, ObservedObject, Progress, Step, Taken};
use futures::FutureExt;
use tokio::time::Instant;

use crate::ending::Halt;
use crate::{Engine, Happening, Interrupt, Listener, StepFailure};

/// What every attempt of an operation shares.
#[derive(Clone, Copy)]
pub(crate) struct Attempt<'a> {
    pub(crate) engine: &'a Engine<'a>,
    pub(crate) lease: &'a Lease,
    /// Once raised, a step that waits is not asked again.
    pub(crate) stop: &'a Interrupt,
}

impl Attempt<'_> {
    /// Takes a step, however often the driver has to be asked.
    pub(crate) async fn take(&self, step: &Step) -> Result<Option<ObservedObject>, Halt> {
        let settings = self.engine.settings;
        let deadline = Instant::now() + settings.step_timeout;
        let (mut pending, mut failed) = (0, 0);
        loop {
            let wait = match self.ask(step, deadline).await {
                Ok(Taken::Done(object)) => return Ok(object),
                Ok(Taken::Pending(_)) => {
                    pending += 1;
                    settings.pending.wait(pending, &settings.jitter)
                }
                Err(DriverError::Transient { message }) if failed < settings.retries => {
                    failed += 1;
                    let wait = settings.retry.wait(failed, &settings.jitter);
                    let retrying = Happening::Retrying { step, error: &message, tries: failed, wait };
                    self.engine.listener.hear(&retrying);
                    wait
                }
                Err(DriverError::Transient { message }) => {
                    let message = format!("{message} ({} tries)", failed + 1);
                    return Err(Halt::from_driver(step, DriverError::Transient { message }));
                }
                Err(error) => return Err(Halt::from_driver(step, error)),
            };
            self.pause(step, wait, deadline).await?;
        }
    }

    /// Asks once. A driver that panics or does not answer in time has failed.
    async fn ask(&self, step: &Step, deadline: Instant) -> Result<Taken, DriverError> {
        let said = Said { listener: self.engine.listener, step };
        let asked = AssertUnwindSafe(self.engine.driver.take(step, self.lease, &said)).catch_unwind();
        match tokio::time::timeout_at(deadline, asked).await {
            Ok(Ok(answer)) => answer,
            Ok(Err(panic)) => Err(DriverError::permanent(format!("the driver broke: {}", words(&*panic)))),
            Err(_) => Err(DriverError::permanent(self.too_late())),
        }
    }

    async fn pause(&self, step: &Step, wait: Duration, deadline: Instant) -> Result<(), Halt> {
        if Instant::now() + wait >= deadline {
            return Err(Halt::Failed(Box::new(StepFailure::new(step, self.too_late()))));
        }
        tokio::select! {
            biased;
            () = self.stop.raised() => Err(Halt::BrokenOff),
            () = tokio::time::sleep(wait) => Ok(()),
        }
    }

    fn too_late(&self) -> String {
        format!("it did not end within {:?}", self.engine.settings.step_timeout)
    }
}

fn words(panic: &(dyn Any + Send)) -> &str {
    match (panic.downcast_ref::<&str>(), panic.downcast_ref::<String>()) {
        (Some(text), _) => text,
        (None, Some(text)) => text,
        (None, None) => "it did not say why",
    }
}

/// Hands a driver's lines on to the listener.
struct Said<'a> {
    listener: &'a dyn Listener,
    step: &'a Step,
}

impl Progress for Said<'_> {
    fn say(&self, line: &str) {
        self.listener.hear(&Happening::Said { step: self.step, line });
    }
}
