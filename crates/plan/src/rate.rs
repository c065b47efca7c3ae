//! What a replica or a server costs, as a rule: so much of something for each processor, GiB, request.
//!
//! Sizing tries thousands of candidates, so this counts in whole numbers; the bill counts in decimals, and both round each
//! line once, half up, to millionths. Start reading at [`Rate::micro_usd`].

use std::borrow::Cow;

use appia_intent::Address;
use appia_intent::units::{Bytes, Cpu};
use rust_decimal::Decimal;
use rust_decimal::prelude::{FromPrimitive, ToPrimitive};

use crate::{Charge, HOURS_A_MONTH, Price};

/// Seconds in a month.
const SECONDS_A_MONTH: u64 = HOURS_A_MONTH * 3_600;

/// One line of what a replica costs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rate {
    /// What is bought.
    pub sku: Cow<'static, str>,
    /// For each what.
    pub per: Per,
    /// How many units of time a month has.
    period: u64,
    /// Millionths of a millionth of a USD.
    pico_usd: u128,
}

/// What a rate is for each of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Per {
    /// A replica that runs all month.
    Replica,
    /// So many machines for each replica, all month.
    Nodes(u32),
    /// A processor of a replica that runs all month.
    Vcpu,
    /// A GiB of a replica's memory, all month.
    Gib,
    /// A GiB of storage, all month.
    Storage,
    /// A request.
    Request,
    /// A second of one processor while a request is served.
    BusyVcpu,
    /// A second of one GiB while a request is served.
    BusyGib,
}

/// What is bought of a candidate.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Bought {
    /// How many.
    pub replicas: u32,
    /// Processors of each, as paid for.
    pub cpu: Cpu,
    /// Memory of each, as paid for.
    pub memory: Bytes,
    /// Storage.
    pub storage: Bytes,
    /// Requests a month.
    pub requests: u64,
    /// Billionths of a second that one is served.
    pub service_nanos: u64,
}

impl Rate {
    /// From a row of a table; its unit says how it counts time.
    pub fn new(price: &Price, per: Per) -> Rate {
        let period = match price.unit.rsplit('-').next() {
            _ if matches!(per, Per::Request | Per::BusyVcpu | Per::BusyGib | Per::Storage) => 1,
            Some("hour") => HOURS_A_MONTH,
            Some("second") => SECONDS_A_MONTH,
            _ => 1,
        };
        let pico = price.usd * Decimal::from(1_000_000_000_000_u64);
        Rate { sku: price.sku.clone(), per, period, pico_usd: pico.to_u128().unwrap_or(0) }
    }

    /// How much of it is bought a month, as a fraction.
    fn amount(&self, bought: &Bought) -> (u128, u128) {
        let running = u128::from(bought.replicas) * u128::from(self.period);
        let busy = u128::from(bought.requests) * u128::from(bought.service_nanos);
        match self.per {
            Per::Replica => (running, 1),
            Per::Nodes(count) => (running * u128::from(count), 1),
            Per::Vcpu => (running * u128::from(bought.cpu.millis()), 1_000),
            Per::Gib => (running * u128::from(bought.memory.get()), 1 << 30),
            Per::Storage => (u128::from(bought.storage.get()), 1 << 30),
            Per::Request => (u128::from(bought.requests), 1),
            Per::BusyVcpu => (busy / 1_000_000 * u128::from(bought.cpu.millis()), 1_000_000),
            // Of a request the micros of service are enough, and MiB of memory.
            Per::BusyGib => (busy / 1_000 * u128::from(bought.memory.mib()), 1_000_000 << 10),
        }
    }

    /// Millionths of a USD a month, rounded half up.
    pub fn micro_usd(&self, bought: &Bought) -> u128 {
        let (amount, parts) = self.amount(bought);
        let parts = parts * 1_000_000;
        amount.saturating_mul(self.pico_usd).saturating_add(parts / 2) / parts
    }

    /// The same as a line of a bill.
    pub fn charge(&self, address: &Address, bought: &Bought) -> Charge {
        let (amount, parts) = self.amount(bought);
        let quantity = Decimal::from_u128(amount)
            .zip(Decimal::from_u128(parts))
            .and_then(|(amount, parts)| amount.checked_div(parts));
        Charge { address: address.clone(), sku: self.sku.clone(), quantity: quantity.unwrap_or(Decimal::MAX) }
    }
}

#[cfg(test)]
mod tests {
    use super::{Bought, Per, Rate};
    use crate::{Day, Price, Prices};
    use appia_intent::Address;
    use appia_intent::units::{Bytes, Cpu};

    #[test]
    fn whole_numbers_and_decimals_agree() {
        let bought = Bought {
            replicas: 7,
            cpu: Cpu::from_millis(250),
            memory: Bytes::from_mib(512),
            storage: Bytes::from_mib(50 << 10),
            requests: 123_456_789,
            service_nanos: 8_123_457,
        };
        let address = Address::parse("workloads.api");
        for (unit, usd) in [("vcpu-hour", "0.04656"), ("gib-second", "0.0000133334"), ("hour", "0.798958176")]
        {
            for per in [
                Per::Replica,
                Per::Nodes(2),
                Per::Vcpu,
                Per::Gib,
                Per::Storage,
                Per::Request,
                Per::BusyVcpu,
                Per::BusyGib,
            ] {
                let price = Price {
                    sku: "x".into(),
                    unit: unit.into(),
                    from: 0.into(),
                    usd: usd.parse().unwrap(),
                    as_of: Day::from_number(0),
                    confirmed: true,
                    source: "test".into(),
                };
                let rate = Rate::new(&price, per);
                let prices = Prices::new([price]);
                let bill = prices.bill([rate.charge(&address, &bought)]).unwrap();
                assert_eq!(bill.micro_usd, rate.micro_usd(&bought), "{unit} {per:?}");
            }
        }
    }
}
