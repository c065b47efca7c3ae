//! Pass 4, price: the target's objects are counted by its tables, and the total is held against what sizing took it to be.
//!
//! Called by the pipeline only. Whether figures are confirmed and young enough is told beside the plan, never in it.

use std::collections::BTreeSet;

use appia_diag::{Diagnostic, Diagnostics, codes};
use appia_plan::model::{Cost, CostItem};
use appia_plan::phase::{LoweredApp, PricedApp};
use appia_plan::{Capacity, Day, Target};

use crate::Nonsense;

/// Days after which a figure is looked up again.
const OLD: i64 = 180;

/// Names that are told of many.
const TOLD: usize = 5;

/// Counts the objects, where outcomes ask for numbers.
pub(crate) fn price(app: LoweredApp, target: &dyn Target) -> Result<PricedApp, Nonsense> {
    let Some(promise) = &app.sized.promise else { return Ok(PricedApp { lowered: app, cost: None }) };
    let Some(capacity) = place(&app, target) else { return Ok(PricedApp { lowered: app, cost: None }) };
    let charges = target.charges(&app.sized, &app.objects);
    let bill = capacity.prices.bill(charges).map_err(|error| Nonsense::Unpriced(error.to_string()))?;
    if bill.micro_usd != promise.micro_usd {
        return Err(Nonsense::Price(promise.micro_usd, bill.micro_usd));
    }
    let cost = bill.cost();
    Ok(PricedApp { lowered: app, cost: Some(cost) })
}

/// The catalogue of the chosen region.
pub(crate) fn place<'a>(app: &LoweredApp, target: &'a dyn Target) -> Option<&'a Capacity> {
    let region = app.sized.region.as_ref().map(|region| region.get().as_str());
    let is_there = |capacity: &&Capacity| capacity.region.as_ref().map(|found| found.name.as_ref()) == region;
    target.capacities().iter().find(is_there)
}

/// Says which prices nobody confirmed, and which are too old to be believed without looking.
pub(crate) fn warn(app: &PricedApp, target: &dyn Target, today: Option<Day>, sink: &mut Diagnostics) {
    let Some((cost, demand)) = app.cost.as_ref().zip(app.lowered.sized.frame.outcomes.demand.as_ref()) else {
        return;
    };
    let unconfirmed = named(cost, |item| item.status != "confirmed");
    if !unconfirmed.is_empty() {
        let message = format!(
            "of what {} costs, {} not confirmed: {}",
            target.name(),
            are(&unconfirmed),
            list(&unconfirmed)
        );
        let found = Diagnostic::new(codes::UNCONFIRMED, message).at(&demand.span);
        sink.push(
            found.help("each line item of the plan names its source; look it up before you promise a price"),
        );
    }
    let Some(today) = today else { return };
    let is_old = |item: &CostItem| item.as_of.parse::<Day>().is_ok_and(|day| today.since(day) > OLD);
    let old = named(cost, is_old);
    if !old.is_empty() {
        let message =
            format!("of what {} costs, {} older than {OLD} days: {}", target.name(), are(&old), list(&old));
        let found = Diagnostic::new(codes::OLD_FIGURE, message).at(&demand.span);
        sink.push(found.help(
            "a newer version of Appia may have newer prices; until then look them up at their sources",
        ));
    }
}

/// What is bought, each once, by name.
fn named(cost: &Cost, is: impl Fn(&CostItem) -> bool) -> Vec<&str> {
    let names: BTreeSet<&str> =
        cost.items.iter().filter(|item| is(item)).map(|item| item.sku.as_str()).collect();
    names.into_iter().collect()
}

fn are(names: &[&str]) -> String {
    match names.len() {
        1 => "1 price is".to_owned(),
        count => format!("{count} prices are"),
    }
}

fn list(names: &[&str]) -> String {
    let told: Vec<String> = names.iter().take(TOLD).map(|name| format!("`{name}`")).collect();
    let rest = names.len().saturating_sub(TOLD);
    let more = if rest > 0 { format!(" and {rest} more") } else { String::new() };
    format!("{}{more}", told.join(", "))
}
