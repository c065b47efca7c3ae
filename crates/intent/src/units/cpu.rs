//! Processor share.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use super::UnitError;
use super::decimal::{scaled, split, unscaled};

/// Thousandths of one processor. Written `250m`, `0.25` or `2`.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Cpu(u64);

impl Cpu {
    /// That many thousandths of a processor.
    pub const fn from_millis(millis: u64) -> Cpu {
        Cpu(millis)
    }

    /// Thousandths of a processor.
    pub const fn millis(self) -> u64 {
        self.0
    }
}

impl FromStr for Cpu {
    type Err = UnitError;

    fn from_str(text: &str) -> Result<Cpu, UnitError> {
        match split(text) {
            (number, "m") => scaled(number, 1).map(Cpu),
            (number, "") => scaled(number, 1000).map(Cpu),
            (_, unit) => Err(UnitError::UnknownUnit {
                unit: unit.to_owned(),
                quantity: "processors",
                known: "`m` for thousandths (`250m`), or none (`0.25`, `2`)",
            }),
        }
    }
}

impl fmt::Display for Cpu {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.0.is_multiple_of(1000) {
            f.pad(&unscaled(self.0, 1000))
        } else {
            f.pad(&format!("{}m", self.0))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Cpu;

    #[test]
    fn reads_and_writes() {
        for (text, millis, shown) in
            [("250m", 250, "250m"), ("0.25", 250, "250m"), ("2", 2000, "2"), ("1.5", 1500, "1500m")]
        {
            let parsed: Cpu = text.parse().unwrap();
            assert_eq!((parsed.millis(), parsed.to_string().as_str()), (millis, shown), "{text}");
        }
        assert!("1.0005".parse::<Cpu>().is_err());
        assert!("2 cores".parse::<Cpu>().is_err());
    }
}
