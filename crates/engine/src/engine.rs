//! The three things that can be asked of the engine: apply, resume, recover.

use appia_plan::{
    Driver, DriverError, Journal, JournalError, Observed, OpenOperation, Operation, OperationId, Owner,
};

use crate::graph::{Graph, OrderError};
use crate::ledger::Ledger;
use crate::run::Run;
use crate::{Ending, Happening, Interrupt, Listener, Settings};

/// Changes the world through one driver, with one journal.
///
/// Dropping a future of its methods is a crash: nothing is lost, and [`Engine::recover`] goes on from there.
#[derive(Clone, Copy)]
pub struct Engine<'a> {
    /// The door to the world.
    pub driver: &'a dyn Driver,
    /// Written before each effect.
    pub journal: &'a dyn Journal,
    /// Hears what happens; `&()` when nobody does.
    pub listener: &'a dyn Listener,
    /// Raised when a person wants the operation to end.
    pub interrupt: &'a Interrupt,
    /// How patient it is.
    pub settings: &'a Settings,
}

/// Why an operation was not begun or not taken over: nothing was done.
#[derive(Debug, thiserror::Error)]
pub enum EngineError {
    /// Its steps cannot be ordered.
    #[error("the steps cannot be put in order: {0}")]
    Order(#[from] OrderError),
    /// The journal did not accept it.
    #[error(transparent)]
    Journal(#[from] JournalError),
}

impl Engine<'_> {
    /// Accepts an operation and brings it to its end.
    ///
    /// # Errors
    /// When it was not accepted: nothing was done. (A journal that wrote it and told an error all the same has it open,
    /// and [`Engine::recover`] does it.) All that goes wrong later is an [`Ending`].
    pub async fn apply(&self, operation: &Operation) -> Result<Ending, EngineError> {
        let graph = Graph::forward(&operation.steps)?;
        let lease = self.journal.begin(operation).await?;
        self.listener.hear(&Happening::Accepted(operation));
        let run = Run { engine: self, operation, lease, graph, ledger: Ledger::empty(&operation.steps) };
        Ok(run.forward().await)
    }

    /// Takes over one operation that a crash left open: finishes taking it back when that had begun, else goes on.
    ///
    /// # Errors
    /// When it was not taken over; it is open as before.
    pub async fn resume(&self, open: &OpenOperation) -> Result<Ending, EngineError> {
        let operation = &open.operation;
        let graph = Graph::forward(&operation.steps)?;
        let lease = self.journal.resume(&operation.id).await?;
        self.listener.hear(&Happening::Resumed(operation));
        let ledger = Ledger::of(&operation.steps, &open.records);
        let run = Run { engine: self, operation, lease, graph, ledger };
        if run.ledger.undo_began() {
            return Ok(run.back_after_crash().await);
        }
        match self.observe(&operation.owner).await {
            Ok(observed) => {
                run.forget_what_is_gone(&observed);
                Ok(run.forward().await)
            }
            Err(DriverError::Fenced { newer }) => Ok(Ending::Superseded { newer }),
            Err(error) => Ok(Ending::Open { reason: error.to_string() }),
        }
    }

    /// Takes over every open operation, oldest first. For drivers that differ by environment use
    /// [`Journal::open`] and [`Engine::resume`].
    ///
    /// # Errors
    /// When the journal cannot be read.
    pub async fn recover(&self) -> Result<Vec<(OperationId, Result<Ending, EngineError>)>, JournalError> {
        let mut endings = Vec::new();
        for open in self.journal.open().await? {
            endings.push((open.operation.id.clone(), self.resume(&open).await));
        }
        Ok(endings)
    }

    async fn observe(&self, owner: &Owner) -> Result<Observed, DriverError> {
        let mut failed = 0;
        loop {
            match self.driver.observe(owner).await {
                Err(DriverError::Transient { .. }) if failed < self.settings.retries => failed += 1,
                answer => return answer,
            }
            tokio::time::sleep(self.settings.retry.wait(failed, &self.settings.jitter)).await;
        }
    }
}
