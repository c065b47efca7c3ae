//! The event log: append-only, in pages, verifiable.

use appia_plan::{Actor, Event, EventFact, OperationId, Scope};
use async_trait::async_trait;
use sqlx::{AnyConnection, Row, query};

use crate::batch::Batch;
use crate::chain::{Head, Walk, head_is_ours};
use crate::rows::{Place, count, scope, signed};
use crate::writer::Change;
use crate::{ChainFault, Store, StoreError};

/// Rows that one page holds at most, whatever is asked for.
pub const MOST_PER_PAGE: u32 = 1000;

/// An event before it has its place in the log.
#[derive(Debug, Clone, PartialEq)]
pub struct EventDraft {
    /// What it is about.
    pub scope: Scope,
    /// Who did it.
    pub actor: Actor,
    /// As part of which operation.
    pub operation: Option<OperationId>,
    /// What happened.
    pub fact: EventFact,
    /// A sentence for people; never a secret.
    pub message: String,
}

impl EventDraft {
    /// The event that comes after a head.
    pub(crate) fn follow(self, head: &Head, at_ms: i64) -> Event {
        Event {
            schema: Event::SCHEMA,
            scope: self.scope,
            seq: head.seq + 1,
            at_ms,
            actor: self.actor,
            operation: self.operation,
            fact: self.fact,
            message: self.message,
            prev_hash: head.hash.clone(),
        }
    }
}

impl Store {
    /// Writes an event that goes with no other change: what a step's failure was, for instance. The contents of the
    /// environment's secrets are struck out of its message.
    ///
    /// # Errors
    /// When it could not be written; then it is not there.
    pub async fn append(&self, draft: EventDraft) -> Result<Event, StoreError> {
        self.writer.write(Append { draft }).await
    }

    /// The events of exactly this scope after `after_seq` (0: from the first), oldest first.
    ///
    /// # Errors
    /// When the database does not answer or a row is damaged.
    pub async fn events(&self, scope: &Scope, after_seq: u64, limit: u32) -> Result<Vec<Event>, StoreError> {
        let mut connection = self.shared.database.readers.acquire().await?;
        let rows = rows_after(&mut connection, scope, after_seq, limit).await?;
        rows.iter().map(|row| read(&row.body, row.seq)).collect()
    }

    /// The events of one operation after `after_seq`, oldest first.
    ///
    /// # Errors
    /// When the database does not answer or a row is damaged.
    pub async fn events_of(
        &self,
        operation: &OperationId,
        after_seq: u64,
        limit: u32,
    ) -> Result<Vec<Event>, StoreError> {
        let rows =
            query("SELECT seq, body FROM events WHERE operation = $1 AND seq > $2 ORDER BY seq LIMIT $3")
                .bind(operation.0.clone())
                .bind(signed(after_seq))
                .bind(i64::from(limit.min(MOST_PER_PAGE)))
                .fetch_all(&self.shared.database.readers)
                .await?;
        rows.iter().map(|row| read(&row.try_get::<String, _>("body")?, count(row, "seq")?)).collect()
    }

    /// Every scope that has events.
    ///
    /// # Errors
    /// When the database does not answer or a row is damaged.
    pub async fn scopes(&self) -> Result<Vec<Scope>, StoreError> {
        let rows = query(
            // Every environment has the event of its first operation: so one whose log was wiped out is among them.
            "SELECT organisation, app, environment FROM event_heads
             UNION SELECT organisation, app, environment FROM events
             UNION SELECT organisation, app, environment FROM environments
             ORDER BY organisation, app, environment",
        )
        .fetch_all(&self.shared.database.readers)
        .await?;
        rows.iter().map(scope).collect()
    }

    /// Walks a scope's whole chain and tells all that is wrong with it; nothing when it is as it was written. A scope
    /// that has no events has no head either, which is a fault.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn verify(&self, scope: &Scope) -> Result<Vec<ChainFault>, StoreError> {
        let mut snapshot = self.shared.database.snapshot().await?;
        let mut walk = Walk::new(scope);
        let mut after = 0;
        loop {
            let page = rows_after(&mut snapshot, scope, after, MOST_PER_PAGE).await?;
            for row in &page {
                walk.step(row.seq, &row.operation, &row.body);
            }
            match page.last() {
                Some(last) => after = last.seq,
                None => break,
            }
        }
        match head(&mut snapshot, scope).await? {
            Some((head, seal)) if head_is_ours(&self.shared.key, scope, &head, &seal) => Ok(walk.end(&head)),
            Some(_) | None => Ok(walk.end_without_head()),
        }
    }
}

async fn head(sql: &mut AnyConnection, scope: &Scope) -> Result<Option<(Head, Vec<u8>)>, StoreError> {
    let place = Place::from(scope);
    let row = query(
        "SELECT seq, hash, seal FROM event_heads WHERE organisation = $1 AND app = $2 AND environment = $3",
    )
    .bind(place.organisation)
    .bind(place.app)
    .bind(place.environment)
    .fetch_optional(sql)
    .await?;
    row.map(|row| Ok((Head::read(&row)?, row.try_get("seal")?))).transpose()
}

async fn rows_after(
    sql: &mut AnyConnection,
    scope: &Scope,
    after: u64,
    limit: u32,
) -> Result<Vec<EventRow>, StoreError> {
    let place = Place::from(scope);
    let rows = query(
        "SELECT seq, operation, body FROM events
         WHERE organisation = $1 AND app = $2 AND environment = $3 AND seq > $4 ORDER BY seq LIMIT $5",
    )
    .bind(place.organisation)
    .bind(place.app)
    .bind(place.environment)
    .bind(signed(after))
    .bind(i64::from(limit.min(MOST_PER_PAGE)))
    .fetch_all(sql)
    .await?;
    rows.iter()
        .map(|row| {
            let (operation, body) = (row.try_get("operation")?, row.try_get("body")?);
            Ok(EventRow { seq: count(row, "seq")?, operation, body })
        })
        .collect()
}

struct EventRow {
    seq: u64,
    operation: String,
    body: String,
}

fn read(body: &str, seq: u64) -> Result<Event, StoreError> {
    serde_json::from_str(body)
        .map_err(|error| StoreError::damaged(format!("event {seq} does not read: {error}")))
}

struct Append {
    draft: EventDraft,
}

#[async_trait]
impl Change for Append {
    type Outcome = Event;
    type Error = StoreError;

    async fn apply(&self, batch: &mut Batch<'_>) -> Result<Event, StoreError> {
        let mut draft = self.draft.clone();
        draft.message = batch.without_secrets(&Place::from(&draft.scope), &draft.message).await?;
        batch.append(draft).await
    }
}
