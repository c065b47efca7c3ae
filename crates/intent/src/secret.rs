//! A secret by name; never its content.

use std::fmt;

use serde::{Deserialize, Serialize};

/// Names a secret and its version. Plans, digests, journals and logs carry this; the content stays sealed in the
/// store and is revealed only into a workload's environment.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct SecretRef {
    /// Name inside the application's environment: `resources.db.password`.
    pub name: String,
    /// 1, and one more for each rotation.
    pub version: u32,
}

impl SecretRef {
    /// The first version of a secret.
    pub fn first(name: impl Into<String>) -> SecretRef {
        SecretRef { name: name.into(), version: 1 }
    }
}

impl fmt::Display for SecretRef {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}@{}", self.name, self.version)
    }
}
