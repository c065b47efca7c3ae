//! Mass of CO2 equivalent.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use super::UnitError;
use super::decimal::{scaled, split, unscaled};

/// Whole grams of CO2 equivalent. Written `25kg`, `900g`, `1.2t`.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct CarbonMass(u64);

impl CarbonMass {
    /// Grams.
    pub const fn grams(self) -> u64 {
        self.0
    }
}

impl FromStr for CarbonMass {
    type Err = UnitError;

    fn from_str(text: &str) -> Result<CarbonMass, UnitError> {
        const KNOWN: &str = "`g`, `kg` or `t`";
        match split(text) {
            (number, "g") => scaled(number, 1).map(CarbonMass),
            (number, "kg") => scaled(number, 1_000).map(CarbonMass),
            (number, "t") => scaled(number, 1_000_000).map(CarbonMass),
            (_, "") => Err(UnitError::NoUnit { text: text.trim().to_owned(), known: KNOWN }),
            (_, unit) => {
                Err(UnitError::UnknownUnit { unit: unit.to_owned(), quantity: "carbon", known: KNOWN })
            }
        }
    }
}

impl fmt::Display for CarbonMass {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&format!("{}kg", unscaled(self.0, 1000)))
    }
}
