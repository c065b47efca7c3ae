//! Amounts of money.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use super::UnitError;
use super::decimal::{scaled, split, unscaled};

/// A currency that budgets can be written in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "UPPERCASE")]
pub enum Currency {
    /// United States dollar, the currency of price tables.
    Usd,
    /// Euro.
    Eur,
    /// Pound sterling.
    Gbp,
}

impl Currency {
    /// Every currency with its ISO 4217 code.
    pub const ALL: &[(&str, Currency)] =
        &[("USD", Currency::Usd), ("EUR", Currency::Eur), ("GBP", Currency::Gbp)];
}

impl fmt::Display for Currency {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Currency::Usd => "USD",
            Currency::Eur => "EUR",
            Currency::Gbp => "GBP",
        })
    }
}

/// Whole millionths of a currency's unit. Written `1200 USD`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Money {
    micros: u64,
    currency: Currency,
}

impl Money {
    /// That many millionths.
    pub const fn from_micros(micros: u64, currency: Currency) -> Money {
        Money { micros, currency }
    }

    /// Millionths of the currency's unit.
    pub const fn micros(self) -> u64 {
        self.micros
    }

    /// The currency.
    pub const fn currency(self) -> Currency {
        self.currency
    }
}

impl FromStr for Money {
    type Err = UnitError;

    fn from_str(text: &str) -> Result<Money, UnitError> {
        const KNOWN: &str = "`USD`, `EUR` or `GBP`";
        let (number, unit) = split(text);
        if unit.is_empty() {
            return Err(UnitError::NoUnit { text: text.trim().to_owned(), known: KNOWN });
        }
        let unknown = || UnitError::UnknownUnit { unit: unit.to_owned(), quantity: "money", known: KNOWN };
        let (_, currency) =
            Currency::ALL.iter().find(|(code, _)| code.eq_ignore_ascii_case(unit)).ok_or_else(unknown)?;
        Ok(Money { micros: scaled(number, 1_000_000)?, currency: *currency })
    }
}

impl fmt::Display for Money {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&format!("{} {}", unscaled(self.micros, 1_000_000), self.currency))
    }
}

#[cfg(test)]
mod tests {
    use super::Money;

    #[test]
    fn reads_and_writes() {
        for (text, micros, shown) in [("1200 USD", 1_200_000_000, "1200 USD"), ("0.5eur", 500_000, "0.5 EUR")]
        {
            let parsed: Money = text.parse().unwrap();
            assert_eq!((parsed.micros(), parsed.to_string().as_str()), (micros, shown), "{text}");
        }
        assert!("1200".parse::<Money>().is_err());
        assert!("12 XYZ".parse::<Money>().is_err());
        assert!("-1 USD".parse::<Money>().is_err());
    }
}
