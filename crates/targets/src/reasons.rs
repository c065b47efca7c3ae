//! Why numbers are what they are, as lines for the comments of rendered files.
//!
//! Called by whoever renders; the sentences are those of the plan. It decides nothing.

use appia_plan::Derived;
use appia_plan::phase::SizedApp;

/// `replicas: 3 because ...`.
pub(crate) fn because<T>(app: &SizedApp, what: &str, value: &Derived<T>, shown: &str) -> String {
    let reason = app.frame.reasons.of(value.why());
    reason.map_or_else(
        || format!("{what}: {shown}"),
        |reason| format!("{what}: {shown} because {}", reason.text),
    )
}
