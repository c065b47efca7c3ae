//! Tombstones: the record that something we made is gone, and what became of its data.

use appia_plan::{DataFate, EventFact, ObjectId, OperationId, Owner};
use sqlx::{Row, query};

use crate::batch::{Batch, Holding};
use crate::rows::{Place, count, optional_word, scope_of, signed, word};
use crate::{EventDraft, MOST_PER_PAGE, Store, StoreError};

/// Something we made is gone.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tombstone {
    /// Its place in the environment's history.
    pub seq: u64,
    /// What it was.
    pub object: ObjectId,
    /// The operation that took it away.
    pub operation: OperationId,
    /// When, in milliseconds since 1970-01-01 UTC.
    pub at_ms: i64,
    /// What became of the data it held; `None`: it held none.
    pub data: Option<DataFate>,
}

impl Store {
    /// An environment's tombstones, newest first; those before `before_seq` when it is given.
    ///
    /// # Errors
    /// When the database does not answer or a row is damaged.
    pub async fn tombstones(
        &self,
        owner: &Owner,
        before_seq: Option<u64>,
        limit: u32,
    ) -> Result<Vec<Tombstone>, StoreError> {
        let place = Place::from(owner);
        let rows = query(
            "SELECT seq, object_kind, object_name, operation, at_ms, data FROM tombstones
             WHERE organisation = $1 AND app = $2 AND environment = $3 AND seq < $4
             ORDER BY seq DESC LIMIT $5",
        )
        .bind(place.organisation)
        .bind(place.app)
        .bind(place.environment)
        .bind(signed(before_seq.unwrap_or(u64::MAX)))
        .bind(i64::from(limit.min(MOST_PER_PAGE)))
        .fetch_all(&self.shared.database.readers)
        .await?;
        rows.iter()
            .map(|row| {
                let (kind, name): (String, String) =
                    (row.try_get("object_kind")?, row.try_get("object_name")?);
                Ok(Tombstone {
                    seq: count(row, "seq")?,
                    object: ObjectId { kind, name },
                    operation: word(row, "operation")?,
                    at_ms: row.try_get("at_ms")?,
                    data: optional_word(row, "data")?,
                })
            })
            .collect()
    }
}

/// Writes that something is gone: the row, and the event in the same transaction.
pub(crate) async fn bury(
    batch: &mut Batch<'_>,
    holding: &Holding,
    object: &ObjectId,
    data: Option<DataFate>,
) -> Result<(), StoreError> {
    let operation = &holding.operation;
    let (word, words) = match data {
        None => (None, ""),
        Some(DataFate::Kept) => (Some("kept"), "; its data is kept"),
        Some(DataFate::Deleted) => (Some("deleted"), "; its data is deleted"),
    };
    let event = batch
        .append(EventDraft {
            scope: scope_of(&operation.owner),
            actor: operation.actor.clone(),
            operation: Some(operation.id.clone()),
            fact: EventFact::Tombstone(object.clone()),
            message: format!("`{object}` is gone{words}"),
        })
        .await?;
    let place = Place::from(&operation.owner);
    query(
        "INSERT INTO tombstones (organisation, app, environment, seq, object_kind, object_name, operation, at_ms, data)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)",
    )
    .bind(place.organisation)
    .bind(place.app)
    .bind(place.environment)
    .bind(signed(event.seq))
    .bind(object.kind.clone())
    .bind(object.name.clone())
    .bind(operation.id.0.clone())
    .bind(event.at_ms)
    .bind(word)
    .execute(batch.sql())
    .await?;
    Ok(())
}
