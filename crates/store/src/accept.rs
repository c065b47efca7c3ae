//! Accepting an operation: the one place that decides whether a change of an environment may begin.
//!
//! The server calls [`Store::accept`] with the plan and turns a refusal into exit code 7; the engine's
//! `Journal::begin` finds the operation accepted and gets the same lease. In one transaction: the operation, its
//! deployment with the whole plan, the release, the lease and the event. Never waits for another operation.

use std::sync::Arc;

use appia_plan::{EventFact, Lease, Operation, OperationId, OperationKind, Owner, Plan, Release};
use async_trait::async_trait;
use sqlx::{Row, query};

use crate::batch::Batch;
use crate::clock::written;
use crate::rows::{Place, actor_kind, count, scope_of, signed, to_body, word};
use crate::writer::Change;
use crate::{EventDraft, Store, StoreError};

/// Why an operation was not accepted. Nothing of it was written.
#[derive(Debug, thiserror::Error)]
pub enum AcceptError {
    /// Another operation of the environment has begun and not ended. One whose program died stays in the way until it
    /// is taken over and ended: nothing accepted is ever passed over.
    #[error("operation `{operation}` (`{kind}` by {actor}) has been changing this environment since {}", written(*.since_ms))]
    Busy {
        /// Which one.
        operation: OperationId,
        /// What was asked for.
        kind: &'static str,
        /// Who asked.
        actor: String,
        /// Since when, in milliseconds since 1970-01-01 UTC.
        since_ms: i64,
    },
    /// The environment was changed after the plan was made.
    #[error(
        "the plan was made on generation {base} of the environment, which is at generation {current} now: plan again"
    )]
    Stale {
        /// What the plan was made on.
        base: u64,
        /// What there is now.
        current: u64,
    },
    /// An operation of this identity was accepted before, and is not held here or has ended.
    #[error("operation `{0}` was accepted before")]
    Repeated(OperationId),
    /// The plan is missing or belongs to something else.
    #[error("operation `{0}` has to be accepted together with its own plan")]
    OtherPlan(OperationId),
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl AcceptError {
    /// Whether the world has moved on, so that the command ends with 7.
    pub fn world_moved_on(&self) -> bool {
        match self {
            AcceptError::Busy { .. } | AcceptError::Stale { .. } => true,
            AcceptError::Repeated(_) | AcceptError::OtherPlan(_) | AcceptError::Store(_) => false,
        }
    }
}

impl From<sqlx::Error> for AcceptError {
    fn from(error: sqlx::Error) -> AcceptError {
        AcceptError::Store(error.into())
    }
}

impl Store {
    /// Accepts an operation with its plan (none for `down`) and takes the lease of its environment. Accepting the same
    /// operation again while this program holds it gives the same lease.
    ///
    /// # Errors
    /// When the environment is busy or was changed since the plan, or the store failed.
    pub async fn accept(&self, operation: &Operation, plan: Option<&Plan>) -> Result<Lease, AcceptError> {
        let fits = |plan: &Plan| {
            operation.plan.as_ref() == Some(&plan.digest)
                && operation.release.as_ref() == Some(&plan.release)
                && plan.app == operation.owner.app
                && plan.environment == operation.owner.environment
        };
        if plan.is_some_and(|plan| !fits(plan)) {
            return Err(AcceptError::OtherPlan(operation.id.clone()));
        }
        let plan =
            plan.map(to_body).transpose()?.map(|(text, digest)| Body { text, digest: digest.to_string() });
        let (text, digest) = to_body(operation)?;
        let body = Body { text, digest: digest.to_string() };
        self.writer.write(Accept { operation: Arc::new(operation.clone()), body, plan }).await
    }

    /// Says that there was nothing to do on a generation: whatever was accepted before is seen, so that nobody is told
    /// that all is as planned while another operation is on its way.
    ///
    /// # Errors
    /// When the environment is busy or was changed since, or the store failed.
    pub async fn unchanged(&self, owner: &Owner, generation: u64) -> Result<(), AcceptError> {
        self.writer.write(Unchanged { owner: owner.clone(), generation }).await
    }
}

/// Writes nothing; stands in line behind all that is being accepted.
struct Unchanged {
    owner: Owner,
    generation: u64,
}

#[async_trait]
impl Change for Unchanged {
    type Outcome = ();
    type Error = AcceptError;

    async fn apply(&self, batch: &mut Batch<'_>) -> Result<(), AcceptError> {
        refuse_busy(batch, &self.owner).await?;
        let place = Place::from(&self.owner);
        let row = query(
            "SELECT generation FROM environments WHERE organisation = $1 AND app = $2 AND environment = $3",
        )
        .bind(place.organisation)
        .bind(place.app)
        .bind(place.environment)
        .fetch_optional(batch.sql())
        .await?;
        let current = row.map(|row| count(&row, "generation")).transpose()?.unwrap_or_default();
        let base = self.generation;
        if base == current { Ok(()) } else { Err(AcceptError::Stale { base, current }) }
    }
}

/// A text and its digest.
struct Body {
    text: String,
    digest: String,
}

struct Accept {
    operation: Arc<Operation>,
    body: Body,
    plan: Option<Body>,
}

#[async_trait]
impl Change for Accept {
    type Outcome = Lease;
    type Error = AcceptError;

    async fn apply(&self, batch: &mut Batch<'_>) -> Result<Lease, AcceptError> {
        let owner = &self.operation.owner;
        batch.enter(&scope_of(owner)).await?;
        if let Some(fencing_token) = self.accepted_before(batch).await? {
            return Ok(self.lease(fencing_token));
        }
        if self.operation.plan.is_some() && self.plan.is_none() {
            return Err(AcceptError::OtherPlan(self.operation.id.clone()));
        }
        refuse_busy(batch, owner).await?;
        self.refuse_stale(batch).await?;
        let began = batch.append(self.event()).await?;
        self.insert_operation(batch, began.seq).await?;
        self.insert_deployment(batch, began.seq).await?;
        Ok(self.lease(batch.grant(self.operation.clone()).await?))
    }
}

impl Accept {
    fn lease(&self, fencing_token: u64) -> Lease {
        Lease { owner: self.operation.owner.clone(), operation: self.operation.id.clone(), fencing_token }
    }

    /// The token, when this very operation was accepted before and is still held here.
    async fn accepted_before(&self, batch: &mut Batch<'_>) -> Result<Option<u64>, AcceptError> {
        let id = &self.operation.id;
        let row = query("SELECT body_digest, ended_at_ms FROM operations WHERE id = $1")
            .bind(id.0.clone())
            .fetch_optional(batch.sql())
            .await?;
        let Some(row) = row else { return Ok(None) };
        let same = row.try_get::<String, _>("body_digest")? == self.body.digest;
        let ended = row.try_get::<Option<i64>, _>("ended_at_ms")?.is_some();
        let lease = batch.lease(&self.operation.owner).await?;
        match (batch.holding(id), lease) {
            (Some(held), Some(lease))
                if same
                    && !ended
                    && lease.operation.as_ref() == Some(id)
                    && lease.fencing_token == held.fencing_token =>
            {
                Ok(Some(lease.fencing_token))
            }
            _ => Err(AcceptError::Repeated(id.clone())),
        }
    }

    /// Makes the environment's row where there is none, and refuses a plan that was made on another generation.
    async fn refuse_stale(&self, batch: &mut Batch<'_>) -> Result<(), AcceptError> {
        let place = Place::from(&self.operation.owner);
        let now_ms = batch.now_ms;
        let row = query(
            "INSERT INTO environments (organisation, app, environment, class, generation, created_at_ms)
             VALUES ($1, $2, $3, 'dev', 0, $4)
             ON CONFLICT (organisation, app, environment) DO UPDATE SET generation = environments.generation
             RETURNING generation",
        )
        .bind(place.organisation)
        .bind(place.app)
        .bind(place.environment)
        .bind(now_ms)
        .fetch_one(batch.sql())
        .await?;
        let (base, current) = (self.operation.base_generation, count(&row, "generation")?);
        if base == current { Ok(()) } else { Err(AcceptError::Stale { base, current }) }
    }

    fn event(&self) -> EventDraft {
        let operation = &*self.operation;
        let release = operation.release.as_ref().map(|release| format!(" of release {release}"));
        EventDraft {
            scope: scope_of(&operation.owner),
            actor: operation.actor.clone(),
            operation: Some(operation.id.clone()),
            fact: EventFact::OperationBegan(operation.plan.clone()),
            message: format!(
                "`{}`{} began on generation {}: {} steps",
                operation.kind.as_str(),
                release.unwrap_or_default(),
                operation.base_generation,
                operation.steps.len(),
            ),
        }
    }

    async fn insert_operation(&self, batch: &mut Batch<'_>, seq: u64) -> Result<(), StoreError> {
        let operation = &*self.operation;
        let place = Place::from(&operation.owner);
        let now_ms = batch.now_ms;
        query(
            "INSERT INTO operations (id, organisation, app, environment, seq, kind, actor_kind, actor_name,
                 base_generation, began_at_ms, body_digest, body)
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)",
        )
        .bind(operation.id.0.clone())
        .bind(place.organisation)
        .bind(place.app)
        .bind(place.environment)
        .bind(signed(seq))
        .bind(operation.kind.as_str())
        .bind(actor_kind(operation.actor.kind))
        .bind(operation.actor.name.clone())
        .bind(signed(operation.base_generation))
        .bind(now_ms)
        .bind(self.body.digest.clone())
        .bind(self.body.text.clone())
        .execute(batch.sql())
        .await?;
        Ok(())
    }

    /// The plan that is applied, and the release it brings.
    async fn insert_deployment(&self, batch: &mut Batch<'_>, seq: u64) -> Result<(), StoreError> {
        let operation = &*self.operation;
        let (Some(body), Some(digest), Some(release)) = (&self.plan, &operation.plan, &operation.release)
        else {
            return Ok(());
        };
        let place = Place::from(&operation.owner);
        query(
            "INSERT INTO deployments (operation, organisation, app, environment, seq, release_id, release_version,
                 release_commit, plan_digest, body_digest, body)
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)",
        )
        .bind(operation.id.0.clone())
        .bind(place.organisation.clone())
        .bind(place.app.clone())
        .bind(place.environment)
        .bind(signed(seq))
        .bind(release.id.as_str().to_owned())
        .bind(release.version.clone())
        .bind(release.commit.clone())
        .bind(digest.as_str().to_owned())
        .bind(body.digest.clone())
        .bind(body.text.clone())
        .execute(batch.sql())
        .await?;
        self.insert_release(batch, release).await
    }

    /// A release is known from its first deployment on.
    async fn insert_release(&self, batch: &mut Batch<'_>, release: &Release) -> Result<(), StoreError> {
        let (operation, now_ms) = (&*self.operation, batch.now_ms);
        let place = Place::from(&operation.owner);
        query(
            "INSERT INTO releases (organisation, app, id, version, commit_id, first_operation, first_at_ms)
             VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT (organisation, app, id) DO NOTHING",
        )
        .bind(place.organisation)
        .bind(place.app)
        .bind(release.id.as_str().to_owned())
        .bind(release.version.clone())
        .bind(release.commit.clone())
        .bind(operation.id.0.clone())
        .bind(now_ms)
        .execute(batch.sql())
        .await?;
        Ok(())
    }
}

async fn refuse_busy(batch: &mut Batch<'_>, owner: &Owner) -> Result<(), AcceptError> {
    let place = Place::from(owner);
    let row = query(
        "SELECT id, kind, actor_name, began_at_ms FROM operations
         WHERE organisation = $1 AND app = $2 AND environment = $3 AND ended_at_ms IS NULL",
    )
    .bind(place.organisation)
    .bind(place.app)
    .bind(place.environment)
    .fetch_optional(batch.sql())
    .await?;
    match row {
        None => Ok(()),
        Some(row) => Err(AcceptError::Busy {
            operation: word(&row, "id")?,
            kind: word::<OperationKind>(&row, "kind")?.as_str(),
            actor: row.try_get("actor_name")?,
            since_ms: row.try_get("began_at_ms")?,
        }),
    }
}
