//! The places a plan can go, one folder each: facts, offerings, objects and text. Pure: no clock, no network, no files.
//!
//! `compile` asks a [`Target`] for its facts and offerings and has it lower a sized application; `export` has it
//! render the objects. Adding a target is a folder and a line in [`TARGETS`]: the command line, the schema and the
//! conformance test read that table. Start reading at [`TARGETS`], then in the folder of a target.

mod aws;
mod azure;
mod balance;
mod book;
mod cloud;
mod containers;
mod database;
mod footprint;
mod gcp;
mod hosts;
mod images;
mod kubernetes;
mod local;
mod needs;
mod offer;
mod params;
mod reasons;

use appia_plan::Target;

/// Every target, in the order in which people are shown them.
pub static TARGETS: &[&dyn Target] = &[
    &local::Local,           //
    &kubernetes::Kubernetes, //
    &aws::CLOUD,             //
    &azure::CLOUD,           //
    &gcp::CLOUD,             //
];

/// The target of a name.
///
/// ```
/// assert_eq!(appia_targets::find("local").unwrap().name(), "local");
/// assert!(appia_targets::find("moon").is_none());
/// ```
pub fn find(name: &str) -> Option<&'static dyn Target> {
    TARGETS.iter().copied().find(|target| target.name() == name)
}
