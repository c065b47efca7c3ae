//! What becomes of each promise: as promised, as computed, and how far from breaking.
//!
//! Called by `size` after `decide`. A promise that this place says nothing about stays open (`met` is none), never met.

use std::collections::BTreeMap;

use appia_intent::units::Duration;
use appia_intent::{Address, Carbon, Demand};
use appia_plan::{OutcomeResult, cents, exchange};

use super::decide::{Case, Decision, Times, promises};
use super::load::Fit;
use super::problem::{holds, network};
use super::relax::{budget, scaled};
use super::{shown, work};

/// Halvings of an interval.
const HALVINGS: u32 = 14;

/// Each stated promise, in the order in which people are shown them.
pub(super) fn judge(case: Case<'_>, decision: &Decision) -> Vec<OutcomeResult> {
    let judge = Judge { case, decision };
    let results = [
        judge.load(),
        judge.availability(),
        judge.latency("latency_p50", |times| (times.p50, times.lost_p50)),
        judge.latency("latency_p95", |times| (times.p95, times.lost_p95)),
        judge.latency("latency_p99", |times| (times.p99, times.lost_p99)),
        judge.budget(),
        judge.recovery_point(),
        judge.recovery_time(),
        judge.carbon(),
    ];
    results.into_iter().flatten().collect()
}

struct Judge<'a> {
    case: Case<'a>,
    decision: &'a Decision,
}

impl Judge<'_> {
    fn load(&self) -> Option<OutcomeResult> {
        let demand = self.case.outcomes.demand.as_ref()?;
        let (name, promised, value) = match demand.value {
            Demand::Users(users) => ("users", users.to_string(), users as f64),
            Demand::Rate(rate) => ("rps", rate.to_string(), rate.per_second()),
        };
        if self.decision.graph.is_large() {
            let carried = self.decision.is_stable();
            let computed = carried.then(|| promised.clone());
            return Some(result(name, promised, (computed, None, Some(carried))));
        }
        let scale = self.most_load();
        let computed = format!("{} at most", shown::number(libm::floor(value * scale)));
        Some(result(name, promised, (Some(computed), Some(scale - 1.0), Some(scale >= 1.0))))
    }

    /// How many times the load the chosen sizes would hold within the promises; lines only where none is about time.
    fn most_load(&self) -> f64 {
        let promises = if self.decision.promises == promises(self.case.outcomes) {
            promises(self.case.outcomes)
        } else {
            Vec::new()
        };
        let at = |scale: f64| {
            let graph = scaled(&self.decision.graph, scale);
            let things = graph.things.iter().zip(&self.decision.chosen);
            let sizes = things.map(|(thing, chosen)| {
                super::candidates::one(thing, (chosen.replicas, &chosen.fit), self.case.terms)
            });
            holds(&graph, &sizes.collect::<Vec<_>>(), &promises, network(self.case.terms))
        };
        let (mut low, mut high) = (0.0, 1.0);
        while at(high) && high < 1e6 {
            (low, high) = (high, high * 2.0);
        }
        for _ in 0..HALVINGS {
            let middle = f64::midpoint(low, high);
            if at(middle) { low = middle } else { high = middle }
        }
        low
    }

    fn availability(&self) -> Option<OutcomeResult> {
        let promised = self.case.outcomes.availability.as_ref()?;
        let shown = promised.value.to_string();
        let Some(found) = self.decision.availability else {
            return Some(result("availability", shown, (None, None, None)));
        };
        let promise = promised.value.fraction();
        // The part of the time that may be lost that is not.
        let margin = 1.0 - (1.0 - found) / (1.0 - promise);
        Some(result(
            "availability",
            shown,
            (Some(shown::percent(found)), Some(margin), Some(found >= promise)),
        ))
    }

    /// The slowest entry counts, with a zone lost where that has to be possible.
    fn latency(&self, name: &str, of: impl Fn(&Times) -> (f64, f64)) -> Option<OutcomeResult> {
        let latency = &self.case.outcomes.latency;
        let stated = match name {
            "latency_p50" => &latency.p50,
            "latency_p95" => &latency.p95,
            _ => &latency.p99,
        };
        let stated = stated.as_ref()?;
        let promise = stated.value.as_millis_f64() / 1000.0;
        let slowest = |(a, b): (f64, f64), (c, d): (f64, f64)| (a.max(c), b.max(d));
        let (whole, lost) = self.decision.entries.iter().map(of).fold((0.0, 0.0), slowest);
        let computed = if self.case.terms.zones > 1 {
            format!("{}, {} with a zone lost", shown::seconds(whole), shown::seconds(lost))
        } else {
            shown::seconds(whole)
        };
        let margin = if lost.is_finite() { Some(1.0 - lost / promise) } else { None };
        // Found by inversion to eight digits, so the last of them decides nothing.
        let met = lost <= promise * (1.0 + 1e-6);
        Some(result(name, stated.value.to_string(), (Some(computed), margin, Some(met))))
    }

    fn budget(&self) -> Option<OutcomeResult> {
        let stated = self.case.outcomes.budget.as_ref()?;
        let most = budget(self.case.outcomes)?;
        let found = self.decision.micro_usd();
        let mut computed = format!("{} USD/month", cents(found));
        if let Some(rate) = exchange::rate(stated.value.amount.currency()) {
            let status = if rate.confirmed { "" } else { ", unconfirmed" };
            let worth = shown::number(rate.micro_usd as f64 / 1e6);
            computed.push_str(&format!(" ({} at {worth} USD of {}{status})", rate.currency, rate.as_of));
        }
        let margin = if most == 0 { 0.0 } else { 1.0 - found as f64 / most as f64 };
        Some(result("budget", stated.value.to_string(), (Some(computed), Some(margin), Some(found <= most))))
    }

    fn recovery_point(&self) -> Option<OutcomeResult> {
        let stated = self.case.outcomes.recovery.point.as_ref()?;
        self.recovery("recovery_rpo", stated.value, |fit| fit.recovery_point)
    }

    fn recovery_time(&self) -> Option<OutcomeResult> {
        let stated = self.case.outcomes.recovery.time.as_ref()?;
        self.recovery("recovery_rto", stated.value, |fit| fit.recovery_time)
    }

    /// The worst resource counts. A place that promises nothing leaves it open; without data nothing can be lost.
    fn recovery(
        &self,
        name: &str,
        promised: Duration,
        of: impl Fn(&Fit) -> Option<Duration>,
    ) -> Option<OutcomeResult> {
        let shown = promised.to_string();
        if self.case.terms.capacity.failures.is_none() {
            return Some(result(name, shown, (None, None, None)));
        }
        let worst: Option<Vec<_>> = self.servers().iter().map(of).collect();
        let Some(worst) = worst else {
            return Some(result(name, shown, (Some("no other copy".to_owned()), None, Some(false))));
        };
        let worst = worst.into_iter().max().unwrap_or_default();
        let margin = 1.0 - worst.as_millis_f64() / promised.as_millis_f64().max(1e-9);
        Some(result(name, shown, (Some(worst.to_string()), Some(margin), Some(worst <= promised))))
    }

    /// What each resource that holds data is: as chosen, or the first that there is where no request comes.
    fn servers(&self) -> Vec<Fit> {
        let things = self.decision.graph.things.iter().zip(&self.decision.chosen);
        let chosen: BTreeMap<&Address, &Fit> =
            things.map(|(thing, chosen)| (&thing.address, &chosen.fit)).collect();
        let found = self.case.app.resources.iter().filter_map(|(name, resource)| {
            let server = self.case.terms.capacity.server(resource.stated.kind.value.as_str())?;
            let resting = || work::classes(server, &self.case.outcomes.recovery).into_iter().next();
            chosen.get(&Address::resource(name)).map(|fit| (*fit).clone()).or_else(resting)
        });
        found.collect()
    }

    /// What nobody knows of a place stays open.
    fn carbon(&self) -> Option<OutcomeResult> {
        let stated = self.case.outcomes.carbon.as_ref()?;
        let shown = stated.value.to_string();
        let Some(kg) = self.decision.carbon_kg else {
            return Some(result("carbon", shown, (None, None, None)));
        };
        let computed = Some(format!("{}kg/month", shown::number(kg)));
        Some(match stated.value {
            Carbon::Max(most) => {
                let most = most.grams() as f64 / 1_000.0;
                let margin = if most > 0.0 { 1.0 - kg / most } else { 0.0 };
                result("carbon", shown, (computed, Some(margin), Some(kg <= most)))
            }
            Carbon::PreferLow => result("carbon", shown, (computed, None, Some(true))),
        })
    }
}

fn result(
    name: &str,
    promised: String,
    (computed, margin, met): (Option<String>, Option<f64>, Option<bool>),
) -> OutcomeResult {
    let address = Address::outcome(name);
    OutcomeResult { address, promised, computed, margin: margin.map(shown::quantised), met }
}
