//! Reads a cloud's tables: prices, sizes, regions, promises, each a CSV with a header that a person keeps.
//!
//! Called once by the target that is asked for. Texts are part of the program, so what does not read is a fault that the
//! tests of the tables find; here such a row is left out. Start reading at [`Book`].

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::sync::Arc;

use appia_intent::units::{Bytes, Cpu, Duration};
use appia_plan::{Day, Fact, Price, Prices, Region, Size};
use csv::StringRecord;
use rust_decimal::Decimal;
use rust_decimal::prelude::ToPrimitive;

/// The tables of a cloud.
#[derive(Debug)]
pub(crate) struct Book {
    prices: BTreeMap<String, Vec<Price>>,
    compute: Vec<Row>,
    databases: Vec<Row>,
    regions: Vec<Row>,
    promises: Vec<Row>,
    failovers: Vec<Row>,
    carbon: Vec<Row>,
}

/// The texts of the tables.
#[derive(Debug)]
pub(crate) struct Texts {
    pub(crate) prices: &'static str,
    pub(crate) compute: &'static str,
    pub(crate) databases: &'static str,
    pub(crate) regions: &'static str,
    pub(crate) promises: &'static str,
    pub(crate) failovers: &'static str,
    pub(crate) carbon: &'static str,
}

/// The region of prices that hold everywhere.
const GLOBAL: &str = "global";

/// One row of a table, by the names of its columns.
#[derive(Debug, Clone)]
pub(crate) struct Row {
    header: Arc<StringRecord>,
    fields: StringRecord,
}

impl Row {
    /// A field; empty where there is none.
    pub(crate) fn text(&self, column: &str) -> &str {
        let place = self.header.iter().position(|name| name == column);
        place.and_then(|place| self.fields.get(place)).unwrap_or_default()
    }

    /// A field that outlives its table.
    pub(crate) fn owned(&self, column: &str) -> Cow<'static, str> {
        Cow::Owned(self.text(column).to_owned())
    }

    pub(crate) fn decimal(&self, column: &str) -> Option<Decimal> {
        self.text(column).parse().ok()
    }

    /// Processors.
    pub(crate) fn cpu(&self) -> Option<Cpu> {
        let millis = self.decimal("vcpu")? * Decimal::from(1_000);
        millis.round().to_u64().map(Cpu::from_millis)
    }

    /// Memory.
    pub(crate) fn memory(&self) -> Option<Bytes> {
        let mib = self.decimal("memory_gib")? * Decimal::from(1_024);
        mib.round().to_u64().map(Bytes::from_mib)
    }
}

impl Book {
    /// Reads the tables.
    pub(crate) fn read(texts: &Texts) -> Book {
        let mut prices: BTreeMap<String, Vec<Price>> = BTreeMap::new();
        for row in rows(texts.prices) {
            if let Some(price) = price(&row) {
                prices.entry(row.text("region").to_owned()).or_default().push(price);
            }
        }
        Book {
            prices,
            compute: rows(texts.compute),
            databases: rows(texts.databases),
            regions: rows(texts.regions),
            promises: rows(texts.promises),
            failovers: rows(texts.failovers),
            carbon: rows(texts.carbon),
        }
    }

    /// Each region, with how many zones it has.
    pub(crate) fn regions(&self) -> impl Iterator<Item = (Region, u32)> {
        self.regions.iter().map(|row| {
            let region = Region {
                name: row.owned("region"),
                place: row.owned("place"),
                country: row.owned("country"),
                jurisdiction: row.owned("jurisdiction"),
            };
            (region, row.text("zones").parse().unwrap_or(1))
        })
    }

    /// What everything costs in a region.
    pub(crate) fn prices(&self, region: &str) -> Prices {
        let of = |name: &str| self.prices.get(name).into_iter().flatten().cloned().collect::<Vec<_>>();
        Prices::new(of(region).into_iter().chain(of(GLOBAL)))
    }

    /// The sizes of an offering, by processors, then memory.
    pub(crate) fn sizes(&self, offering: &str) -> Vec<Size> {
        let rows = self.compute.iter().filter(|row| row.text("offering") == offering);
        let size =
            |row: &Row| Some(Size { name: row.owned("size"), cpu: row.cpu()?, memory: Some(row.memory()?) });
        let mut sizes: Vec<Size> = rows.filter_map(size).collect();
        sizes.sort_by_key(|size| (size.cpu, size.memory));
        sizes
    }

    /// The most replicas of an offering.
    pub(crate) fn most(&self, offering: &str) -> u32 {
        let row = self.compute.iter().find(|row| row.text("offering") == offering);
        row.and_then(|row| row.text("max_replicas").parse().ok()).unwrap_or(1)
    }

    /// The rows of a database offering and engine.
    pub(crate) fn databases(&self, offering: &str, engine: &str) -> impl Iterator<Item = &Row> {
        let is = move |row: &&Row| row.text("offering") == offering && row.text("engine") == engine;
        self.databases.iter().filter(is)
    }

    /// A published availability.
    pub(crate) fn promise(&self, offering: &str, condition: &str) -> Option<Fact<f64>> {
        let row = find(&self.promises, offering, condition)?;
        let value: f64 = row.text("availability").parse().ok()?;
        (value > 0.0).then(|| Fact { value, source: source(row).into() })
    }

    /// A published time.
    pub(crate) fn time(&self, offering: &str, condition: &str) -> Option<Fact<Duration>> {
        let row = find(&self.failovers, offering, condition)?;
        let millis = row.decimal("seconds")? * Decimal::from(1_000);
        let value = Duration::from_millis(millis.round().to_u64()?);
        Some(Fact { value, source: source(row).into() })
    }

    /// A figure of what machines take and emit.
    pub(crate) fn figure(&self, name: &str) -> Option<Fact<f64>> {
        let row = self.carbon.iter().find(|row| row.text("figure") == name)?;
        let source = format!("{} ({}, {})", row.text("source"), row.text("as_of"), row.text("status"));
        Some(Fact { value: row.text("value").parse().ok()?, source: source.into() })
    }

    /// Of a region: what a kWh of its grid emits in kilograms, and what a data centre takes beyond its machines.
    pub(crate) fn grid(&self, region: &str) -> Option<(Fact<f64>, Fact<f64>)> {
        let row = self.regions.iter().find(|row| row.text("region") == region)?;
        let status = row.text("status");
        let fact = |value: &str, source: String| {
            Some(Fact { value: row.text(value).parse().ok()?, source: source.into() })
        };
        let year = format!("{} ({}, {status})", row.text("grid_source"), row.text("grid_year"));
        Some((fact("grid_kg_per_kwh", year)?, fact("pue", row.text("pue_source").to_owned())?))
    }
}

fn find<'a>(rows: &'a [Row], offering: &str, condition: &str) -> Option<&'a Row> {
    rows.iter().find(|row| row.text("offering") == offering && row.text("condition") == condition)
}

/// `https://... (2026-08-14, unconfirmed: from memory)`.
fn source(row: &Row) -> String {
    let (status, note) = (row.text("status"), row.text("note"));
    let note = if note.is_empty() { String::new() } else { format!(": {note}") };
    format!("{} ({}, {status}{note})", row.text("url"), row.text("as_of"))
}

fn price(row: &Row) -> Option<Price> {
    Some(Price {
        sku: row.owned("sku"),
        unit: row.owned("unit"),
        from: row.decimal("tier_from")?,
        usd: row.decimal("usd")?,
        as_of: row.text("as_of").parse::<Day>().ok()?,
        confirmed: row.text("status") == "confirmed",
        source: row.owned("source"),
    })
}

/// The rows below the header.
fn rows(text: &str) -> Vec<Row> {
    let mut reader = csv::Reader::from_reader(text.as_bytes());
    let header = Arc::new(reader.headers().cloned().unwrap_or_default());
    let row = |fields: StringRecord| Row { header: Arc::clone(&header), fields };
    reader.records().filter_map(|fields| fields.ok().map(row)).collect()
}

#[cfg(test)]
mod tests {
    use super::rows;

    #[test]
    fn fields_are_found_by_the_names_of_their_columns() {
        let rows = rows("sku,note\nnat,\"per hour, each\"\nlb,\n");
        let notes: Vec<(&str, &str)> = rows.iter().map(|row| (row.text("sku"), row.text("note"))).collect();
        assert_eq!(notes, [("nat", "per hour, each"), ("lb", "")]);
        assert_eq!(rows.first().map(|row| row.text("nothing")), Some(""));
    }
}
