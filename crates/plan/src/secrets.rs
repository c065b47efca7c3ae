//! Where secrets come from. The store fulfils it; drivers ask at the moment a secret leaves for its user.

use appia_intent::SecretRef;
use async_trait::async_trait;

use crate::Owner;
use crate::seal::SecretValue;

/// Why a secret cannot be had.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SecretError {
    /// There is none of that name.
    #[error("there is no secret `{0}`")]
    Missing(SecretRef),
    /// It is there and does not open.
    #[error("the secret `{0}` does not open: the key of this home is another one, or its row was changed")]
    Broken(SecretRef),
    /// The place it is kept in does not answer.
    #[error("secrets cannot be read: {0}")]
    Unavailable(String),
}

/// Keeps secrets sealed and reveals them to drivers only.
#[async_trait]
pub trait Secrets: Send + Sync {
    /// Makes a secret of `length` random characters of `A-Z a-z 0-9`, unless it is there already.
    async fn ensure(&self, owner: &Owner, secret: &SecretRef, length: u32) -> Result<(), SecretError>;

    /// The secret itself, on its way into a workload's environment.
    async fn reveal(&self, owner: &Owner, secret: &SecretRef) -> Result<SecretValue, SecretError>;

    /// Forgets a secret; nothing happens when it is not there.
    async fn forget(&self, owner: &Owner, secret: &SecretRef) -> Result<(), SecretError>;
}
