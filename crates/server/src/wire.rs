//! From the domain to the documents of the interface: the only place where the two meet.

mod changes;
mod explanation;
mod plan;

pub use changes::changes;
pub use explanation::explanation;
pub use plan::{plan, release};

use appia_api::documents::Action;
use appia_plan::OperationKind;
use jiff::Timestamp;

/// What a person asked for.
pub(crate) fn action(kind: OperationKind) -> Action {
    match kind {
        OperationKind::Up => Action::Up,
        OperationKind::Deploy => Action::Deploy,
        OperationKind::Rollback => Action::Rollback,
        OperationKind::Down => Action::Down,
    }
}

/// A time as the interface writes it: RFC 3339 in UTC.
pub fn time(millis: i64) -> String {
    Timestamp::from_millisecond(millis).map_or_else(|_| String::new(), |at| at.to_string())
}

/// The same of microseconds.
pub(crate) fn time_micros(micros: u64) -> String {
    let at = i64::try_from(micros).ok().and_then(|micros| Timestamp::from_microsecond(micros).ok());
    at.map_or_else(String::new, |at| at.to_string())
}
