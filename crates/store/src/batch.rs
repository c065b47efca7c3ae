//! One transaction of the writer: the chains and leases it has locked, and the event log's growing end.
//!
//! A change enters the scope it writes to first. That locks the scope's head row for the rest of the transaction, so
//! that two servers on one PostgreSQL write to one scope after each other and to different scopes side by side.
//! Start reading at [`Batch::enter`], then [`Batch::append`], [`Batch::act`].

use std::collections::BTreeMap;
use std::collections::HashMap;
use std::sync::Arc;

use appia_plan::seal::SealKey;
use appia_plan::{Digest, Event, ObjectId, Operation, OperationId, Owner, Scope, Verb, canonical_json};
use sqlx::{Any, AnyConnection, Row, Transaction, query};

use crate::chain::{Head, head_is_ours, seal_head};
use crate::database::{Database, Engine};
use crate::rows::{Place, count, optional_word, scope_of, signed};
use crate::{Clock, EventDraft, StoreError};

/// What the writer and the readers share.
#[derive(Clone)]
pub(crate) struct Shared {
    pub(crate) database: Database,
    pub(crate) key: SealKey,
    pub(crate) clock: Clock,
}

/// The operations that this program began or took over, with their tokens.
pub(crate) type Held = HashMap<OperationId, Holding>;

/// One operation that this program may write for.
#[derive(Debug, Clone)]
pub(crate) struct Holding {
    pub(crate) operation: Arc<Operation>,
    pub(crate) fencing_token: u64,
    /// The place of each step in the operation.
    pub(crate) steps: Arc<HashMap<(ObjectId, Verb), usize>>,
}

/// Who may act on an environment now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct CurrentLease {
    pub(crate) fencing_token: u64,
    /// `None` between operations.
    pub(crate) operation: Option<OperationId>,
}

/// One transaction.
pub(crate) struct Batch<'a> {
    transaction: Transaction<'static, Any>,
    shared: &'a Shared,
    held: &'a mut Held,
    heads: BTreeMap<Scope, Head>,
    leases: BTreeMap<Owner, Option<CurrentLease>>,
    released: Vec<OperationId>,
    /// The time of everything in it.
    pub(crate) now_ms: i64,
}

impl<'a> Batch<'a> {
    pub(crate) async fn begin(shared: &'a Shared, held: &'a mut Held) -> Result<Batch<'a>, StoreError> {
        let pool = &shared.database.writer;
        let transaction = match shared.database.engine {
            // Takes the write lock at once: a reading transaction that turns to writing can be refused on SQLite.
            Engine::Sqlite => pool.begin_with("BEGIN IMMEDIATE").await?,
            Engine::Postgres => pool.begin().await?,
        };
        let now_ms = (shared.clock)();
        let (heads, leases) = (BTreeMap::new(), BTreeMap::new());
        Ok(Batch { transaction, shared, held, heads, leases, released: Vec::new(), now_ms })
    }

    /// The connection, for a change's own SQL.
    pub(crate) fn sql(&mut self) -> &mut AnyConnection {
        &mut self.transaction
    }

    pub(crate) fn key(&self) -> &SealKey {
        &self.shared.key
    }

    /// Locks a scope for the rest of the transaction; everything that writes to a scope enters it first.
    pub(crate) async fn enter(&mut self, scope: &Scope) -> Result<(), StoreError> {
        if self.heads.contains_key(scope) {
            return Ok(());
        }
        let place = Place::from(scope);
        let empty = Head::empty();
        let seal = seal_head(&self.shared.key, scope, &empty)?;
        let row = query(
            "INSERT INTO event_heads (organisation, app, environment, seq, hash, seal) VALUES ($1, $2, $3, 0, $4, $5)
             ON CONFLICT (organisation, app, environment) DO UPDATE SET seq = event_heads.seq
             RETURNING seq, hash, seal",
        )
        .bind(place.organisation)
        .bind(place.app)
        .bind(place.environment)
        .bind(empty.hash.as_str().to_owned())
        .bind(seal)
        .fetch_one(self.sql())
        .await?;
        let (head, seal) = (Head::read(&row)?, row.try_get::<Vec<u8>, _>("seal")?);
        if !head_is_ours(&self.shared.key, scope, &head, &seal) {
            return Err(StoreError::HeadForged(scope.clone()));
        }
        self.heads.insert(scope.clone(), head);
        Ok(())
    }

    /// Writes the next event of a scope.
    pub(crate) async fn append(&mut self, draft: EventDraft) -> Result<Event, StoreError> {
        self.enter(&draft.scope).await?;
        let head = self.heads.entry(draft.scope.clone()).or_insert_with(Head::empty);
        let event = draft.follow(head, self.now_ms);
        let value = serde_json::to_value(&event).map_err(|error| StoreError::damaged(error.to_string()))?;
        let body = canonical_json(&value);
        *head = Head { seq: event.seq, hash: Digest::of(body.as_bytes()), grown: true };
        let place = Place::from(&event.scope);
        query(
            "INSERT INTO events (organisation, app, environment, seq, operation, body)
             VALUES ($1, $2, $3, $4, $5, $6)",
        )
        .bind(place.organisation)
        .bind(place.app)
        .bind(place.environment)
        .bind(signed(event.seq))
        .bind(event.operation.as_ref().map(|id| id.0.clone()).unwrap_or_default())
        .bind(body)
        .execute(self.sql())
        .await?;
        Ok(event)
    }

    /// The right to write for an operation: held here, and nobody newer took the environment over.
    pub(crate) async fn act(&mut self, id: &OperationId) -> Result<Holding, StoreError> {
        let holding = self.held.get(id).cloned().ok_or_else(|| StoreError::NotHeld(id.clone()))?;
        let owner = &holding.operation.owner;
        self.enter(&scope_of(owner)).await?;
        let current = self.lease(owner).await?.ok_or_else(|| StoreError::NotHeld(id.clone()))?;
        if current.fencing_token != holding.fencing_token {
            return Err(StoreError::Fenced { operation: id.clone(), newer: current.fencing_token });
        }
        if current.operation.as_ref() != Some(id) {
            return Err(StoreError::Ended(id.clone()));
        }
        Ok(holding)
    }

    /// Who may act on an environment; its scope has to be entered.
    pub(crate) async fn lease(&mut self, owner: &Owner) -> Result<Option<CurrentLease>, StoreError> {
        if let Some(known) = self.leases.get(owner) {
            return Ok(known.clone());
        }
        let place = Place::from(owner);
        let row = query(
            "SELECT fencing_token, operation FROM leases
             WHERE organisation = $1 AND app = $2 AND environment = $3",
        )
        .bind(place.organisation)
        .bind(place.app)
        .bind(place.environment)
        .fetch_optional(self.sql())
        .await?;
        let lease = match row {
            None => None,
            Some(row) => Some(CurrentLease {
                fencing_token: count(&row, "fencing_token")?,
                operation: optional_word(&row, "operation")?,
            }),
        };
        self.leases.insert(owner.clone(), lease.clone());
        Ok(lease)
    }

    /// Gives an environment to an operation and fences off whoever held it; its scope has to be entered.
    pub(crate) async fn grant(&mut self, operation: Arc<Operation>) -> Result<u64, StoreError> {
        let place = Place::from(&operation.owner);
        let now_ms = self.now_ms;
        let row = query(
            "INSERT INTO leases (organisation, app, environment, fencing_token, operation, taken_at_ms)
             VALUES ($1, $2, $3, 1, $4, $5)
             ON CONFLICT (organisation, app, environment) DO UPDATE
             SET fencing_token = leases.fencing_token + 1, operation = $4, taken_at_ms = $5
             RETURNING fencing_token",
        )
        .bind(place.organisation)
        .bind(place.app)
        .bind(place.environment)
        .bind(operation.id.0.clone())
        .bind(now_ms)
        .fetch_one(self.sql())
        .await?;
        let fencing_token = count(&row, "fencing_token")?;
        let lease = CurrentLease { fencing_token, operation: Some(operation.id.clone()) };
        self.leases.insert(operation.owner.clone(), Some(lease));
        let places = operation.steps.iter().enumerate();
        let steps = places.map(|(place, step)| ((step.object.clone(), step.verb), place)).collect();
        let holding = Holding { operation, fencing_token, steps: Arc::new(steps) };
        self.held.insert(holding.operation.id.clone(), holding);
        Ok(fencing_token)
    }

    /// Takes an environment back from an operation that has ended; the token stays, so that it only grows.
    pub(crate) async fn release(&mut self, operation: &Operation) -> Result<(), StoreError> {
        let place = Place::from(&operation.owner);
        query(
            "UPDATE leases SET operation = NULL
             WHERE organisation = $1 AND app = $2 AND environment = $3",
        )
        .bind(place.organisation)
        .bind(place.app)
        .bind(place.environment)
        .execute(self.sql())
        .await?;
        if let Some(Some(lease)) = self.leases.get_mut(&operation.owner) {
            lease.operation = None;
        }
        self.released.push(operation.id.clone());
        Ok(())
    }

    /// The token under which this program holds an operation.
    pub(crate) fn holding(&self, id: &OperationId) -> Option<&Holding> {
        self.held.get(id)
    }

    /// Writes the chains' new ends and commits.
    pub(crate) async fn commit(mut self) -> Result<(), StoreError> {
        let grown: Vec<(Scope, Head)> =
            std::mem::take(&mut self.heads).into_iter().filter(|(_, head)| head.grown).collect();
        for (scope, head) in grown {
            let seal = seal_head(&self.shared.key, &scope, &head)?;
            let place = Place::from(&scope);
            query(
                "UPDATE event_heads SET seq = $4, hash = $5, seal = $6
                 WHERE organisation = $1 AND app = $2 AND environment = $3",
            )
            .bind(place.organisation)
            .bind(place.app)
            .bind(place.environment)
            .bind(signed(head.seq))
            .bind(head.hash.as_str().to_owned())
            .bind(seal)
            .execute(self.sql())
            .await?;
        }
        self.transaction.commit().await?;
        for id in &self.released {
            self.held.remove(id);
        }
        Ok(())
    }

    /// Rolls everything back.
    pub(crate) async fn give_up(self) {
        if let Err(error) = self.transaction.rollback().await {
            tracing::warn!(%error, "a transaction could not be rolled back; its connection is dropped");
        }
    }
}
