//! Releases: built versions of an application, the same in every environment.

use appia_intent::AppName;
use appia_plan::{OperationId, Release};
use sqlx::{Row, query};

use crate::rows::word;
use crate::{MOST_PER_PAGE, Store, StoreError};

/// A release, and when it was first deployed anywhere.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReleaseRecord {
    /// The release with the labels of its first deployment.
    pub release: Release,
    /// The operation that first deployed it.
    pub first_operation: OperationId,
    /// When, in milliseconds since 1970-01-01 UTC.
    pub first_at_ms: i64,
}

impl Store {
    /// An application's releases, newest first; those first deployed before `before_ms` when it is given.
    ///
    /// # Errors
    /// When the database does not answer or a row is damaged.
    pub async fn releases(
        &self,
        (organisation, app): (&str, &AppName),
        before_ms: Option<i64>,
        limit: u32,
    ) -> Result<Vec<ReleaseRecord>, StoreError> {
        let rows = query(
            "SELECT id, version, commit_id, first_operation, first_at_ms FROM releases
             WHERE organisation = $1 AND app = $2 AND first_at_ms < $3 ORDER BY first_at_ms DESC, id LIMIT $4",
        )
        .bind(organisation.to_owned())
        .bind(app.to_string())
        .bind(before_ms.unwrap_or(i64::MAX))
        .bind(i64::from(limit.min(MOST_PER_PAGE)))
        .fetch_all(&self.shared.database.readers)
        .await?;
        rows.iter()
            .map(|row| {
                let (version, commit) = (row.try_get("version")?, row.try_get("commit_id")?);
                Ok(ReleaseRecord {
                    release: Release { id: word(row, "id")?, version, commit },
                    first_operation: word(row, "first_operation")?,
                    first_at_ms: row.try_get("first_at_ms")?,
                })
            })
            .collect()
    }
}
