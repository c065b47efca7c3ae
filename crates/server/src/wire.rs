//! From the domain to the documents of the interface: the only place where the two meet.

mod changes;
mod explanation;
mod plan;

pub use changes::changes;
pub use explanation::explanation;
pub use plan::{plan, release};

use jiff::Timestamp;

/// A time as the interface writes it: RFC 3339 in UTC.
pub fn time(millis: i64) -> String {
    Timestamp::from_millisecond(millis).map_or_else(|_| String::new(), |at| at.to_string())
}

/// The same of microseconds.
pub(crate) fn time_micros(micros: u64) -> String {
    let at = i64::try_from(micros).ok().and_then(|micros| Timestamp::from_microsecond(micros).ok());
    at.map_or_else(String::new, |at| at.to_string())
}
