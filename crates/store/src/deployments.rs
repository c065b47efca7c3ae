//! Deployments: each plan that was applied to an environment, whole, with how it went.

use appia_plan::{Actor, Digest, OperationId, OperationKind, OperationResult, Owner, Plan, Release};
use sqlx::any::AnyRow;
use sqlx::{Row, query};

use crate::operations::ended;
use crate::rows::{Place, actor, body, count, signed, word};
use crate::{MOST_PER_PAGE, Store, StoreError};

/// A plan applied to an environment.
#[derive(Debug, Clone, PartialEq)]
pub struct Deployment {
    /// The operation that applied it; [`Store::deployed_plan`] gives its plan.
    pub operation: OperationId,
    /// Its place in the environment's history.
    pub seq: u64,
    /// What a person asked for.
    pub kind: OperationKind,
    /// What was deployed.
    pub release: Release,
    /// The plan's digest.
    pub plan: Digest,
    /// The generation that it made of the environment; `None`: it is not done, or failed.
    pub generation: Option<u64>,
    /// Who asked.
    pub actor: Actor,
    /// When it began, in milliseconds since 1970-01-01 UTC.
    pub began_at_ms: i64,
    /// When and how it ended; `None`: it has not.
    pub ended: Option<(i64, OperationResult)>,
}

/// Written out once in each statement, because SQL is only ever constant text.
macro_rules! select {
    ($rest:literal) => {
        concat!(
            "SELECT d.operation, d.seq, d.generation, d.release_id, d.release_version, d.release_commit,
                 d.plan_digest, o.kind, o.actor_kind, o.actor_name, o.began_at_ms, o.ended_at_ms, o.result,
                 o.result_reason
             FROM deployments d JOIN operations o ON o.id = d.operation
             JOIN environments e ON e.organisation = d.organisation AND e.app = d.app
                 AND e.environment = d.environment
             WHERE d.organisation = $1 AND d.app = $2 AND d.environment = $3 AND ",
            $rest
        )
    };
}

impl Store {
    /// What is deployed now; `None`: nothing ever was, or `down` took it away.
    ///
    /// # Errors
    /// When the database does not answer or a row is damaged.
    pub async fn current(&self, owner: &Owner) -> Result<Option<Deployment>, StoreError> {
        self.one_deployment(owner, select!("d.generation = e.generation")).await
    }

    /// What a rollback goes back to: the last that was done with another plan than the one deployed now. After `down`:
    /// what was there before it.
    ///
    /// # Errors
    /// When the database does not answer or a row is damaged.
    pub async fn previous(&self, owner: &Owner) -> Result<Option<Deployment>, StoreError> {
        let previous = select!(
            "d.generation < e.generation AND NOT EXISTS (SELECT 1 FROM deployments c
                 WHERE c.organisation = d.organisation AND c.app = d.app AND c.environment = d.environment
                 AND c.generation = e.generation AND c.plan_digest = d.plan_digest)
             ORDER BY d.generation DESC LIMIT 1"
        );
        self.one_deployment(owner, previous).await
    }

    /// An environment's deployments, newest first, failed ones among them; those before `before_seq` when it is given.
    ///
    /// # Errors
    /// When the database does not answer or a row is damaged.
    pub async fn deployments(
        &self,
        owner: &Owner,
        before_seq: Option<u64>,
        limit: u32,
    ) -> Result<Vec<Deployment>, StoreError> {
        let place = Place::from(owner);
        let rows = query(select!("d.seq < $4 ORDER BY d.seq DESC LIMIT $5"))
            .bind(place.organisation)
            .bind(place.app)
            .bind(place.environment)
            .bind(signed(before_seq.unwrap_or(u64::MAX)))
            .bind(i64::from(limit.min(MOST_PER_PAGE)))
            .fetch_all(&self.shared.database.readers)
            .await?;
        rows.iter().map(deployment).collect()
    }

    /// The whole plan that an operation applied; `None` for a `down` or an operation that is not known.
    ///
    /// # Errors
    /// When the database does not answer, or the plan is not as it was written.
    pub async fn deployed_plan(&self, operation: &OperationId) -> Result<Option<Plan>, StoreError> {
        let row = query("SELECT body_digest, body FROM deployments WHERE operation = $1")
            .bind(operation.0.clone())
            .fetch_optional(&self.shared.database.readers)
            .await?;
        row.map(|row| body(&row, &format!("the plan of operation `{operation}`"))).transpose()
    }

    async fn one_deployment(
        &self,
        owner: &Owner,
        select: &'static str,
    ) -> Result<Option<Deployment>, StoreError> {
        let place = Place::from(owner);
        let row = query(select)
            .bind(place.organisation)
            .bind(place.app)
            .bind(place.environment)
            .fetch_optional(&self.shared.database.readers)
            .await?;
        row.as_ref().map(deployment).transpose()
    }
}

fn deployment(row: &AnyRow) -> Result<Deployment, StoreError> {
    let has_generation = row.try_get::<Option<i64>, _>("generation")?.is_some();
    Ok(Deployment {
        operation: word(row, "operation")?,
        seq: count(row, "seq")?,
        kind: word(row, "kind")?,
        release: Release {
            id: word(row, "release_id")?,
            version: row.try_get("release_version")?,
            commit: row.try_get("release_commit")?,
        },
        plan: word(row, "plan_digest")?,
        generation: if has_generation { Some(count(row, "generation")?) } else { None },
        actor: actor(row)?,
        began_at_ms: row.try_get("began_at_ms")?,
        ended: ended(row)?,
    })
}
