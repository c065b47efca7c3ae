//! Builders against the real tools, on tiny projects that the tests write themselves.

#![expect(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test ends at the first surprise, in its helpers too"
)]

mod cache;
mod cargo;
mod command;
mod detect;
mod fingerprint;
mod git;
mod go;
mod node;
mod project;
mod python;
mod reaper;
mod site;
