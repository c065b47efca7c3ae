//! Strikes secrets out of texts that somebody else wrote: a tool's last words, a program's log, a driver's error.
//!
//! The store does it for whatever it keeps; the server asks for a [`Redaction`] and does it for whatever it answers.
//! Only contents that stand in the text as they are can be found: not encoded ones, not halves.

use appia_plan::Owner;
use appia_plan::seal::{SealKey, SecretValue};
use sqlx::any::AnyRow;
use sqlx::query;

use crate::batch::Batch;
use crate::rows::Place;
use crate::secrets::opened;
use crate::{Store, StoreError};

/// What stands where a secret stood.
const STRUCK_OUT: &str = "***";

const SECRETS_OF: &str = "SELECT name, version, sealed FROM secrets
     WHERE organisation = $1 AND app = $2 AND environment = $3";

/// The secrets of one environment, to be struck out of texts.
#[derive(Debug, Clone, Default)]
pub struct Redaction(Vec<SecretValue>);

impl Redaction {
    /// The text with `***` wherever a secret stood.
    ///
    /// ```
    /// assert_eq!(appia_store::Redaction::default().of("no secrets, no change"), "no secrets, no change");
    /// ```
    #[must_use]
    pub fn of(&self, text: &str) -> String {
        self.0.iter().fold(text.to_owned(), |text, secret| text.replace(secret.reveal(), STRUCK_OUT))
    }

    /// One that does not open is found by `check`; it must not keep a failure from being told.
    fn from_rows(rows: &[AnyRow], place: &Place, key: &SealKey) -> Redaction {
        let mut secrets: Vec<SecretValue> =
            rows.iter().filter_map(|row| opened(row, place, key).ok().flatten()).collect();
        // Of two that overlap the longer one first: nothing of it may be left.
        secrets.sort_by_key(|secret| std::cmp::Reverse(secret.reveal().len()));
        Redaction(secrets)
    }
}

impl Store {
    /// The secrets that an environment has now, to be struck out of what is told about it.
    ///
    /// # Errors
    /// When the store cannot be read; then nothing that may hold a secret can be told.
    pub async fn redaction(&self, owner: &Owner) -> Result<Redaction, StoreError> {
        let place = Place::from(owner);
        let rows = query(SECRETS_OF)
            .bind(place.organisation.clone())
            .bind(place.app.clone())
            .bind(place.environment.clone())
            .fetch_all(&self.shared.database.readers)
            .await?;
        Ok(Redaction::from_rows(&rows, &place, &self.shared.key))
    }
}

impl Batch<'_> {
    /// Strikes the contents of an environment's secrets out of a text that is to be kept.
    pub(crate) async fn without_secrets(&mut self, place: &Place, text: &str) -> Result<String, StoreError> {
        let rows = query(SECRETS_OF)
            .bind(place.organisation.clone())
            .bind(place.app.clone())
            .bind(place.environment.clone())
            .fetch_all(self.sql())
            .await?;
        Ok(Redaction::from_rows(&rows, place, self.key()).of(text))
    }
}
