//! Operations as they stand in the store: one by its identity, all that are open, and taking one over.

use std::sync::Arc;

use appia_plan::{
    EventFact, Lease, OpenOperation, Operation, OperationId, OperationResult, StepKey, StepRecord,
};
use async_trait::async_trait;
use sqlx::any::AnyRow;
use sqlx::{Row, query};

use crate::batch::Batch;
use crate::rows::{body, count, ourselves, scope_of, word};
use crate::writer::Change;
use crate::{EventDraft, Store, StoreError};

/// An operation and what became of it.
#[derive(Debug, Clone, PartialEq)]
pub struct OperationRecord {
    /// As accepted.
    pub operation: Operation,
    /// When it began, in milliseconds since 1970-01-01 UTC.
    pub began_at_ms: i64,
    /// When and how it ended; `None`: it has not.
    pub ended: Option<(i64, OperationResult)>,
}

impl Store {
    /// One operation.
    ///
    /// # Errors
    /// When the database does not answer or the row is damaged.
    pub async fn operation(&self, id: &OperationId) -> Result<Option<OperationRecord>, StoreError> {
        let row = query(
            "SELECT id, began_at_ms, ended_at_ms, result, result_reason, body_digest, body
             FROM operations WHERE id = $1",
        )
        .bind(id.0.clone())
        .fetch_optional(&self.shared.database.readers)
        .await?;
        let Some(row) = row else { return Ok(None) };
        Ok(Some(OperationRecord {
            operation: operation(&row)?,
            began_at_ms: row.try_get("began_at_ms")?,
            ended: ended(&row)?,
        }))
    }

    /// Every operation that began and did not end, oldest first, with what was written of its steps.
    pub(crate) async fn open_operations(&self) -> Result<Vec<OpenOperation>, StoreError> {
        let mut snapshot = self.shared.database.snapshot().await?;
        let rows = query(
            "SELECT id, body_digest, body FROM operations WHERE ended_at_ms IS NULL ORDER BY began_at_ms, id",
        )
        .fetch_all(&mut *snapshot)
        .await?;
        let mut open = Vec::new();
        for row in rows {
            let operation = operation(&row)?;
            let steps = query(
                "SELECT object_kind, object_name, verb, direction, done FROM steps
                 WHERE operation = $1 ORDER BY seq",
            )
            .bind(operation.id.0.clone())
            .fetch_all(&mut *snapshot)
            .await?;
            let records =
                steps.iter().map(|row| step_record(&operation.id, row)).collect::<Result<_, _>>()?;
            open.push(OpenOperation { operation, records });
        }
        Ok(open)
    }
}

/// How an operation ended, from the columns `ended_at_ms`, `result`, `result_reason`.
pub(crate) fn ended(row: &AnyRow) -> Result<Option<(i64, OperationResult)>, StoreError> {
    let Some(at_ms) = row.try_get::<Option<i64>, _>("ended_at_ms")? else { return Ok(None) };
    let reason = row.try_get::<Option<String>, _>("result_reason")?.unwrap_or_default();
    let result = match row.try_get::<Option<String>, _>("result")?.as_deref() {
        Some("done") => OperationResult::Done,
        Some("undone") => OperationResult::Undone { reason },
        Some("stuck") => OperationResult::Stuck { reason },
        other => return Err(StoreError::damaged(format!("`result` is {other:?}"))),
    };
    Ok(Some((at_ms, result)))
}

pub(crate) fn step_record(operation: &OperationId, row: &AnyRow) -> Result<StepRecord, StoreError> {
    let object = appia_plan::ObjectId::new(
        row.try_get::<String, _>("object_kind")?,
        row.try_get::<String, _>("object_name")?,
    );
    Ok(StepRecord {
        key: StepKey { operation: operation.clone(), object, verb: word(row, "verb")? },
        direction: word(row, "direction")?,
        done: count(row, "done")? == 1,
    })
}

fn operation(row: &AnyRow) -> Result<Operation, StoreError> {
    let id: String = row.try_get("id")?;
    body(row, &format!("operation `{id}`"))
}

/// Takes an open operation over, fencing off whoever held it.
pub(crate) struct Resume {
    pub(crate) id: OperationId,
}

#[async_trait]
impl Change for Resume {
    type Outcome = Lease;
    type Error = StoreError;

    async fn apply(&self, batch: &mut Batch<'_>) -> Result<Lease, StoreError> {
        let select = "SELECT id, ended_at_ms, body_digest, body FROM operations WHERE id = $1";
        let unknown = || StoreError::UnknownOperation(self.id.clone());
        let row = query(select).bind(self.id.0.clone()).fetch_optional(batch.sql()).await?;
        let operation = operation(&row.ok_or_else(unknown)?)?;
        batch.enter(&scope_of(&operation.owner)).await?;
        // Only what is read after the scope was entered cannot change any more.
        let row = query(select).bind(self.id.0.clone()).fetch_one(batch.sql()).await?;
        if row.try_get::<Option<i64>, _>("ended_at_ms")?.is_some() {
            return Err(StoreError::Ended(self.id.clone()));
        }
        let owner = operation.owner.clone();
        let fencing_token = batch.grant(Arc::new(operation)).await?;
        batch
            .append(EventDraft {
                scope: scope_of(&owner),
                actor: ourselves(),
                operation: Some(self.id.clone()),
                fact: EventFact::OperationResumed,
                message: format!("operation `{}` goes on", self.id),
            })
            .await?;
        Ok(Lease { owner, operation: self.id.clone(), fencing_token })
    }
}
