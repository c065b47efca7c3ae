//! From rows and into them: numbers, digests, scopes, and texts with a digest beside them.

use appia_intent::{AppName, EnvironmentName};
use appia_plan::{Actor, ActorKind, Digest, Owner, Scope};
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;
use sqlx::Row;
use sqlx::any::AnyRow;

use crate::StoreError;

/// The columns `organisation`, `app`, `environment`; what a scope does not have is the empty text.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Place {
    pub(crate) organisation: String,
    pub(crate) app: String,
    pub(crate) environment: String,
}

impl From<&Owner> for Place {
    fn from(owner: &Owner) -> Place {
        Place {
            organisation: owner.organisation.clone(),
            app: owner.app.to_string(),
            environment: owner.environment.to_string(),
        }
    }
}

impl From<&Scope> for Place {
    fn from(scope: &Scope) -> Place {
        Place {
            organisation: scope.organisation.clone(),
            app: scope.app.as_ref().map(AppName::to_string).unwrap_or_default(),
            environment: scope.environment.as_ref().map(EnvironmentName::to_string).unwrap_or_default(),
        }
    }
}

/// The scope of an environment's own events.
pub(crate) fn scope_of(owner: &Owner) -> Scope {
    Scope {
        organisation: owner.organisation.clone(),
        app: Some(owner.app.clone()),
        environment: Some(owner.environment.clone()),
    }
}

pub(crate) fn owner(row: &AnyRow) -> Result<Owner, StoreError> {
    Ok(Owner {
        organisation: row.try_get("organisation")?,
        app: word(row, "app")?,
        environment: word(row, "environment")?,
    })
}

pub(crate) fn scope(row: &AnyRow) -> Result<Scope, StoreError> {
    let (app, environment): (String, String) = (row.try_get("app")?, row.try_get("environment")?);
    Ok(Scope {
        organisation: row.try_get("organisation")?,
        app: if app.is_empty() { None } else { Some(word(row, "app")?) },
        environment: if environment.is_empty() { None } else { Some(word(row, "environment")?) },
    })
}

pub(crate) fn actor(row: &AnyRow) -> Result<Actor, StoreError> {
    Ok(Actor { kind: word(row, "actor_kind")?, name: row.try_get("actor_name")? })
}

/// A name, digest or id that a row keeps as text.
pub(crate) fn word<T: DeserializeOwned>(row: &AnyRow, column: &str) -> Result<T, StoreError> {
    let text: String = row.try_get(column)?;
    from_word(column, text)
}

pub(crate) fn optional_word<T: DeserializeOwned>(
    row: &AnyRow,
    column: &str,
) -> Result<Option<T>, StoreError> {
    let text: Option<String> = row.try_get(column)?;
    text.map(|text| from_word(column, text)).transpose()
}

/// A number that is never negative.
pub(crate) fn count(row: &AnyRow, column: &str) -> Result<u64, StoreError> {
    let number: i64 = row.try_get(column)?;
    u64::try_from(number).map_err(|_| StoreError::damaged(format!("`{column}` is {number}")))
}

pub(crate) fn signed(number: u64) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}

/// Reads the column `body`, and refuses it when `body_digest` is not its digest.
pub(crate) fn body<T: DeserializeOwned>(row: &AnyRow, what: &str) -> Result<T, StoreError> {
    let (text, digest): (String, String) = (row.try_get("body")?, row.try_get("body_digest")?);
    if Digest::of(text.as_bytes()).as_str() != digest {
        return Err(StoreError::damaged(format!("{what} is not as it was written")));
    }
    serde_json::from_str(&text).map_err(|error| StoreError::damaged(format!("{what} does not read: {error}")))
}

/// What [`body`] reads: the text and its digest.
pub(crate) fn to_body<T: Serialize>(value: &T) -> Result<(String, Digest), StoreError> {
    let text = serde_json::to_string(value).map_err(|error| StoreError::damaged(error.to_string()))?;
    let digest = Digest::of(text.as_bytes());
    Ok((text, digest))
}

/// The word of an actor's kind.
pub(crate) fn actor_kind(kind: ActorKind) -> &'static str {
    match kind {
        ActorKind::Person => "person",
        ActorKind::Token => "token",
        ActorKind::System => "system",
    }
}

/// Appia itself.
pub(crate) fn ourselves() -> Actor {
    Actor { kind: ActorKind::System, name: "appia".into() }
}

fn from_word<T: DeserializeOwned>(column: &str, text: String) -> Result<T, StoreError> {
    let wrong = format!("`{column}` is `{text}`");
    serde_json::from_value(Value::String(text)).map_err(|_| StoreError::damaged(wrong))
}
