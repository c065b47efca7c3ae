//! What candidates emit, and what a kilogram has to be worth so that a promise about carbon is kept.
//!
//! Called by `decide` where the outcomes speak of carbon, and nowhere else. A kilogram of CO2 equivalent gets a price
//! beside the one in USD: none for a limit that the cheapest keeps anyway, the least that keeps it otherwise, and for
//! `prefer-low` the most that the budget can bear. Start reading at [`search`].

use appia_intent::{Address, Carbon};
use appia_plan::{Bought, Capacity, Form, Rate};

use super::decide::{Case, Decision};
use super::load::{Fit, Graph, Thing, Work};
use super::relax::budget;
use crate::meter::{Line, Meter};

/// USD for a kilogram at which hardly anything but carbon counts.
const MOST: f64 = 10_000.0;

/// USD for a kilogram below which carbon decides nothing.
const LEAST: f64 = 0.001;

/// Halvings of the price of a kilogram, on a logarithmic scale.
const HALVINGS: u32 = 12;

/// Requests and seconds of service that are enough to tell what one second emits.
const MANY: u64 = 1_000_000;

/// What something that could be chosen emits in a month, as a linear rule.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub(super) struct Emitted {
    /// A replica that does nothing.
    replica_kg: f64,
    /// A replica that never rests, beyond that.
    busy_kg: f64,
    /// Its storage.
    stored_kg: f64,
    /// A second of service, where that is paid for.
    second_kg: f64,
}

impl Emitted {
    /// So many replicas that are so busy on average.
    pub(super) fn of_replicas(&self, replicas: u32, utilisation: f64) -> f64 {
        f64::from(replicas) * (self.replica_kg + utilisation * self.busy_kg) + self.stored_kg
    }

    /// So many seconds of service.
    pub(super) fn of_service(&self, seconds: f64) -> f64 {
        self.second_kg * seconds
    }
}

/// Says of everything that could be chosen what it emits.
pub(super) fn weigh(graph: &mut Graph, capacity: &Capacity) {
    let Some(meter) = Meter::new(capacity) else { return };
    for Thing { work, .. } in &mut graph.things {
        let fits = std::mem::take(&mut work.fits);
        work.fits = fits.into_iter().map(|fit| weighed(fit, work, (&meter, capacity))).collect();
    }
}

fn weighed(fit: Fit, work: &Work, (meter, capacity): (&Meter<'_>, &Capacity)) -> Fit {
    let mut emitted = Emitted::default();
    let elastic = work.form == Form::Elastic;
    let bought = Bought {
        replicas: 1,
        cpu: fit.paid_cpu,
        memory: fit.memory,
        requests: if elastic { MANY } else { 0 },
        service_nanos: 1_000_000_000,
        ..Bought::default()
    };
    let by_processor = fit.rates.iter().any(|rate| rate.per == appia_plan::Per::BusyVcpu);
    let gib = fit.memory.get() as f64 / (1_u64 << 30) as f64;
    let ratio = if by_processor { 0.0 } else { fit.paid_cpu.millis() as f64 / 1_000.0 / gib.max(1e-9) };
    let kg = |rate: &Rate, bought: &Bought, utilisation: f64| {
        let unit = capacity.prices.first(&rate.sku).map_or("", |price| price.unit.as_ref());
        let quantity = rate.charge(&Address::parse("app"), bought).amount();
        let line = Line { sku: &rate.sku, unit, quantity, ratio: elastic.then_some(ratio) };
        let machine = meter.emissions.machine(&rate.sku);
        let hardware = meter.hardware(&line);
        hardware.map_or(0.0, |found| meter.emissions.footprint(&found, machine, utilisation).kg())
    };
    for rate in fit.rates.iter() {
        let (rest, busy) = (kg(rate, &bought, 0.0), kg(rate, &bought, 1.0));
        if elastic {
            emitted.second_kg += busy / MANY as f64;
        } else {
            emitted.replica_kg += rest;
            emitted.busy_kg += busy - rest;
        }
        let storage = Bought { storage: work.storage, ..Bought::default() };
        emitted.stored_kg += kg(rate, &storage, 0.0);
    }
    Fit { emitted: Some(emitted), ..fit }
}

/// True when no limit is broken.
pub(super) fn is_kept(case: Case<'_>, decision: &Decision) -> bool {
    match (case.outcomes.carbon.as_ref().map(|carbon| carbon.value), decision.carbon_kg) {
        (Some(Carbon::Max(most)), Some(kg)) => kg <= most.grams() as f64 / 1_000.0,
        (Some(Carbon::Max(_) | Carbon::PreferLow) | None, _) => true,
    }
}

/// The cheapest decision that keeps what is promised about carbon, or the one nearest to it. `solve` decides at a price
/// of a kilogram.
pub(super) fn search(case: Case<'_>, solve: impl Fn(f64) -> Decision) -> Decision {
    let Some(carbon) = &case.outcomes.carbon else { return solve(0.0) };
    let budget = budget(case.outcomes);
    let affordable = |decision: &Decision| budget.is_none_or(|most| decision.micro_usd() <= most);
    match carbon.value {
        Carbon::Max(most) => {
            let within =
                |decision: &Decision| decision.carbon_kg.is_none_or(|kg| kg <= most.grams() as f64 / 1_000.0);
            let (cheapest, lowest) = (solve(0.0), solve(MOST));
            if within(&cheapest) || !within(&lowest) {
                return if within(&cheapest) { cheapest } else { lowest };
            }
            between(&solve, lowest, within)
        }
        Carbon::PreferLow => {
            let lowest = solve(MOST);
            if affordable(&lowest) {
                return lowest;
            }
            let cheapest = solve(0.0);
            if !affordable(&cheapest) {
                return cheapest;
            }
            between(&|price| solve(1.0 / price), cheapest, affordable)
        }
    }
}

/// The last decision on the way to the price of a kilogram (or to its reciprocal) from which on `holds`.
fn between(
    solve: &impl Fn(f64) -> Decision,
    mut found: Decision,
    holds: impl Fn(&Decision) -> bool,
) -> Decision {
    if found.graph.is_large() {
        return found;
    }
    let (mut low, mut high) = (libm::log(LEAST), libm::log(MOST));
    for _ in 0..HALVINGS {
        let middle = f64::midpoint(low, high);
        let tried = solve(libm::exp(middle));
        if holds(&tried) {
            (high, found) = (middle, tried);
        } else {
            low = middle;
        }
    }
    found
}
