//! Pass 5, carbon: what stands on the bill is hardware, and hardware takes energy and was made once.
//!
//! Called by the pipeline after the price pass; sizing uses the same [`Meter`] to weigh what it chooses from. What has no
//! hardware of its own in the tables (load balancers, ways out, queues, keys) is not counted. Start reading at [`count`].

use std::collections::BTreeMap;

use appia_intent::Address;
use appia_plan::model::{Carbon, CarbonItem, CostItem};
use appia_plan::phase::{CountedApp, PricedApp};
use appia_plan::{Capacity, Derived, Form, Input, Machine, Origin, Per, Reason, Reasons, Target};
use serde_json::{Value, json};

use crate::Nonsense;
use crate::meter::{Line, Meter, UNKNOWN_USE};
use crate::size::shown::quantised;

/// The value of a node that tells its part.
const VALUE: &str = "monthly_kg_co2e";

/// Counts what the bill's hardware emits, where that is known and outcomes ask for numbers.
pub(crate) fn count(mut app: PricedApp, target: &dyn Target) -> Result<CountedApp, Nonsense> {
    let capacity = crate::price::place(&app.lowered, target);
    let Some((meter, capacity)) = capacity.and_then(|capacity| Some((Meter::new(capacity)?, capacity)))
    else {
        return Ok(CountedApp { priced: app, carbon: None, values: BTreeMap::new() });
    };
    let Some((cost, promise)) = app.cost.as_ref().zip(app.lowered.sized.promise.as_ref()) else {
        return Ok(CountedApp { priced: app, carbon: None, values: BTreeMap::new() });
    };
    let counter = Counter { app: &app, capacity, meter: &meter, busy: busy(&app) };
    let counted: Vec<(CarbonItem, f64)> = cost.items.iter().filter_map(|item| counter.item(item)).collect();
    let total: f64 = counted.iter().map(|(_, kg)| kg).sum();
    if let Some(expected) = promise.carbon_kg
        && (expected - total).abs() > 1e-4 * total.abs().max(1.0)
    {
        return Err(Nonsense::Carbon(quantised(expected), quantised(total)));
    }
    let items: Vec<CarbonItem> = counted.into_iter().map(|(item, _)| item).collect();
    let values = reasoned(&items, capacity, &mut app.lowered.sized.frame.reasons);
    let carbon = Carbon { monthly_kg_co2e: quantised(total), items };
    Ok(CountedApp { priced: app, carbon: Some(carbon), values })
}

/// How busy each station is on average: as at peak, divided by how much higher the peak is.
fn busy(app: &PricedApp) -> BTreeMap<&Address, f64> {
    let Some(promise) = &app.lowered.sized.promise else { return BTreeMap::new() };
    let peak = promise.model.load.get("peak_to_mean").copied().unwrap_or(1.0);
    let stations = promise.model.stations.iter().map(|station| {
        let servers = f64::from(station.servers_per_replica) * f64::from(station.replicas.max(1));
        let busy = station.rate_rps * station.service_ms / 1_000.0 / servers;
        (&station.address, (busy / peak).min(1.0))
    });
    stations.collect()
}

struct Counter<'a> {
    app: &'a PricedApp,
    capacity: &'a Capacity,
    meter: &'a Meter<'a>,
    busy: BTreeMap<&'a Address, f64>,
}

impl Counter<'_> {
    /// A line of the bill, and exactly what it emits; none: no hardware of its own.
    fn item(&self, item: &CostItem) -> Option<(CarbonItem, f64)> {
        let elastic = self.elastic(&item.address);
        let line = Line { sku: &item.sku, unit: &item.unit, quantity: item.quantity, ratio: elastic };
        let hardware = self.meter.hardware(&line)?;
        let machine = self.meter.emissions.machine(&item.sku);
        // What is paid by the second of service is busy while it is paid for.
        let known = || self.busy.get(&item.address).copied().unwrap_or(UNKNOWN_USE);
        let utilisation = if elastic.is_some() { 1.0 } else { known() };
        let found = self.meter.emissions.footprint(&hardware, machine, utilisation);
        // Of what has no processors, a machine's figures say nothing.
        let shown = Some(machine).filter(|_| hardware.vcpu_hours > 0.0);
        let of = |figure: fn(&Machine) -> f64| shown.map_or(0.0, figure);
        let counted = CarbonItem {
            address: item.address.clone(),
            sku: item.sku.clone(),
            vcpu_hours: quantised(hardware.vcpu_hours),
            memory_gib_hours: quantised(hardware.gib_hours),
            storage_tib_hours: quantised(hardware.tib_hours),
            network_gib: quantised(hardware.gib_out),
            utilisation: if shown.is_some() { quantised(utilisation) } else { 0.0 },
            idle_w: of(|machine| machine.idle_w),
            full_w: of(|machine| machine.full_w),
            embodied_kg_per_vcpu_hour: quantised(of(|machine| machine.embodied_kg)),
            kwh: quantised(found.kwh),
            monthly_kg_co2e: quantised(found.kg()),
            source: shown.map_or_else(String::new, |machine| machine.source.clone()),
        };
        Some((counted, found.kg()))
    }

    /// Processors for a GiB of memory of what has an instance for each request.
    fn elastic(&self, address: &Address) -> Option<f64> {
        let name = address.as_str().strip_prefix("workloads.")?;
        let workload = self.app.lowered.sized.workloads.get(name)?;
        let runner = self.capacity.runner(workload.resolved.stated.kind.value)?;
        if runner.form != Form::Elastic {
            return None;
        }
        if runner.rates.iter().any(|rate| rate.per == Per::BusyVcpu) {
            return Some(0.0);
        }
        let wanted = workload.size.as_ref().map(|size| size.get().as_str());
        let size = runner.sizes.iter().find(|size| wanted == Some(size.name.as_ref()));
        Some(size.and_then(crate::meter::ratio).unwrap_or(0.0))
    }
}

/// The sum of each workload and resource, with the figures that it follows from.
fn reasoned(
    items: &[CarbonItem],
    capacity: &Capacity,
    reasons: &mut Reasons,
) -> BTreeMap<Address, Vec<(&'static str, Derived<Value>)>> {
    let mut by_address: BTreeMap<&Address, Vec<&CarbonItem>> = BTreeMap::new();
    for item in items {
        by_address.entry(&item.address).or_default().push(item);
    }
    let told = by_address.into_iter().map(|(address, items)| {
        let kg: f64 = items.iter().map(|item| item.monthly_kg_co2e).sum();
        let derived = reasons.derive(json!(quantised(kg)), reason(address, &items, capacity));
        (address.clone(), vec![(VALUE, derived)])
    });
    told.collect()
}

fn reason(address: &Address, items: &[&CarbonItem], capacity: &Capacity) -> Reason {
    let kwh: f64 = items.iter().map(|item| item.kwh).sum();
    let embodied: f64 = items.iter().map(|item| item.embodied_kg_per_vcpu_hour * item.vcpu_hours).sum();
    let text = format!(
        "{} kWh a month, the data centre's own included, times the grid's carbon, and {} kg for making the machines",
        quantised(kwh),
        quantised(embodied)
    );
    let mut reason = Reason::new("carbon/footprint", text);
    for item in items.iter().filter(|item| item.vcpu_hours > 0.0) {
        reason = reason.input(address.field("vcpu_hours"), item.vcpu_hours, of_bill(item));
        let average = Origin::Default("as at peak divided by `peak_to_mean`; half where no request is known to come, busy while served where seconds of service are paid for".into());
        reason = reason.input(address.field("mean_utilisation"), item.utilisation, average);
        let watts = format!("{} W idle, {} W full, for a processor", item.idle_w, item.full_w);
        reason = reason.input(address.field("watts"), watts, Origin::Default(item.source.clone().into()));
    }
    for (name, amount) in [
        ("memory_gib_hours", items.iter().map(|item| item.memory_gib_hours).sum::<f64>()),
        ("storage_tib_hours", items.iter().map(|item| item.storage_tib_hours).sum()),
        ("network_gib", items.iter().map(|item| item.network_gib).sum()),
    ] {
        if amount > 0.0 {
            let origin = Origin::Default("quantities of the bill, in hours of a month of 730".into());
            reason = reason.input(address.field(name), quantised(amount), origin);
        }
    }
    reason.inputs.extend(facts(capacity));
    reason
}

fn of_bill(item: &CarbonItem) -> Origin {
    Origin::Default(format!("the bill's line `{}`", item.sku).into())
}

/// The figures of the place.
fn facts(capacity: &Capacity) -> Vec<Input> {
    let Some(emissions) = &capacity.emissions else { return Vec::new() };
    let figures = [
        ("grid_kg_per_kwh", &emissions.grid),
        ("pue", &emissions.pue),
        ("memory_w_per_gib", &emissions.memory),
        ("storage_kwh_per_tib_hour", &emissions.storage),
        ("network_kwh_per_gib", &emissions.network),
    ];
    let input = |(name, fact): (&str, &appia_plan::Fact<f64>)| Input {
        name: Address::parse("target").field(name),
        value: json!(fact.value),
        origin: Origin::Default(fact.source.clone()),
    };
    figures.into_iter().map(input).collect()
}
