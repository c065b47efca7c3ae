//! The engine's journal, fulfilled: every call is a change that the writer makes durable before it answers.
//!
//! Called by the engine alone. What makes a commit durable is set in `database.rs` (`synchronous`), when it is waited
//! for in `writer.rs`; the changes themselves are in `accept.rs`, `steps.rs` and `finish.rs`.

use appia_plan::{
    Direction, Journal, JournalError, Lease, OpenOperation, Operation, OperationId, OperationResult, StepKey,
};
use async_trait::async_trait;

use crate::Store;
use crate::finish::Finish;
use crate::operations::Resume;
use crate::steps::{Done, Intend};

#[async_trait]
impl Journal for Store {
    /// The lease of an operation that was accepted before; one without a plan (`down`) is accepted here.
    async fn begin(&self, operation: &Operation) -> Result<Lease, JournalError> {
        self.accept(operation, None).await.map_err(not_written)
    }

    async fn resume(&self, operation: &OperationId) -> Result<Lease, JournalError> {
        self.writer.write(Resume { id: operation.clone() }).await.map_err(not_written)
    }

    async fn intend(&self, key: &StepKey, direction: Direction) -> Result<(), JournalError> {
        self.writer.write(Intend { key: key.clone(), direction }).await.map_err(not_written)
    }

    async fn done(&self, key: &StepKey, direction: Direction) -> Result<(), JournalError> {
        self.writer.write(Done { key: key.clone(), direction }).await.map_err(not_written)
    }

    async fn finish(&self, operation: &OperationId, result: &OperationResult) -> Result<(), JournalError> {
        let finish = Finish { id: operation.clone(), result: result.clone() };
        self.writer.write(finish).await.map_err(not_written)
    }

    async fn open(&self) -> Result<Vec<OpenOperation>, JournalError> {
        let open = self.open_operations().await;
        open.map_err(|error| JournalError { doing: "read", why: error.to_string() })
    }
}

fn not_written(error: impl std::error::Error) -> JournalError {
    JournalError { doing: "written", why: error.to_string() }
}
