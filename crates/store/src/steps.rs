//! Steps: what is written before each effect and after it.

use appia_plan::{Digest, Direction, EventFact, Object, StepKey};
use async_trait::async_trait;
use sqlx::query;

use crate::batch::{Batch, Holding};
use crate::rows::{scope_of, signed};
use crate::writer::Change;
use crate::{EventDraft, StoreError};

/// A step is about to be taken or taken back. Written again after a crash: then its effect is open again.
pub(crate) struct Intend {
    pub(crate) key: StepKey,
    pub(crate) direction: Direction,
}

#[async_trait]
impl Change for Intend {
    type Outcome = ();
    type Error = StoreError;

    async fn apply(&self, batch: &mut Batch<'_>) -> Result<(), StoreError> {
        let holding = batch.act(&self.key.operation).await?;
        let object = self.key.object.clone();
        let fact = match self.direction {
            Direction::Forward => EventFact::StepBegan(object),
            Direction::Back => EventFact::UndoBegan(object),
        };
        let event = batch.append(event(&holding, (&self.key, self.direction), fact)).await?;
        query(
            "INSERT INTO steps (organisation, operation, object_kind, object_name, verb, direction, seq, done)
             VALUES ($1, $2, $3, $4, $5, $6, $7, 0)
             ON CONFLICT (operation, object_kind, object_name, verb, direction) DO UPDATE SET done = 0",
        )
        .bind(holding.operation.owner.organisation.clone())
        .bind(self.key.operation.0.clone())
        .bind(self.key.object.kind.clone())
        .bind(self.key.object.name.clone())
        .bind(self.key.verb.as_str())
        .bind(direction_word(self.direction))
        .bind(signed(event.seq))
        .execute(batch.sql())
        .await?;
        Ok(())
    }
}

/// A step's effect is there.
pub(crate) struct Done {
    pub(crate) key: StepKey,
    pub(crate) direction: Direction,
}

#[async_trait]
impl Change for Done {
    type Outcome = ();
    type Error = StoreError;

    async fn apply(&self, batch: &mut Batch<'_>) -> Result<(), StoreError> {
        let holding = batch.act(&self.key.operation).await?;
        let written = query(
            "UPDATE steps SET done = 1
             WHERE operation = $1 AND object_kind = $2 AND object_name = $3 AND verb = $4 AND direction = $5",
        )
        .bind(self.key.operation.0.clone())
        .bind(self.key.object.kind.clone())
        .bind(self.key.object.name.clone())
        .bind(self.key.verb.as_str())
        .bind(direction_word(self.direction))
        .execute(batch.sql())
        .await?;
        if written.rows_affected() == 0 {
            return Err(StoreError::NeverBegun(self.key.to_string()));
        }
        let (object, there) = (self.key.object.clone(), holding.object_after(&self.key, self.direction));
        let fact = match self.direction {
            Direction::Forward => EventFact::StepDone(object, there),
            Direction::Back => EventFact::UndoDone(object, there),
        };
        batch.append(event(&holding, (&self.key, self.direction), fact)).await?;
        Ok(())
    }
}

impl Holding {
    /// The digest of what is there after a step; `None`: nothing is, or the step is not in the operation.
    fn object_after(&self, key: &StepKey, direction: Direction) -> Option<Digest> {
        let place = *self.steps.get(&(key.object.clone(), key.verb))?;
        let step = self.operation.steps.get(place)?;
        let object = match direction {
            Direction::Forward => &step.desired,
            Direction::Back => &step.before,
        };
        object.as_ref().map(Object::digest)
    }
}

pub(crate) fn direction_word(direction: Direction) -> &'static str {
    match direction {
        Direction::Forward => "forward",
        Direction::Back => "back",
    }
}

fn event(holding: &Holding, (key, direction): (&StepKey, Direction), fact: EventFact) -> EventDraft {
    let words = match direction {
        Direction::Forward => "",
        Direction::Back => "take back: ",
    };
    EventDraft {
        scope: scope_of(&holding.operation.owner),
        actor: holding.operation.actor.clone(),
        operation: Some(key.operation.clone()),
        fact,
        message: format!("{words}{} `{}`", key.verb.as_str(), key.object),
    }
}
