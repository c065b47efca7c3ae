//! Numbers about what runs: requests, errors and latencies, and the text in which others read them.
//!
//! The gateway records every request into a [`Red`] (rate, errors, duration), one a route and one an instance;
//! the agent adds its own gauges and serves everything as OpenMetrics through [`Exposition`]. Recording takes no
//! lock and allocates nothing once a window is warm. Nothing here reads a clock on its own: a [`Clock`] is given.
//! Start reading at `red.rs`.

mod clock;
mod exposition;
mod latency;
mod red;
mod window;

pub use clock::{Clock, ManualClock};
pub use exposition::{Exposition, Family, HistogramSample, Labels};
pub use red::{CodeClass, Outcome, Rates, Red, Totals};
