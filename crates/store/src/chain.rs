//! The hash chain of the event log: what ends it, and what is wrong with one that was changed.
//!
//! Each event carries the hash of the one before it in its scope; the head row carries the hash of the last and how
//! many there are, sealed under the store's key. Who changes rows without the key is found: an edit breaks a link, a
//! deletion leaves a gap, a cut end misses the head. Start reading at [`ChainFault`].

use std::fmt;

use appia_plan::seal::{SealKey, open, seal};
use appia_plan::{Digest, Event, Scope};
use serde_json::json;
use sqlx::any::AnyRow;

use crate::StoreError;
use crate::rows::{Place, count, word};
use crate::secrets::nonce;

/// What is wrong with a chain.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ChainFault {
    /// An event is gone.
    Missing {
        /// The first that is not there.
        seq: u64,
    },
    /// An event's text does not read, or tells of another place in the log than its own.
    Unreadable {
        /// Which one.
        seq: u64,
    },
    /// An event does not follow the one before it: one of the two was changed.
    Broken {
        /// The later of the two.
        seq: u64,
    },
    /// The last event is not the one that the head knows: it was changed, or events were cut off or added.
    HeadElsewhere {
        /// What the head knows as the last.
        expected: u64,
        /// What is the last.
        found: u64,
    },
    /// The head itself was not written by a holder of the key, or is gone.
    HeadForged,
}

impl fmt::Display for ChainFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            ChainFault::Missing { seq } => write!(f, "event {seq} is missing"),
            ChainFault::Unreadable { seq } => write!(f, "event {seq} is not as it was written"),
            ChainFault::Broken { seq } => {
                write!(f, "event {seq} does not follow the one before it: one of them was changed")
            }
            ChainFault::HeadElsewhere { expected, found } => {
                write!(f, "the log should end with event {expected} as written and ends with event {found}")
            }
            ChainFault::HeadForged => {
                f.write_str("the end of the log was changed, or the key of this home is another one")
            }
        }
    }
}

/// The end of a chain.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Head {
    /// How many events there are.
    pub(crate) seq: u64,
    /// The hash of the last.
    pub(crate) hash: Digest,
    /// Grown in this transaction and not yet written.
    pub(crate) grown: bool,
}

impl Head {
    /// Before the first event.
    pub(crate) fn empty() -> Head {
        Head { seq: 0, hash: Digest::of(b""), grown: false }
    }

    pub(crate) fn read(row: &AnyRow) -> Result<Head, StoreError> {
        Ok(Head { seq: count(row, "seq")?, hash: word(row, "hash")?, grown: false })
    }
}

/// Seals a head for its scope and length.
pub(crate) fn seal_head(key: &SealKey, scope: &Scope, head: &Head) -> Result<Vec<u8>, StoreError> {
    seal(key, nonce()?, &head_place(scope, head.seq), head.hash.as_str().as_bytes())
        .map_err(|_| StoreError::damaged("a head could not be sealed"))
}

/// Whether a head was sealed by a holder of the key, for this scope and length.
pub(crate) fn head_is_ours(key: &SealKey, scope: &Scope, head: &Head, seal: &[u8]) -> bool {
    open(key, &head_place(scope, head.seq), seal)
        .is_ok_and(|hash| hash.as_slice() == head.hash.as_str().as_bytes())
}

/// Unambiguous whatever the names hold.
fn head_place(scope: &Scope, seq: u64) -> String {
    let place = Place::from(scope);
    json!(["event_head", place.organisation, place.app, place.environment, seq]).to_string()
}

/// Walks along a chain, event by event.
pub(crate) struct Walk<'a> {
    scope: &'a Scope,
    seq: u64,
    /// `None` after an event that does not read: then the next link cannot be judged.
    hash: Option<Digest>,
    pub(crate) faults: Vec<ChainFault>,
}

impl<'a> Walk<'a> {
    pub(crate) fn new(scope: &'a Scope) -> Walk<'a> {
        Walk { scope, seq: 0, hash: Some(Head::empty().hash), faults: Vec::new() }
    }

    /// The next row: its place in the log, its operation column and its text.
    pub(crate) fn step(&mut self, seq: u64, operation: &str, body: &str) {
        if seq != self.seq + 1 {
            self.faults.push(ChainFault::Missing { seq: self.seq + 1 });
            self.hash = None;
        }
        self.seq = seq;
        let event = serde_json::from_str::<Event>(body).ok().filter(|event| {
            let told = event.operation.as_ref().map_or("", |id| id.0.as_str());
            event.seq == seq && event.scope == *self.scope && told == operation
        });
        match (event, &self.hash) {
            (None, _) => self.faults.push(ChainFault::Unreadable { seq }),
            (Some(event), Some(before)) if event.prev_hash != *before => {
                self.faults.push(ChainFault::Broken { seq });
            }
            (Some(_), _) => {}
        }
        self.hash = Some(Digest::of(body.as_bytes()));
    }

    /// Holds the end against the head.
    pub(crate) fn end(mut self, head: &Head) -> Vec<ChainFault> {
        if head.seq != self.seq || self.hash.is_some_and(|hash| hash != head.hash) {
            self.faults.push(ChainFault::HeadElsewhere { expected: head.seq, found: self.seq });
        }
        self.faults
    }

    /// There is nothing to hold the end against.
    pub(crate) fn end_without_head(mut self) -> Vec<ChainFault> {
        self.faults.push(ChainFault::HeadForged);
        self.faults
    }
}
