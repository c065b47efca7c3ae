//! Memory and storage.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use super::UnitError;
use super::decimal::{scaled, split};

const KNOWN: &str = "`Ki`, `Mi`, `Gi`, `Ti` (1,024) or `K`, `M`, `G`, `T` (1,000)";

const UNITS: &[(&str, u64)] = &[
    ("", 1),
    ("B", 1),
    ("Ki", 1 << 10),
    ("Mi", 1 << 20),
    ("Gi", 1 << 30),
    ("Ti", 1 << 40),
    ("Pi", 1 << 50),
    ("Ei", 1 << 60),
    ("KiB", 1 << 10),
    ("MiB", 1 << 20),
    ("GiB", 1 << 30),
    ("TiB", 1 << 40),
    ("k", 1_000),
    ("K", 1_000),
    ("M", 1_000_000),
    ("G", 1_000_000_000),
    ("T", 1_000_000_000_000),
    ("P", 1_000_000_000_000_000),
    ("E", 1_000_000_000_000_000_000),
    ("KB", 1_000),
    ("MB", 1_000_000),
    ("GB", 1_000_000_000),
    ("TB", 1_000_000_000_000),
];

/// A number of bytes. Written as Kubernetes writes it: `50Gi`, `128M`, `1.5Gi`.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Bytes(u64);

impl Bytes {
    /// That many bytes.
    pub const fn new(bytes: u64) -> Bytes {
        Bytes(bytes)
    }

    /// That many mebibytes (1,048,576 bytes).
    pub const fn from_mib(mib: u64) -> Bytes {
        Bytes(mib << 20)
    }

    /// Bytes.
    pub const fn get(self) -> u64 {
        self.0
    }

    /// Mebibytes, rounded up.
    pub const fn mib(self) -> u64 {
        self.0.div_ceil(1 << 20)
    }
}

impl FromStr for Bytes {
    type Err = UnitError;

    fn from_str(text: &str) -> Result<Bytes, UnitError> {
        let (number, unit) = split(text);
        let unknown = || UnitError::UnknownUnit { unit: unit.to_owned(), quantity: "memory", known: KNOWN };
        let (_, factor) = UNITS.iter().find(|(name, _)| *name == unit).ok_or_else(unknown)?;
        scaled(number, *factor).map(Bytes)
    }
}

impl fmt::Display for Bytes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let binary = [("Ei", 60), ("Pi", 50), ("Ti", 40), ("Gi", 30), ("Mi", 20), ("Ki", 10)];
        let fits = |shift: &u32| self.0 != 0 && self.0.is_multiple_of(1 << shift);
        match binary.iter().find(|(_, shift)| fits(shift)) {
            Some((unit, shift)) => f.pad(&format!("{}{unit}", self.0 >> shift)),
            None => f.pad(&self.0.to_string()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Bytes;

    #[test]
    fn reads_and_writes() {
        for (text, bytes, shown) in [
            ("50Gi", 50 << 30, "50Gi"),
            ("1.5Gi", 3 << 29, "1536Mi"),
            ("128M", 128_000_000, "125000Ki"),
            ("10", 10, "10"),
            ("0", 0, "0"),
        ] {
            let parsed: Bytes = text.parse().unwrap();
            assert_eq!((parsed.get(), parsed.to_string().as_str()), (bytes, shown), "{text}");
        }
        assert_eq!(
            "5Gb".parse::<Bytes>().unwrap_err().to_string(),
            "`Gb` is not a unit of memory: use `Ki`, `Mi`, `Gi`, `Ti` (1,024) or `K`, `M`, `G`, `T` (1,000)"
        );
    }
}
