//! The machine interface: what `--output json` prints and what the control plane's routes take and give.
//!
//! The command line and the server fill these types; scripts, the portal and other languages read them. They are
//! their own types on purpose: the domain may change its shape, these change only with a new [`INTERFACE`]. Every
//! document starts with `"appia"` and `"kind"`. Start reading at [`documents`], then [`routes`].

pub mod documents;
mod envelope;
pub mod protocol;
pub mod routes;

pub use envelope::{Document, INTERFACE, Kind};
