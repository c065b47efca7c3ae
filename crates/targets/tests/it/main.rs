//! What the targets make of small applications: goldens, what every target has to keep, and judges nobody here wrote.

#![expect(
    clippy::indexing_slicing,
    clippy::panic,
    clippy::print_stdout,
    clippy::unwrap_used,
    reason = "a test that meets what it did not expect has failed, and a judge that did not run is said"
)]

mod build;
mod cases;
mod conformance;
mod goldens;
mod judges;
mod kubernetes;
mod local;
