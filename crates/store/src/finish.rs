//! Ending an operation: its result, the environment's next generation; for what is gone, `tombstones.rs`.

use std::collections::BTreeSet;

use appia_plan::{
    DataFate, Direction, EventFact, Object, ObjectId, OperationId, OperationResult, Retention, Step,
    StepRecord, Verb,
};
use async_trait::async_trait;
use sqlx::{Row, query};

use crate::batch::{Batch, Holding};
use crate::operations::step_record;
use crate::rows::{Place, count, scope_of, signed};
use crate::tombstones::bury;
use crate::writer::Change;
use crate::{EventDraft, StoreError};

/// Ends an operation. Ending it again the same way does nothing.
pub(crate) struct Finish {
    pub(crate) id: OperationId,
    pub(crate) result: OperationResult,
}

#[async_trait]
impl Change for Finish {
    type Outcome = ();
    type Error = StoreError;

    async fn apply(&self, batch: &mut Batch<'_>) -> Result<(), StoreError> {
        if let Some(result) = self.ended_before(batch).await? {
            let same = result == result_word(&self.result);
            return if same { Ok(()) } else { Err(StoreError::Ended(self.id.clone())) };
        }
        let holding = batch.act(&self.id).await?;
        for (step, data) in gone(&holding, &records(batch, &self.id).await?) {
            bury(batch, &holding, &step.object, data).await?;
        }
        self.end_operation(batch, &holding).await?;
        if self.result == OperationResult::Done {
            advance(batch, &holding).await?;
        }
        batch.release(&holding.operation).await
    }
}

impl Finish {
    async fn ended_before(&self, batch: &mut Batch<'_>) -> Result<Option<String>, StoreError> {
        let row = query("SELECT result FROM operations WHERE id = $1")
            .bind(self.id.0.clone())
            .fetch_optional(batch.sql())
            .await?;
        Ok(row.ok_or_else(|| StoreError::UnknownOperation(self.id.clone()))?.try_get("result")?)
    }

    async fn end_operation(&self, batch: &mut Batch<'_>, holding: &Holding) -> Result<(), StoreError> {
        let operation = &holding.operation;
        let kind = operation.kind.as_str();
        let plan = operation.plan.clone();
        let (fact, reason) = match &self.result {
            OperationResult::Done => (EventFact::OperationDone(plan), None),
            OperationResult::Undone { reason } => (EventFact::OperationUndone(plan), Some(reason)),
            OperationResult::Stuck { reason } => (EventFact::OperationStuck(plan), Some(reason)),
        };
        let reason = match reason {
            Some(reason) => Some(batch.without_secrets(&Place::from(&operation.owner), reason).await?),
            None => None,
        };
        let message = match &reason {
            None => format!("`{kind}` is done"),
            Some(reason) => format!("`{kind}` failed: {reason}"),
        };
        let now_ms = batch.now_ms;
        query("UPDATE operations SET ended_at_ms = $2, result = $3, result_reason = $4 WHERE id = $1")
            .bind(self.id.0.clone())
            .bind(now_ms)
            .bind(result_word(&self.result))
            .bind(reason)
            .execute(batch.sql())
            .await?;
        let draft = EventDraft {
            scope: scope_of(&operation.owner),
            actor: operation.actor.clone(),
            operation: Some(self.id.clone()),
            fact,
            message,
        };
        batch.append(draft).await.map(|_| ())
    }
}

/// What was made once and is gone after this operation: what it deleted, and what it made and took back.
fn gone<'a>(holding: &'a Holding, records: &[StepRecord]) -> Vec<(&'a Step, Option<DataFate>)> {
    let done = |direction: Direction| -> BTreeSet<(&ObjectId, Verb)> {
        let wanted = records.iter().filter(|record| record.done && record.direction == direction);
        wanted.map(|record| (&record.key.object, record.key.verb)).collect()
    };
    let (taken, taken_back) = (done(Direction::Forward), done(Direction::Back));
    let is_gone = |step: &&Step| {
        let key = (&step.object, step.verb);
        match step.verb {
            Verb::Delete => taken.contains(&key) && !taken_back.contains(&key),
            Verb::Create | Verb::Adopt => taken_back.contains(&key),
            Verb::Change | Verb::Replace | Verb::Pause | Verb::Resume => false,
        }
    };
    holding.operation.steps.iter().filter(is_gone).map(|step| (step, fate(step))).collect()
}

/// What became of the data of an object that is gone; `None`: it held none.
fn fate(step: &Step) -> Option<DataFate> {
    let object: Option<&Object> = step.before.as_ref().or(step.desired.as_ref());
    match object.map(|object| object.retention) {
        Some(Retention::Nothing) => None,
        Some(Retention::Data) | None => Some(step.data),
    }
}

/// The environment's next generation, which is the deployment's own.
async fn advance(batch: &mut Batch<'_>, holding: &Holding) -> Result<(), StoreError> {
    let place = Place::from(&holding.operation.owner);
    let row = query(
        "UPDATE environments SET generation = generation + 1
         WHERE organisation = $1 AND app = $2 AND environment = $3 RETURNING generation",
    )
    .bind(place.organisation)
    .bind(place.app)
    .bind(place.environment)
    .fetch_one(batch.sql())
    .await?;
    query("UPDATE deployments SET generation = $2 WHERE operation = $1")
        .bind(holding.operation.id.0.clone())
        .bind(signed(count(&row, "generation")?))
        .execute(batch.sql())
        .await?;
    Ok(())
}

async fn records(batch: &mut Batch<'_>, id: &OperationId) -> Result<Vec<StepRecord>, StoreError> {
    let rows = query(
        "SELECT object_kind, object_name, verb, direction, done FROM steps WHERE operation = $1 ORDER BY seq",
    )
    .bind(id.0.clone())
    .fetch_all(batch.sql())
    .await?;
    rows.iter().map(|row| step_record(id, row)).collect()
}

fn result_word(result: &OperationResult) -> &'static str {
    match result {
        OperationResult::Done => "done",
        OperationResult::Undone { .. } => "undone",
        OperationResult::Stuck { .. } => "stuck",
    }
}
