//! Environments: where an application runs, and how often it was changed.

use appia_intent::EnvironmentName;
use appia_plan::Owner;
use serde::{Deserialize, Serialize};
use sqlx::any::AnyRow;
use sqlx::{Row, query};

use crate::rows::{Place, count, optional_word, owner, word};
use crate::{MOST_PER_PAGE, Store, StoreError};

/// Where an application runs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Environment {
    /// Which one of which application.
    pub owner: Owner,
    /// What it is for.
    pub class: EnvironmentClass,
    /// The environment it was made from.
    pub parent: Option<EnvironmentName>,
    /// The branch that it follows.
    pub branch: Option<String>,
    /// When it is to be taken down by itself, in milliseconds since 1970-01-01 UTC.
    pub expires_at_ms: Option<i64>,
    /// Grows by one with each operation that is done.
    pub generation: u64,
    /// When it was first changed, in milliseconds since 1970-01-01 UTC.
    pub created_at_ms: i64,
}

/// What an environment is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum EnvironmentClass {
    /// Where one person works.
    Dev,
    /// Where a release is tried.
    Staging,
    /// Where users are.
    Production,
    /// Where one change is shown, for a time.
    Preview,
}

impl Store {
    /// One environment; `None`: nothing was ever accepted for it.
    ///
    /// # Errors
    /// When the database does not answer or the row is damaged.
    pub async fn environment(&self, owner: &Owner) -> Result<Option<Environment>, StoreError> {
        let place = Place::from(owner);
        let row = query(
            "SELECT organisation, app, environment, class, parent, branch, expires_at_ms, generation, created_at_ms
             FROM environments WHERE organisation = $1 AND app = $2 AND environment = $3",
        )
        .bind(place.organisation)
        .bind(place.app)
        .bind(place.environment)
        .fetch_optional(&self.shared.database.readers)
        .await?;
        row.as_ref().map(environment).transpose()
    }

    /// The generation that a new plan starts from: 0 for an environment that nothing was ever accepted for.
    ///
    /// # Errors
    /// When the database does not answer or the row is damaged.
    pub async fn generation(&self, owner: &Owner) -> Result<u64, StoreError> {
        Ok(self.environment(owner).await?.map_or(0, |environment| environment.generation))
    }

    /// An organisation's environments, by application and name; those after `after` when it is given.
    ///
    /// # Errors
    /// When the database does not answer or a row is damaged.
    pub async fn environments(
        &self,
        organisation: &str,
        after: Option<&Owner>,
        limit: u32,
    ) -> Result<Vec<Environment>, StoreError> {
        let (app, name) =
            after.map(Place::from).map(|place| (place.app, place.environment)).unwrap_or_default();
        let rows = query(
            "SELECT organisation, app, environment, class, parent, branch, expires_at_ms, generation, created_at_ms
             FROM environments WHERE organisation = $1 AND (app > $2 OR (app = $2 AND environment > $3))
             ORDER BY app, environment LIMIT $4",
        )
        .bind(organisation.to_owned())
        .bind(app)
        .bind(name)
        .bind(i64::from(limit.min(MOST_PER_PAGE)))
        .fetch_all(&self.shared.database.readers)
        .await?;
        rows.iter().map(environment).collect()
    }
}

fn environment(row: &AnyRow) -> Result<Environment, StoreError> {
    Ok(Environment {
        owner: owner(row)?,
        class: word(row, "class")?,
        parent: optional_word(row, "parent")?,
        branch: row.try_get("branch")?,
        expires_at_ms: row.try_get("expires_at_ms")?,
        generation: count(row, "generation")?,
        created_at_ms: row.try_get("created_at_ms")?,
    })
}
