//! Secrets, sealed: rows that open only with the key and only in their own place.
//!
//! Drivers ask through `plan::Secrets` at the moment a secret leaves for its user. Contents never reach an event, an
//! error or a log; `redaction.rs` strikes them out of what others write. Start reading at [`Ensure`].

use appia_intent::SecretRef;
use appia_plan::seal::{NONCE_LENGTH, SealKey, SecretValue, open, seal};
use appia_plan::{EventFact, ObjectId, Owner, SecretError, Secrets, local};
use async_trait::async_trait;
use rand::TryRng;
use rand::rngs::SysRng;
use serde_json::json;
use sqlx::any::AnyRow;
use sqlx::{Row, query};
use zeroize::{Zeroize, Zeroizing};

use crate::batch::Batch;
use crate::rows::{Place, count, ourselves, owner, scope_of};
use crate::writer::Change;
use crate::{EventDraft, Store, StoreError};

/// The characters of a generated secret: none that a shell, a URL or a file format reads in its own way.
const ALPHABET: &[u8; 62] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
/// The largest multiple of 62 in a byte: what is above would make some characters likelier than others.
const FAIR: u8 = 248;

#[async_trait]
impl Secrets for Store {
    async fn ensure(&self, owner: &Owner, secret: &SecretRef, length: u32) -> Result<(), SecretError> {
        let ensure = Ensure { owner: owner.clone(), secret: secret.clone(), length };
        self.writer.write(ensure).await.map_err(unavailable)
    }

    async fn reveal(&self, owner: &Owner, secret: &SecretRef) -> Result<SecretValue, SecretError> {
        let place = Place::from(owner);
        let row = query(
            "SELECT sealed FROM secrets
             WHERE organisation = $1 AND app = $2 AND environment = $3 AND name = $4 AND version = $5",
        )
        .bind(place.organisation.clone())
        .bind(place.app.clone())
        .bind(place.environment.clone())
        .bind(secret.name.clone())
        .bind(i64::from(secret.version))
        .fetch_optional(&self.shared.database.readers)
        .await
        .map_err(|error| unavailable(error.into()))?;
        let row = row.ok_or_else(|| SecretError::Missing(secret.clone()))?;
        let broken = || SecretError::Broken(secret.clone());
        let sealed: Vec<u8> = row.try_get("sealed").map_err(|_| broken())?;
        let plain = open(&self.shared.key, &seal_place(&place, secret), &sealed).map_err(|_| broken())?;
        to_value(&plain).ok_or_else(broken)
    }

    async fn forget(&self, owner: &Owner, secret: &SecretRef) -> Result<(), SecretError> {
        let forget = Forget { owner: owner.clone(), secret: secret.clone() };
        self.writer.write(forget).await.map_err(unavailable)
    }
}

impl Store {
    /// The secrets whose rows do not open in their place.
    pub(crate) async fn broken_secrets(&self) -> Result<Vec<(Owner, SecretRef)>, StoreError> {
        let rows = query("SELECT organisation, app, environment, name, version, sealed FROM secrets")
            .fetch_all(&self.shared.database.readers)
            .await?;
        let mut broken = Vec::new();
        for row in &rows {
            let (owner, secret, sealed) =
                (owner(row)?, secret_ref(row)?, row.try_get::<Vec<u8>, _>("sealed"));
            let place = seal_place(&Place::from(&owner), &secret);
            if !sealed.is_ok_and(|sealed| open(&self.shared.key, &place, &sealed).is_ok()) {
                broken.push((owner, secret));
            }
        }
        Ok(broken)
    }
}

/// Makes a secret unless it is there.
struct Ensure {
    owner: Owner,
    secret: SecretRef,
    length: u32,
}

#[async_trait]
impl Change for Ensure {
    type Outcome = ();
    type Error = StoreError;

    async fn apply(&self, batch: &mut Batch<'_>) -> Result<(), StoreError> {
        batch.enter(&scope_of(&self.owner)).await?;
        let place = Place::from(&self.owner);
        let plain = generate(self.length)?;
        let sealed = seal(batch.key(), nonce()?, &seal_place(&place, &self.secret), plain.as_bytes())
            .map_err(|_| StoreError::damaged("a secret could not be sealed"))?;
        let now_ms = batch.now_ms;
        let written = query(
            "INSERT INTO secrets (organisation, app, environment, name, version, sealed, made_at_ms)
             VALUES ($1, $2, $3, $4, $5, $6, $7)
             ON CONFLICT (organisation, app, environment, name, version) DO NOTHING",
        )
        .bind(place.organisation)
        .bind(place.app)
        .bind(place.environment)
        .bind(self.secret.name.clone())
        .bind(i64::from(self.secret.version))
        .bind(sealed)
        .bind(now_ms)
        .execute(batch.sql())
        .await?;
        if written.rows_affected() == 0 {
            return Ok(());
        }
        let draft = event(&self.owner, &self.secret, EventFact::SecretMade, "made");
        batch.append(draft).await.map(|_| ())
    }
}

/// Forgets a secret; nothing happens when it is not there.
struct Forget {
    owner: Owner,
    secret: SecretRef,
}

#[async_trait]
impl Change for Forget {
    type Outcome = ();
    type Error = StoreError;

    async fn apply(&self, batch: &mut Batch<'_>) -> Result<(), StoreError> {
        batch.enter(&scope_of(&self.owner)).await?;
        let place = Place::from(&self.owner);
        let written = query(
            "DELETE FROM secrets
             WHERE organisation = $1 AND app = $2 AND environment = $3 AND name = $4 AND version = $5",
        )
        .bind(place.organisation)
        .bind(place.app)
        .bind(place.environment)
        .bind(self.secret.name.clone())
        .bind(i64::from(self.secret.version))
        .execute(batch.sql())
        .await?;
        if written.rows_affected() == 0 {
            return Ok(());
        }
        let draft = event(&self.owner, &self.secret, EventFact::SecretForgotten, "forgotten");
        batch.append(draft).await.map(|_| ())
    }
}

/// Random bytes that never repeat in practice.
pub(crate) fn nonce() -> Result<[u8; NONCE_LENGTH], StoreError> {
    let mut nonce = [0; NONCE_LENGTH];
    fill(&mut nonce)?;
    Ok(nonce)
}

/// Unambiguous whatever the names hold.
fn seal_place(place: &Place, secret: &SecretRef) -> String {
    json!(["secret", place.organisation, place.app, place.environment, secret.name, secret.version])
        .to_string()
}

/// The content of a row that has name, version and what was sealed; nothing when it does not open.
pub(crate) fn opened(row: &AnyRow, place: &Place, key: &SealKey) -> Result<Option<SecretValue>, StoreError> {
    let sealed: Vec<u8> = row.try_get("sealed")?;
    let plain = open(key, &seal_place(place, &secret_ref(row)?), &sealed).ok();
    Ok(plain.as_deref().and_then(|plain| to_value(plain)))
}

fn secret_ref(row: &AnyRow) -> Result<SecretRef, StoreError> {
    let version = u32::try_from(count(row, "version")?);
    let version = version.map_err(|_| StoreError::damaged("a secret's version is too large"))?;
    Ok(SecretRef { name: row.try_get("name")?, version })
}

fn to_value(plain: &[u8]) -> Option<SecretValue> {
    std::str::from_utf8(plain)
        .ok()
        .filter(|text| !text.is_empty())
        .map(|text| SecretValue::new(text.to_owned()))
}

/// Characters that are all equally likely.
fn generate(length: u32) -> Result<Zeroizing<String>, StoreError> {
    let length = usize::try_from(length.max(1)).unwrap_or(usize::MAX);
    // Never grows, so that no copy is left behind unwiped.
    let mut text = Zeroizing::new(String::with_capacity(length));
    let mut bytes = [0; 64];
    while text.len() < length {
        fill(&mut bytes)?;
        let fair = bytes.iter().filter(|byte| **byte < FAIR);
        let characters = fair.filter_map(|byte| ALPHABET.get(usize::from(byte % 62)).copied());
        let missing = length - text.len();
        text.extend(characters.take(missing).map(char::from));
    }
    bytes.zeroize();
    Ok(text)
}

fn fill(bytes: &mut [u8]) -> Result<(), StoreError> {
    SysRng.try_fill_bytes(bytes).map_err(|error| StoreError::Randomness(error.to_string()))
}

fn event(owner: &Owner, secret: &SecretRef, fact: fn(ObjectId) -> EventFact, word: &str) -> EventDraft {
    EventDraft {
        scope: scope_of(owner),
        actor: ourselves(),
        operation: None,
        fact: fact(ObjectId::new(local::kind::SECRET, &secret.name)),
        message: format!("secret `{secret}` {word}"),
    }
}

fn unavailable(error: StoreError) -> SecretError {
    SecretError::Unavailable(error.to_string())
}

#[cfg(test)]
mod tests {
    use super::{ALPHABET, FAIR, generate};

    #[test]
    fn generates_every_character_about_as_often() {
        assert_eq!(usize::from(FAIR) % ALPHABET.len(), 0);
        let text = generate(62_000).unwrap();
        assert_eq!(text.len(), 62_000);
        for character in ALPHABET {
            // 1000 expected, standard deviation 31.4: 8 deviations happen once in 10^15.
            let seen = text.bytes().filter(|byte| byte == character).count();
            assert!((750..1250).contains(&seen), "{} {seen}", char::from(*character));
        }
    }

    #[test]
    fn generates_the_length_asked_for_and_never_the_same() {
        assert_eq!(generate(32).unwrap().len(), 32);
        assert_ne!(*generate(32).unwrap(), *generate(32).unwrap());
    }
}
