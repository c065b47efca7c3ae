//! Whether the store is as it was written: the database's own check, every chain, every sealed and digested row.

use std::fmt;

use appia_intent::SecretRef;
use appia_plan::{OperationId, Owner, Scope};
use sqlx::{Row, query};

use crate::database::Engine;
use crate::error::scope_words;
use crate::rows::{scope_of, word};
use crate::{ChainFault, Store, StoreError};

/// Something in the store is not as it was written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Fault {
    /// What the database says of its own pages.
    Database(String),
    /// A chain of the event log.
    Chain {
        /// Whose.
        scope: Scope,
        /// What is wrong with it.
        fault: ChainFault,
    },
    /// An operation or its plan.
    Operation {
        /// Which one.
        operation: OperationId,
        /// What is wrong with it.
        what: String,
    },
    /// A secret that does not open.
    Secret {
        /// Whose.
        owner: Owner,
        /// Which one.
        secret: SecretRef,
    },
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Fault::Database(what) => write!(f, "the database says: {what}"),
            Fault::Chain { scope, fault } => write!(f, "event log of {}: {fault}", scope_words(scope)),
            Fault::Operation { operation, what } => write!(f, "operation `{operation}`: {what}"),
            Fault::Secret { owner, secret } => {
                write!(f, "secret `{secret}` of {} does not open", scope_words(&scope_of(owner)))
            }
        }
    }
}

impl Store {
    /// Reads everything and tells all that is not as it was written; nothing when all is well.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn check(&self) -> Result<Vec<Fault>, StoreError> {
        let mut faults = self.check_pages().await?;
        for scope in self.scopes().await? {
            let found = self.verify(&scope).await?;
            faults.extend(found.into_iter().map(|fault| Fault::Chain { scope: scope.clone(), fault }));
        }
        faults.extend(self.check_operations().await?);
        let broken = self.broken_secrets().await?;
        faults.extend(broken.into_iter().map(|(owner, secret)| Fault::Secret { owner, secret }));
        Ok(faults)
    }

    async fn check_pages(&self) -> Result<Vec<Fault>, StoreError> {
        match self.shared.database.engine {
            // PostgreSQL checks its pages when it reads them, where its cluster was made with checksums.
            Engine::Postgres => Ok(Vec::new()),
            Engine::Sqlite => {
                let rows = query("PRAGMA integrity_check").fetch_all(&self.shared.database.readers).await?;
                let told: Vec<String> =
                    rows.iter().map(|row| row.try_get(0)).collect::<Result<_, sqlx::Error>>()?;
                Ok(told.into_iter().filter(|line| line != "ok").map(Fault::Database).collect())
            }
        }
    }

    async fn check_operations(&self) -> Result<Vec<Fault>, StoreError> {
        let rows = query("SELECT id FROM operations ORDER BY began_at_ms, id")
            .fetch_all(&self.shared.database.readers)
            .await?;
        let mut faults = Vec::new();
        for row in &rows {
            let operation: OperationId = word(row, "id")?;
            let read = [
                self.operation(&operation).await.map(|_| ()),
                self.deployed_plan(&operation).await.map(|_| ()),
            ];
            for result in read {
                match result {
                    Err(StoreError::Damaged { what }) => {
                        faults.push(Fault::Operation { operation: operation.clone(), what });
                    }
                    other => other?,
                }
            }
        }
        Ok(faults)
    }
}
