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
    /// An application's releases, newest first; those after `after` in this order when it is given.
    ///
    /// # Errors
    /// When the database does not answer or a row is damaged.
    pub async fn releases(
        &self,
        organisation: &str,
        app: &AppName,
        after: Option<&ReleaseRecord>,
        limit: u32,
    ) -> Result<Vec<ReleaseRecord>, StoreError> {
        let rows = query(
            "SELECT id, version, commit_id, first_operation, first_at_ms FROM releases
             WHERE organisation = $1 AND app = $2 AND (first_at_ms < $3 OR (first_at_ms = $3 AND id > $4))
             ORDER BY first_at_ms DESC, id LIMIT $5",
        )
        .bind(organisation.to_owned())
        .bind(app.to_string())
        .bind(after.map_or(i64::MAX, |last| last.first_at_ms))
        .bind(after.map_or("", |last| last.release.id.as_str()).to_owned())
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
