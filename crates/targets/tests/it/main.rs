//! What the targets make of small applications: goldens, what every target has to keep, and judges nobody here wrote.

mod build;
mod cases;
mod conformance;
mod goldens;
mod judges;
mod kubernetes;
mod local;
