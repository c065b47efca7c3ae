//! What stands around every document.

use serde::{Deserialize, Serialize};

/// The version of the interface: the value of `"appia"`.
pub const INTERFACE: u32 = 1;

/// What a document is: the value of `"kind"`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Kind {
    /// [`crate::documents::Diagnostics`].
    Diagnostics,
    /// [`crate::documents::Plan`].
    Plan,
    /// [`crate::documents::Comparison`].
    Comparison,
    /// [`crate::documents::Explanation`].
    Explanation,
    /// [`crate::documents::Proof`].
    Proof,
    /// [`crate::documents::Measurement`].
    Measurement,
    /// [`crate::documents::Status`].
    Status,
    /// [`crate::documents::Applications`].
    Applications,
    /// [`crate::documents::Leaks`].
    Leaks,
    /// [`crate::documents::Version`].
    Version,
    /// [`crate::documents::Error`].
    Error,
    /// [`crate::documents::StreamEvent`].
    Event,
    /// [`crate::documents::OperationSummary`].
    Result,
    /// [`crate::documents::Export`].
    Export,
    /// [`crate::documents::Server`].
    Server,
    /// [`crate::documents::Doctor`].
    Doctor,
    /// [`crate::documents::Backup`].
    Backup,
    /// [`crate::documents::Restore`].
    Restore,
}

/// A document as it is written: version and kind first.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Document<T> {
    /// [`INTERFACE`].
    pub appia: u32,
    /// What it is.
    pub kind: Kind,
    /// Its own keys.
    #[serde(flatten)]
    pub body: T,
}

impl<T> Document<T> {
    /// Puts the envelope around a body.
    pub fn new(kind: Kind, body: T) -> Document<T> {
        Document { appia: INTERFACE, kind, body }
    }
}
