//! What hardware stands behind a line of a bill: read off its unit and the catalogue, with no words of any place.
//!
//! Used by the carbon pass for the bill and by sizing for what it could choose. It knows nothing of load.

use std::collections::HashMap;

use appia_plan::{Capacity, Class, Emissions, Hardware, Per, Rate, Size, TIB_HOURS_A_GIB_MONTH};

/// How busy processors are taken to be where no request is known to come: Cloud Carbon Footprint's own assumption.
pub(crate) const UNKNOWN_USE: f64 = 0.5;

/// Reads hardware off the bills of one place.
pub(crate) struct Meter<'a> {
    pub(crate) emissions: &'a Emissions,
    /// Processors and GiB of one unit of what is bought by the instance.
    instances: HashMap<&'a str, (f64, f64)>,
}

/// A line of a bill.
pub(crate) struct Line<'a> {
    pub(crate) sku: &'a str,
    pub(crate) unit: &'a str,
    pub(crate) quantity: f64,
    /// Where memory alone is paid for by the second of service: processors that come with each GiB.
    pub(crate) ratio: Option<f64>,
}

impl<'a> Meter<'a> {
    /// None: nobody knows what the place emits.
    pub(crate) fn new(capacity: &'a Capacity) -> Option<Meter<'a>> {
        let emissions = capacity.emissions.as_ref()?;
        let mut instances = HashMap::new();
        for class in capacity.servers.iter().flat_map(|server| &server.classes) {
            for rate in class.rates.iter() {
                instances.extend(instance(class, rate).map(|found| (rate.sku.as_ref(), found)));
            }
        }
        Some(Meter { emissions, instances })
    }

    /// None: no hardware of its own.
    pub(crate) fn hardware(&self, line: &Line<'_>) -> Option<Hardware> {
        let nothing = Hardware::default();
        let hours = line.quantity / if line.unit.ends_with("-second") { 3_600.0 } else { 1.0 };
        if let Some((processors, gib)) = self.instances.get(line.sku) {
            return Some(Hardware {
                vcpu_hours: processors * line.quantity,
                gib_hours: gib * line.quantity,
                ..nothing
            });
        }
        match line.unit {
            "vcpu-hour" | "vcpu-second" => Some(Hardware { vcpu_hours: hours, ..nothing }),
            "gib-hour" | "gib-second" => {
                let vcpu_hours = hours * line.ratio.unwrap_or(0.0);
                Some(Hardware { vcpu_hours, gib_hours: hours, ..nothing })
            }
            "gib-month" => {
                let kept = line.quantity * self.emissions.copies(line.sku);
                Some(Hardware { tib_hours: kept * TIB_HOURS_A_GIB_MONTH, ..nothing })
            }
            "gib" if self.emissions.outward.iter().any(|word| line.sku.contains(word)) => {
                Some(Hardware { gib_out: line.quantity, ..nothing })
            }
            _ => None,
        }
    }
}

/// Processors and GiB of one unit: a standby that is paid for with it is a second machine.
fn instance(class: &Class, rate: &Rate) -> Option<(f64, f64)> {
    let machines = match rate.per {
        Per::Replica if class.standby => 2.0,
        Per::Replica | Per::Nodes(_) => 1.0,
        Per::Vcpu | Per::Gib | Per::Storage | Per::Request | Per::BusyVcpu | Per::BusyGib => return None,
    };
    let gib = class.memory.value.get() as f64 / (1_u64 << 30) as f64;
    Some((machines * class.cpu.millis() as f64 / 1_000.0, machines * gib))
}

/// Processors for each GiB of a size.
pub(crate) fn ratio(size: &Size) -> Option<f64> {
    let memory = size.memory?.get() as f64 / (1_u64 << 30) as f64;
    (memory > 0.0).then(|| size.cpu.millis() as f64 / 1_000.0 / memory)
}
