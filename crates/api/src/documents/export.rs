//! What was written where.

use serde::{Deserialize, Serialize};

use super::Diagnostic;

/// What was written where.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Export {
    /// The folder.
    pub folder: String,
    /// Files in it.
    pub files: Vec<String>,
    /// What was found in the input files.
    pub diagnostics: Vec<Diagnostic>,
}
