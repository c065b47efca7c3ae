//! Spans of time.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use super::UnitError;
use super::decimal::{scaled, split};

const KNOWN: &str = "`us`, `ms`, `s`, `m`, `h` or `d`";

const UNITS: &[(&str, u64)] = &[
    ("d", 86_400_000_000),
    ("h", 3_600_000_000),
    ("m", 60_000_000),
    ("s", 1_000_000),
    ("ms", 1_000),
    ("us", 1),
];

/// Whole microseconds. Written `400ms`, `5m`, `1h`, `1.5s`.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Duration(u64);

impl Duration {
    /// That many microseconds.
    pub const fn from_micros(micros: u64) -> Duration {
        Duration(micros)
    }

    /// That many milliseconds.
    pub const fn from_millis(millis: u64) -> Duration {
        Duration(millis * 1000)
    }

    /// That many seconds.
    pub const fn from_seconds(seconds: u64) -> Duration {
        Duration(seconds * 1_000_000)
    }

    /// Microseconds.
    pub const fn micros(self) -> u64 {
        self.0
    }

    /// Milliseconds with fraction.
    pub fn as_millis_f64(self) -> f64 {
        self.0 as f64 / 1000.0
    }

    /// As the standard library's type.
    pub const fn to_std(self) -> std::time::Duration {
        std::time::Duration::from_micros(self.0)
    }
}

impl FromStr for Duration {
    type Err = UnitError;

    fn from_str(text: &str) -> Result<Duration, UnitError> {
        let (number, unit) = split(text);
        if unit.is_empty() {
            return Err(UnitError::NoUnit { text: text.trim().to_owned(), known: KNOWN });
        }
        let unknown = || UnitError::UnknownUnit { unit: unit.to_owned(), quantity: "time", known: KNOWN };
        let (_, factor) = UNITS.iter().find(|(name, _)| *name == unit).ok_or_else(unknown)?;
        scaled(number, *factor).map(Duration)
    }
}

impl fmt::Display for Duration {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match UNITS.iter().find(|(_, factor)| self.0 != 0 && self.0.is_multiple_of(*factor)) {
            Some((unit, factor)) => f.pad(&format!("{}{unit}", self.0 / factor)),
            None => f.pad("0s"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Duration;

    #[test]
    fn reads_and_writes() {
        for (text, micros, shown) in [
            ("400ms", 400_000, "400ms"),
            ("1.5s", 1_500_000, "1500ms"),
            ("60s", 60_000_000, "1m"),
            ("1h", 3_600_000_000, "1h"),
            ("0s", 0, "0s"),
        ] {
            let parsed: Duration = text.parse().unwrap();
            assert_eq!((parsed.micros(), parsed.to_string().as_str()), (micros, shown), "{text}");
        }
        assert_eq!(
            "400".parse::<Duration>().unwrap_err().to_string(),
            "`400` needs a unit: `us`, `ms`, `s`, `m`, `h` or `d`"
        );
        assert!("4 fortnights".parse::<Duration>().is_err());
    }
}
