//! What a place emits for what is bought there: Cloud Carbon Footprint's method, with its figures as data.
//!
//! A target states one [`Emissions`] for each region; sizing weighs candidates by it, the carbon pass counts the bill by
//! it. Source of the method: <https://www.cloudcarbonfootprint.org/docs/methodology>. Start reading at
//! [`Emissions::footprint`].

use crate::{Fact, HOURS_A_MONTH};

/// What a place emits.
#[derive(Debug, Clone, PartialEq)]
pub struct Emissions {
    /// Kilograms of CO2 equivalent for a kWh of its grid.
    pub grid: Fact<f64>,
    /// What a data centre takes for each unit that its machines take (power usage effectiveness).
    pub pue: Fact<f64>,
    /// Watts for a GiB of memory.
    pub memory: Fact<f64>,
    /// Kilowatt-hours for a TiB of storage and hour.
    pub storage: Fact<f64>,
    /// Kilowatt-hours for a GiB that leaves.
    pub network: Fact<f64>,
    /// What processors take and what making them emitted: the first whose word is in the name of what is bought.
    pub machines: Vec<Machine>,
    /// Copies that are kept of what is stored, by the beginning of the name of what is bought; one of anything else.
    pub copies: Vec<(&'static str, f64)>,
    /// Words in the names of what is bought to leave for people outside.
    pub outward: &'static [&'static str],
}

/// A kind of machine.
#[derive(Debug, Clone, PartialEq)]
pub struct Machine {
    /// A word in the name of what is bought; empty: any.
    pub word: &'static str,
    /// Watts of a processor that does nothing.
    pub idle_w: f64,
    /// Watts of a processor that never rests.
    pub full_w: f64,
    /// Kilograms that making and scrapping it emits, for each processor and hour of its life.
    pub embodied_kg: f64,
    /// Where that comes from.
    pub source: String,
}

/// Hardware behind a line of a bill, for a month.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct Hardware {
    /// Hours of processors.
    pub vcpu_hours: f64,
    /// Hours of GiB of memory.
    pub gib_hours: f64,
    /// Hours of TiB of storage, copies included.
    pub tib_hours: f64,
    /// GiB that leave.
    pub gib_out: f64,
}

/// What some hardware emits in a month.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct Footprint {
    /// Kilowatt-hours of the data centre.
    pub kwh: f64,
    /// Kilograms by energy.
    pub operational_kg: f64,
    /// Kilograms by making the machines.
    pub embodied_kg: f64,
}

impl Footprint {
    /// All of it.
    pub fn kg(&self) -> f64 {
        self.operational_kg + self.embodied_kg
    }
}

/// A machine that nobody knows anything of.
static UNKNOWN: Machine =
    Machine { word: "", idle_w: 0.0, full_w: 0.0, embodied_kg: 0.0, source: String::new() };

impl Emissions {
    /// The machine behind what is bought.
    pub fn machine(&self, sku: &str) -> &Machine {
        self.machines.iter().find(|machine| sku.contains(machine.word)).unwrap_or(&UNKNOWN)
    }

    /// Copies kept of what is stored under this name.
    pub fn copies(&self, sku: &str) -> f64 {
        let found = self.copies.iter().find(|(word, _)| sku.starts_with(word));
        found.map_or(1.0, |(_, copies)| *copies)
    }

    /// Energy is `(idle + utilisation x (full - idle)) x processor hours + memory + storage + network`, times the data
    /// centre's own; the grid makes carbon of it; the making of machines comes by processor and hour.
    ///
    /// ```
    /// use appia_plan::{Emissions, Fact, Hardware, Machine};
    /// let machine = Machine { word: "", idle_w: 1.0, full_w: 3.0, embodied_kg: 0.001, source: String::new() };
    /// let place = Emissions {
    ///     grid: Fact::new(0.5, ""), pue: Fact::new(1.2, ""), memory: Fact::new(0.4, ""), storage: Fact::new(0.0012, ""),
    ///     network: Fact::new(0.001, ""), machines: vec![machine.clone()], copies: Vec::new(), outward: &[],
    /// };
    /// let month = Hardware { vcpu_hours: 730.0, gib_hours: 1460.0, ..Hardware::default() };
    /// let found = place.footprint(&month, &machine, 0.5);
    /// // (2 W x 730 h + 0.4 W x 1460 h) / 1000 x 1.2
    /// assert!((found.kwh - 2.4528).abs() < 1e-9);
    /// assert!((found.kg() - (2.4528 * 0.5 + 0.73)).abs() < 1e-9);
    /// ```
    pub fn footprint(&self, hardware: &Hardware, machine: &Machine, utilisation: f64) -> Footprint {
        let watts = machine.idle_w + utilisation * (machine.full_w - machine.idle_w);
        let processors = watts * hardware.vcpu_hours / 1_000.0;
        let memory = self.memory.value * hardware.gib_hours / 1_000.0;
        let storage = self.storage.value * hardware.tib_hours;
        let network = self.network.value * hardware.gib_out;
        let kwh = (processors + memory + storage + network) * self.pue.value;
        Footprint {
            kwh,
            operational_kg: kwh * self.grid.value,
            embodied_kg: machine.embodied_kg * hardware.vcpu_hours,
        }
    }
}

/// Hours of TiB for a GiB that is kept all month.
pub const TIB_HOURS_A_GIB_MONTH: f64 = HOURS_A_MONTH as f64 / 1_024.0;
