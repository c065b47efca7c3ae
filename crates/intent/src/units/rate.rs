//! Requests a second.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use super::UnitError;
use super::decimal::{scaled, split, unscaled};

/// Thousandths of a request a second. Written `1000`, `0.5`, or with the unit `rps`.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Rate(u64);

impl Rate {
    /// That many thousandths of a request a second.
    pub const fn from_millis(millis: u64) -> Rate {
        Rate(millis)
    }

    /// Requests a second.
    pub fn per_second(self) -> f64 {
        self.0 as f64 / 1000.0
    }
}

impl FromStr for Rate {
    type Err = UnitError;

    fn from_str(text: &str) -> Result<Rate, UnitError> {
        match split(text) {
            (number, "" | "rps") => scaled(number, 1000).map(Rate),
            (_, unit) => Err(UnitError::UnknownUnit {
                unit: unit.to_owned(),
                quantity: "load",
                known: "`rps`, or none",
            }),
        }
    }
}

impl fmt::Display for Rate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&format!("{} rps", unscaled(self.0, 1000)))
    }
}
