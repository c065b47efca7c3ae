//! What the targets make of small applications: goldens, and what every target has to keep. Judges nobody here wrote see
//! the goldens in the step `kubernetes` of `cargo xtask test`.

#![expect(
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "a test that meets what it did not expect has failed"
)]

mod build;
mod cases;
mod conformance;
mod goldens;
mod kubernetes;
mod local;
mod schemas;
