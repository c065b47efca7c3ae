//! Prices and bills: dated rows of a table, amounts of what is bought, and line items that anyone can add up.
//!
//! Unit prices are exact decimals, line items are rounded to millionths, half up. Used by targets, which hold the tables,
//! and by the passes that size and price. Nothing here knows a clock or a place. Start reading at [`Prices::bill`].

use std::borrow::Cow;
use std::collections::BTreeMap;

use appia_intent::Address;
use rust_decimal::prelude::ToPrimitive;
use rust_decimal::{Decimal, RoundingStrategy};

use crate::Day;
use crate::model::{Cost, CostItem};

/// Hours in a month, as price lists count them.
pub const HOURS_A_MONTH: u64 = 730;

/// A price, from an amount a month on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Price {
    /// What is bought.
    pub sku: Cow<'static, str>,
    /// Of which there are how many: `vcpu-hour`.
    pub unit: Cow<'static, str>,
    /// It holds from this amount a month.
    pub from: Decimal,
    /// For one.
    pub usd: Decimal,
    /// The day it was right.
    pub as_of: Day,
    /// Somebody read it at the source; otherwise it is from memory or taken over from a neighbour.
    pub confirmed: bool,
    /// Where it comes from.
    pub source: Cow<'static, str>,
}

/// So much of something.
#[derive(Debug, Clone, PartialEq)]
pub struct Charge {
    /// The workload or resource that it is for; `app` for what all share.
    pub address: Address,
    /// What is bought.
    pub sku: Cow<'static, str>,
    /// How much a month, in the price's unit.
    pub quantity: Decimal,
}

impl Charge {
    /// So much of something.
    pub fn new(address: &Address, sku: impl Into<Cow<'static, str>>, quantity: impl Into<Decimal>) -> Charge {
        Charge { address: address.clone(), sku: sku.into(), quantity: quantity.into() }
    }

    /// The quantity for what is no money.
    pub fn amount(&self) -> f64 {
        self.quantity.to_f64().unwrap_or(f64::MAX)
    }
}

/// What is charged and has no price.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{sku}` of `{address}` has no price")]
pub struct Unpriced {
    /// What it is for.
    pub address: Address,
    /// What has no price.
    pub sku: String,
}

/// A bill, with the prices that it was made of.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Bill<'a> {
    /// Millionths of a USD, all together.
    pub micro_usd: u128,
    /// Line by line, by address and what is bought.
    pub lines: Vec<Line<'a>>,
}

/// One line of a bill.
#[derive(Debug, Clone, PartialEq)]
pub struct Line<'a> {
    /// What it is for.
    pub address: Address,
    /// The price.
    pub price: &'a Price,
    /// How much a month.
    pub quantity: Decimal,
    /// Millionths of a USD.
    pub micro_usd: u128,
}

impl Line<'_> {
    /// The quantity for what is no money.
    pub fn amount(&self) -> f64 {
        self.quantity.to_f64().unwrap_or(f64::MAX)
    }
}

/// A price table of one place.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Prices {
    rows: BTreeMap<Cow<'static, str>, Vec<Price>>,
}

impl Prices {
    /// From rows in any order. An allowance that an account has once (a first tier for nothing) is not counted, as other
    /// applications may have used it: the price after it holds from the first on.
    pub fn new(all: impl IntoIterator<Item = Price>) -> Prices {
        let mut rows: BTreeMap<Cow<'static, str>, Vec<Price>> = BTreeMap::new();
        for price in all {
            rows.entry(price.sku.clone()).or_default().push(price);
        }
        for tiers in rows.values_mut() {
            tiers.sort_by_key(|price| price.from);
            while tiers.len() > 1 && tiers.first().is_some_and(|first| first.usd.is_zero()) {
                tiers.remove(0);
            }
            if let Some(first) = tiers.first_mut() {
                first.from = Decimal::ZERO;
            }
        }
        Prices { rows }
    }

    /// The same without what is cheaper in bulk, for what begins so: the safe side, and the same price for each.
    #[must_use]
    pub fn without_bulk(mut self, prefix: &str) -> Prices {
        let bulk = self.rows.iter_mut().filter(|(sku, _)| sku.starts_with(prefix));
        bulk.for_each(|(_, tiers)| tiers.truncate(1));
        self
    }

    /// The price of the first one.
    pub fn first(&self, sku: &str) -> Option<&Price> {
        self.rows.get(sku)?.first()
    }

    /// What is bought together costs what: tiers count for each address of its own.
    ///
    /// # Errors
    /// When something has no price.
    pub fn bill(&self, charges: impl IntoIterator<Item = Charge>) -> Result<Bill<'_>, Unpriced> {
        let mut amounts: BTreeMap<(Address, Cow<'static, str>), Decimal> = BTreeMap::new();
        for Charge { address, sku, quantity } in charges {
            *amounts.entry((address, sku)).or_default() += quantity;
        }
        let mut lines = Vec::new();
        for ((address, sku), quantity) in amounts {
            let Some(tiers) = self.rows.get(&sku) else {
                return Err(Unpriced { address, sku: sku.into_owned() });
            };
            lines.extend(tiered(&address, tiers, quantity));
        }
        Ok(Bill { micro_usd: lines.iter().map(|line| line.micro_usd).sum(), lines })
    }
}

fn tiered<'a>(address: &Address, tiers: &'a [Price], quantity: Decimal) -> Vec<Line<'a>> {
    let ends = tiers.iter().skip(1).map(|next| next.from).chain([Decimal::MAX]);
    let parts = tiers.iter().zip(ends).filter(|(price, _)| price.from < quantity);
    let line = |(price, end): (&'a Price, Decimal)| {
        let quantity = quantity.min(end) - price.from;
        Line { address: address.clone(), price, quantity, micro_usd: micros(quantity, price.usd) }
    };
    parts.map(line).collect()
}

/// Millionths of a USD, rounded half up.
fn micros(quantity: Decimal, usd: Decimal) -> u128 {
    let product = quantity.saturating_mul(usd).saturating_mul(Decimal::from(1_000_000));
    product.round_dp_with_strategy(0, RoundingStrategy::MidpointAwayFromZero).to_u128().unwrap_or(u128::MAX)
}

impl Bill<'_> {
    /// As the plan tells it.
    pub fn cost(&self) -> Cost {
        let item = |line: &Line<'_>| CostItem {
            address: line.address.clone(),
            sku: line.price.sku.to_string(),
            quantity: line.amount(),
            unit: line.price.unit.to_string(),
            unit_usd: line.price.usd.normalize().to_string(),
            monthly_usd: usd(line.micro_usd),
            as_of: line.price.as_of.to_string(),
            status: if line.price.confirmed { "confirmed" } else { "unconfirmed" }.to_owned(),
            source: line.price.source.to_string(),
        };
        let items = self.lines.iter().map(item).collect();
        Cost { monthly_usd: cents(self.micro_usd), items }
    }
}

/// `0.017002`, to the millionth.
fn usd(micro: u128) -> String {
    let text = format!("{}.{:06}", micro / 1_000_000, micro % 1_000_000);
    let short = text.trim_end_matches('0');
    let digits = short.rsplit('.').next().map_or(0, str::len);
    format!("{short}{}", "0".repeat(2_usize.saturating_sub(digits)))
}

/// `412.70`, rounded up to a cent.
pub fn cents(micro: u128) -> String {
    let cents = micro.div_ceil(10_000);
    format!("{}.{:02}", cents / 100, cents % 100)
}

#[cfg(test)]
mod tests {
    use super::{Charge, Price, Prices};
    use crate::Day;
    use appia_intent::Address;
    use rust_decimal::Decimal;

    fn row(sku: &'static str, from: u64, usd: &str) -> Price {
        Price {
            sku: sku.into(),
            unit: "gib".into(),
            from: from.into(),
            usd: usd.parse().unwrap(),
            as_of: Day::from_number(20_000),
            confirmed: true,
            source: "test".into(),
        }
    }

    #[test]
    fn tiers_are_counted_and_allowances_are_not() {
        let prices = Prices::new([row("out", 0, "0"), row("out", 100, "0.09"), row("out", 1000, "0.05")]);
        let address = Address::parse("app");
        let charge = |quantity: u64| Charge::new(&address, "out", quantity);
        let bill = prices.bill([charge(1000), charge(200)]).unwrap();
        assert_eq!(bill.micro_usd, 1000 * 90_000 + 200 * 50_000);
        assert_eq!(bill.cost().monthly_usd, "100.00");
        let items: Vec<(f64, String)> =
            bill.cost().items.into_iter().map(|item| (item.quantity, item.monthly_usd)).collect();
        assert_eq!(items, [(1000.0, "90.00".to_owned()), (200.0, "10.00".to_owned())]);
        assert!(prices.bill([Charge::new(&address, "in", Decimal::ONE)]).is_err());
    }
}
