//! What a unit of another currency is worth in USD: one table, dated, for budgets that are stated in it.
//!
//! Prices are in USD everywhere. Called where a budget is judged; it never asks a market. Start reading at [`rate`].

use appia_intent::units::Currency;

use crate::Day;

/// A rate of exchange.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Exchange {
    /// The currency.
    pub currency: Currency,
    /// Millionths of a USD for one of it.
    pub micro_usd: u64,
    /// The day it was right.
    pub as_of: Day,
    /// Somebody read it at the source.
    pub confirmed: bool,
    /// Where it comes from.
    pub source: &'static str,
}

const SOURCE: &str = "from memory, near the reference rate of that week: https://www.ecb.europa.eu/stats/policy_and_exchange_rates/euro_reference_exchange_rates/";

/// 2025-11-21.
const AS_OF: Day = Day::from_number(20_413);

const fn row(currency: Currency, micro_usd: u64) -> Exchange {
    Exchange { currency, micro_usd, as_of: AS_OF, confirmed: false, source: SOURCE }
}

const TABLE: &[Exchange] = &[row(Currency::Eur, 1_150_000), row(Currency::Gbp, 1_310_000)];

/// The rate of a currency; none: it is USD.
pub fn rate(currency: Currency) -> Option<&'static Exchange> {
    TABLE.iter().find(|row| row.currency == currency)
}

#[cfg(test)]
mod tests {
    use super::{Currency, rate};

    #[test]
    fn every_other_currency_has_a_dated_rate() {
        for currency in [Currency::Eur, Currency::Gbp] {
            let found = rate(currency).unwrap();
            assert!(found.micro_usd > 1_000_000 && found.as_of.to_string() == "2025-11-21");
        }
        assert!(rate(Currency::Usd).is_none());
    }
}
