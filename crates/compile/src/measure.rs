//! From what was counted while load rose to what each thing does for a request: processor time and its variability.
//!
//! Called by the verb `measure`, which drives and counts; pure arithmetic here. Start reading at [`estimate`].

mod fit;

use std::collections::BTreeMap;

use appia_intent::Address;

pub use fit::{Fit, fit};

/// A stretch of time at one rate.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Stretch {
    /// How long.
    pub seconds: f64,
    /// Whether as many requests were answered as came: else what was counted says nothing about times.
    pub kept_up: bool,
    /// What happened at each workload and resource.
    pub things: BTreeMap<Address, Counted>,
}

/// What happened at a workload or resource in a stretch.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct Counted {
    /// Seconds of processor.
    pub cpu: f64,
    /// Requests that ended there; not known of resources.
    pub requests: f64,
    /// Seconds that those took, added up.
    pub time: f64,
    /// The squares of those, added up.
    pub squares: f64,
}

/// Calls or uses as the plan expects them.
#[derive(Debug, Clone, PartialEq)]
pub struct Calls {
    /// Who calls.
    pub from: Address,
    /// Whom.
    pub to: Address,
    /// For each request.
    pub visits: f64,
}

/// What a thing does for a request.
#[derive(Debug, Clone, PartialEq)]
pub struct Estimate {
    /// Seconds of processor over the rate: slope, its standard error, and what is taken without requests.
    pub demand: Fit,
    /// Squared coefficient of variation of its time of service; none: it could not be told.
    pub scv: Option<f64>,
    /// Requests, or uses, that were counted.
    pub requests: f64,
    /// How often it called a workload that nobody else calls.
    pub calls: BTreeMap<Address, f64>,
}

/// Below this part of a response, what a workload does itself is lost in what it calls.
const OWN: f64 = 0.2;

/// Estimates everything that requests reached. What cannot be told apart from noise is left out.
///
/// Demand is the slope of processor time over rate (least squares), so that what is taken without requests falls out.
/// The rate of a resource is that of its callers times their visits.
pub fn estimate(stretches: &[Stretch], calls: &[Calls]) -> BTreeMap<Address, Estimate> {
    let measuring = Measuring { stretches, calls };
    let names: std::collections::BTreeSet<&Address> =
        stretches.iter().flat_map(|stretch| stretch.things.keys()).collect();
    let mut found = BTreeMap::new();
    for name in names {
        if let Some(estimate) = measuring.demand(name) {
            found.insert(name.clone(), estimate);
        }
    }
    measuring.variability(&mut found);
    found
}

struct Measuring<'a> {
    stretches: &'a [Stretch],
    calls: &'a [Calls],
}

impl Measuring<'_> {
    fn demand(&self, name: &Address) -> Option<Estimate> {
        let points: Vec<(f64, f64)> =
            self.stretches.iter().filter_map(|stretch| self.point(stretch, name)).collect();
        let demand = fit(&points)?;
        let requests = self.stretches.iter().map(|stretch| self.requests(stretch, name)).sum();
        // Twice its standard error: what is less may as well be nothing.
        (demand.slope > 2.0 * demand.error).then(|| Estimate {
            demand,
            scv: None,
            requests,
            calls: self.visits(name),
        })
    }

    /// Requests a second and processors busy.
    fn point(&self, stretch: &Stretch, name: &Address) -> Option<(f64, f64)> {
        let counted = stretch.things.get(name)?;
        Some((self.requests(stretch, name) / stretch.seconds, counted.cpu / stretch.seconds))
    }

    fn requests(&self, stretch: &Stretch, name: &Address) -> f64 {
        let own = stretch.things.get(name).map_or(0.0, |counted| counted.requests);
        if !is_resource(name) {
            return own;
        }
        let uses = self.calls.iter().filter(|call| call.to == *name);
        uses.map(|call| call.visits * self.requests(stretch, &call.from)).sum()
    }

    /// How often a workload really calls another: counted, where it is the only one that does.
    fn visits(&self, from: &Address) -> BTreeMap<Address, f64> {
        let total = |name: &Address| -> f64 {
            self.stretches.iter().map(|stretch| self.requests(stretch, name)).sum()
        };
        let mine = self
            .calls
            .iter()
            .filter(|call| call.from == *from && !is_resource(&call.to) && self.is_only(call));
        let visits =
            mine.filter(|_| total(from) > 0.0).map(|call| (call.to.clone(), total(&call.to) / total(from)));
        visits.collect()
    }

    fn is_only(&self, of: &Calls) -> bool {
        self.calls.iter().all(|call| call.to != of.to || call.from == of.from)
    }

    /// By the times of the gateway, which stand for times of service while there is hardly any waiting; what it waited
    /// all the same counts as variability, the safe side.
    fn variability(&self, found: &mut BTreeMap<Address, Estimate>) {
        let names: Vec<Address> = found.keys().filter(|name| !is_resource(name)).cloned().collect();
        for name in names {
            let each = self.stretches.iter().filter(|stretch| stretch.kept_up);
            let mut each: Vec<f64> = each.filter_map(|stretch| self.scv(stretch, &name, found)).collect();
            each.sort_by(f64::total_cmp);
            // What else the machine did only adds: the lower of the two in the middle.
            let Some(scv) = each.get(each.len().saturating_sub(1) / 2).copied() else { continue };
            let resources = self.uses(&name).map(|call| call.to.clone());
            for of in std::iter::once(name.clone()).chain(resources.collect::<Vec<_>>()) {
                if let Some(estimate) = found.get_mut(&of) {
                    estimate.scv = Some(estimate.scv.map_or(scv, |known| known.max(scv)));
                }
            }
        }
    }

    /// The variability that a workload and the resources it uses have in common in a stretch.
    ///
    /// Its own time T is that of a response without that of the workloads it calls (independent of each other, so means
    /// and variances subtract). T is a sum of parts, its own and one for each resource, as long as their demands p1, p2
    /// ... (shares of T); if each part varies by s, then Var(T) / E(T)^2 = s (p1^2 + p2^2 + ...).
    fn scv(&self, stretch: &Stretch, name: &Address, found: &BTreeMap<Address, Estimate>) -> Option<f64> {
        let whole = stretch.things.get(name)?.moments()?;
        let mut own = whole;
        let counted = self.visits(name);
        for call in self.calls.iter().filter(|call| call.from == *name && !is_resource(&call.to)) {
            let callee = stretch.things.get(&call.to)?.moments().unwrap_or_default();
            let visits = counted.get(&call.to).copied().unwrap_or(call.visits);
            own = (own.0 - visits * callee.0, own.1 - visits * callee.1);
        }
        if own.0 < OWN * whole.0 || own.1 <= 0.0 {
            // It calls at the same time, or what it does itself is too little to see.
            return Some(whole.1 / (whole.0 * whole.0));
        }
        let demand = |name: &Address| found.get(name).map_or(0.0, |estimate| estimate.demand.slope);
        let parts =
            std::iter::once(demand(name)).chain(self.uses(name).map(|call| call.visits * demand(&call.to)));
        let parts: Vec<f64> = parts.collect();
        let total: f64 = parts.iter().sum();
        let concentration: f64 = parts.iter().map(|part| (part / total) * (part / total)).sum();
        Some(own.1 / (own.0 * own.0) / concentration)
    }

    fn uses(&self, name: &Address) -> impl Iterator<Item = &Calls> {
        self.calls.iter().filter(move |call| call.from == *name && is_resource(&call.to))
    }
}

impl Counted {
    /// Mean and variance of its times; none without requests.
    fn moments(&self) -> Option<(f64, f64)> {
        let mean = self.time / self.requests;
        (self.requests >= 2.0 && mean > 0.0)
            .then(|| (mean, (self.squares / self.requests - mean * mean).max(0.0)))
    }
}

fn is_resource(name: &Address) -> bool {
    name.as_str().starts_with("resources.")
}

#[cfg(test)]
mod tests {
    use super::{Calls, Counted, Stretch, estimate};
    use appia_intent::Address;

    /// A page that calls an api twice, which asks a database three times; 10, 8 and 2 ms, and 100 ms a second without
    /// requests.
    fn stretch(rate: f64) -> Stretch {
        let seconds = 10.0;
        let thing = |visits: f64, demand: f64, (mean, scv): (f64, f64)| Counted {
            cpu: (rate * visits * demand + 0.1) * seconds,
            requests: rate * visits * seconds,
            time: rate * visits * seconds * mean,
            squares: rate * visits * seconds * (mean * mean * (1.0 + scv)),
        };
        // The api: 8 ms of its own and 6 of the database, each with scv 2: Var = 2 (8^2 + 6^2), so scv is 200 / 14^2.
        let api = (0.014, 200.0 / 196.0);
        // The page: 10 ms with scv 2, and two of those.
        let (mean, variance) = (0.010 + 2.0 * 0.014, 2.0 * 100e-6 + 2.0 * 200e-6);
        let database = Counted { requests: 0.0, ..thing(6.0, 0.002, (0.0, 0.0)) };
        let things = [
            ("workloads.web", thing(1.0, 0.010, (mean, variance / mean / mean))),
            ("workloads.api", thing(2.0, 0.008, api)),
            ("resources.db", database),
        ];
        let things = things.map(|(name, counted)| (Address::parse(name), counted));
        Stretch { seconds, kept_up: true, things: things.into() }
    }

    fn calls() -> Vec<Calls> {
        let call = |from: &str, to: &str, visits| Calls {
            from: Address::parse(from),
            to: Address::parse(to),
            visits,
        };
        // The file says that the page calls once.
        vec![call("workloads.web", "workloads.api", 1.0), call("workloads.api", "resources.db", 3.0)]
    }

    #[test]
    fn finds_what_was_put_in() {
        let stretches: Vec<Stretch> = [0.0, 10.0, 20.0, 30.0].map(stretch).into();
        let found = estimate(&stretches, &calls());
        for (name, demand) in [("workloads.web", 0.010), ("workloads.api", 0.008), ("resources.db", 0.002)] {
            let one = &found[&Address::parse(name)];
            assert!(
                (one.demand.slope - demand).abs() < 1e-9 && (one.demand.intercept - 0.1).abs() < 1e-9,
                "{one:?}"
            );
            assert!((one.scv.unwrap() - 2.0).abs() < 1e-9, "{name}: {one:?}");
        }
        assert_eq!(found[&Address::parse("workloads.web")].calls[&Address::parse("workloads.api")], 2.0);
    }

    #[test]
    fn what_did_not_keep_up_says_nothing_about_times() {
        let mut stretches: Vec<Stretch> = [0.0, 10.0, 20.0].map(stretch).into();
        stretches.iter_mut().for_each(|stretch| stretch.kept_up = false);
        assert!(estimate(&stretches, &calls()).values().all(|one| one.scv.is_none()));
    }

    #[test]
    fn noise_is_no_demand() {
        let mut stretches: Vec<Stretch> = [0.0, 10.0, 20.0, 30.0].map(stretch).into();
        for (stretch, cpu) in stretches.iter_mut().zip([0.3, 0.1, 0.3, 0.2]) {
            stretch.things.get_mut(&Address::parse("workloads.web")).unwrap().cpu = cpu;
        }
        assert!(!estimate(&stretches, &calls()).contains_key(&Address::parse("workloads.web")));
    }

    #[test]
    fn calls_of_several_cannot_be_told_apart() {
        let stretches: Vec<Stretch> = [0.0, 10.0].map(stretch).into();
        let mut calls = calls();
        calls.push(Calls { from: Address::parse("workloads.other"), ..calls[0].clone() });
        assert!(estimate(&stretches, &calls).values().all(|one| one.calls.is_empty()));
    }
}
