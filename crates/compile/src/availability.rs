//! The mathematics of being there: block diagrams with zones as common cause.
//!
//! Called by the sizing pass. Pure numbers: nothing here knows a workload or a target. Failures of replicas inside of a
//! living zone are independent; a zone that fails takes everything in it. Start reading at [`Group`] and [`together`].

mod blocks;
mod zones;

pub use blocks::{at_least, of_repair, series};
pub use zones::{Group, Zones, together};
