//! What would help where promises cannot be kept: for each the smallest change of it alone, and the cheapest change.
//!
//! Called by `decide` for the nearest promises about time, and by `judge` when one of all promises is broken. It solves
//! the same problem again with one thing changed. Start reading at [`infeasible`].

use appia_intent::{Address, Demand, Outcomes};
use appia_plan::model::{Change, Infeasible, Relaxation};
use appia_plan::{OutcomeResult, cents, exchange};
use serde_json::{Value, json};

use super::carbon;
use super::decide::{Case, Decision, promises, solve};
use super::load::Graph;
use super::problem::{Problem, Promised, State, network, stops};
use super::shown;
use crate::queueing::Journeys;

/// Halvings of an interval.
const HALVINGS: u32 = 12;

/// Room above the fastest that is possible at all, so that the fastest of everything is not needed.
const ROOM: f64 = 1.01;

/// The promises, each no harder than what the fastest of everything keeps.
pub(super) fn nearest(problem: &Problem<'_>) -> Vec<Promised> {
    let (_, most) = problem.extremes();
    let stops = stops(problem.graph, &problem.chosen(&most), (State::ZoneLost, network(problem.terms)));
    let journeys = Journeys::new(&stops, &problem.graph.places());
    let possible = |share: f64| libm::ceil(journeys.slowest(share) * ROOM * 1000.0) / 1000.0;
    let promises = problem.promises.iter().map(|(share, time)| (*share, time.max(possible(*share))));
    promises.filter(|(_, time)| time.is_finite()).collect()
}

/// Why outcomes cannot be met and what would help; none when they are.
pub(super) fn infeasible(
    case: Case<'_>,
    decision: &Decision,
    results: &[OutcomeResult],
) -> Option<Infeasible> {
    let broken: Vec<&OutcomeResult> = results.iter().filter(|result| result.met == Some(false)).collect();
    let binding = broken.first()?;
    let relaxer = Relaxer { case, decision };
    let mut relaxations = Vec::new();
    if !decision.graph.is_large() {
        relaxations = relaxer.of_each(results);
        relaxations.extend(relaxer.stated_numbers());
        relaxations.extend(relaxer.databases());
    }
    let mut cheapest = relaxer.cheapest(&broken, &relaxations);
    if relaxations.is_empty() && !decision.graph.is_large() {
        relaxations = relaxer.together();
        let monthly_usd = relaxations.first().map(|one| one.monthly_usd.clone());
        cheapest = monthly_usd.map(|monthly_usd| Change { changes: relaxations.clone(), monthly_usd });
    }
    let message = match &binding.computed {
        Some(computed) => format!(
            "`{}` is promised as {}, and what can be kept here is {computed}",
            binding.address, binding.promised
        ),
        None => format!("`{}` is promised as {}, and cannot be kept here", binding.address, binding.promised),
    };
    Some(Infeasible { binding: binding.address.clone(), message, relaxations, cheapest })
}

struct Relaxer<'a> {
    case: Case<'a>,
    decision: &'a Decision,
}

impl Relaxer<'_> {
    /// For each broken promise how far it would have to give; for a price, also what else would bring it down.
    fn of_each(&self, results: &[OutcomeResult]) -> Vec<Relaxation> {
        let is_broken = |name: &str| {
            results.iter().any(|result| result.address.last() == name && result.met == Some(false))
        };
        let mut found = Vec::new();
        for (name, share) in [("latency_p50", 0.50), ("latency_p95", 0.95), ("latency_p99", 0.99)] {
            if is_broken(name) || (is_broken("budget") && results.iter().any(|r| r.address.last() == name)) {
                found.extend(self.time(name, share, is_broken(name)));
            }
        }
        let slow = ["latency_p50", "latency_p95", "latency_p99"].into_iter().any(is_broken);
        if slow || is_broken("budget") || is_broken("carbon") || is_broken("rps") || is_broken("users") {
            found.extend(self.load());
        }
        for name in ["availability", "budget", "recovery_rpo", "recovery_rto", "carbon"] {
            let broken = results.iter().find(|result| result.address.last() == name);
            found.extend(broken.filter(|result| result.met == Some(false)).map(|result| self.given(result)));
        }
        found
    }

    /// The nearest time that can be kept; within the budget when that is what breaks.
    fn time(&self, name: &str, share: f64, broken: bool) -> Option<Relaxation> {
        let stated = promises(self.case.outcomes).into_iter().find(|(of, _)| *of == share)?.1;
        let (to, monthly) = if broken {
            let to = self.decision.promises.iter().find(|(of, _)| *of == share)?.1;
            (to, self.decision.micro_usd())
        } else {
            self.within_budget(share, stated)?
        };
        Some(Relaxation {
            address: Address::outcome(name),
            from: json!(shown::seconds(stated)),
            to: json!(shown::seconds(to)),
            monthly_usd: cents(monthly),
        })
    }

    /// The shortest time, at this percentile, that the budget pays for.
    fn within_budget(&self, share: f64, stated: f64) -> Option<(f64, u128)> {
        let budget = budget(self.case.outcomes)?;
        let price = |time: f64| {
            let relaxed = promises(self.case.outcomes);
            let relaxed = relaxed.into_iter().map(|(of, old)| (of, if of == share { time } else { old }));
            let found = solve(self.decision.graph.clone(), self.case, relaxed.collect());
            found.micro_usd()
        };
        let most = stated * 20.0;
        if price(most) > budget {
            return None;
        }
        let (mut low, mut high) = (stated, most);
        for _ in 0..HALVINGS {
            let middle = f64::midpoint(low, high);
            if price(middle) > budget { low = middle } else { high = middle }
        }
        let high = libm::ceil(high * 1000.0) / 1000.0;
        Some((high, price(high)))
    }

    /// The most load that every promise about time, money and carbon can be kept at.
    fn load(&self) -> Option<Relaxation> {
        let at = |scale: f64| {
            let found = solve(scaled(&self.decision.graph, scale), self.case, promises(self.case.outcomes));
            let kept = found.is_stable() && found.promises == promises(self.case.outcomes);
            let price = found.micro_usd();
            let paid = budget(self.case.outcomes).is_none_or(|budget| price <= budget);
            (kept && paid && carbon::is_kept(self.case, &found)).then_some(price)
        };
        let (mut low, mut high) = (0.0, 1.0);
        let mut price = at(0.001)?;
        for _ in 0..HALVINGS {
            let middle = f64::midpoint(low, high);
            match at(middle) {
                Some(found) => (low, price) = (middle, found),
                None => high = middle,
            }
        }
        let demand = self.case.outcomes.demand.as_ref()?;
        let (name, from, to) = match demand.value {
            Demand::Users(users) => ("users", json!(users), json!(libm::floor(users as f64 * low))),
            Demand::Rate(rate) => {
                ("rps", json!(rate.per_second()), json!(shown::quantised(rate.per_second() * low)))
            }
        };
        Some(Relaxation { address: Address::outcome(name), from, to, monthly_usd: cents(price) })
    }

    /// What a cache or read replicas would have to take off each database that cannot keep up, alone.
    fn databases(&self) -> Vec<Relaxation> {
        let kept = promises(self.case.outcomes);
        if self.decision.is_stable() && self.decision.promises == kept {
            return Vec::new();
        }
        let graph = &self.decision.graph;
        let resources = (0..graph.things.len())
            .filter(|place| graph.things.get(*place).is_some_and(|thing| thing.work.kind.is_none()));
        resources.filter_map(|place| self.database(place, &kept)).collect()
    }

    /// The most queries that one database can be asked so that every promise about time is kept; none when it is not what binds.
    fn database(&self, place: usize, kept: &[Promised]) -> Option<Relaxation> {
        let at = |part: f64| {
            let found = solve(asked(&self.decision.graph, place, part), self.case, kept.to_vec());
            (found.is_stable() && found.promises == kept).then(|| found.micro_usd())
        };
        let (mut low, mut high) = (0.001, 1.0);
        let mut price = at(low)?;
        for _ in 0..HALVINGS {
            let middle = f64::midpoint(low, high);
            match at(middle) {
                Some(found) => (low, price) = (middle, found),
                None => high = middle,
            }
        }
        let database = self.decision.graph.things.get(place)?;
        let takes = shown::number(libm::ceil((1.0 - low) * 100.0));
        let to = shown::number(libm::floor(database.rate * low));
        Some(Relaxation {
            address: database.address.field("offered_rps"),
            from: json!(shown::quantised(database.rate)),
            to: json!(format!("{to}, where a cache or read replicas take {takes} %")),
            monthly_usd: cents(price),
        })
    }

    /// As it is, once the promise gives way.
    fn given(&self, result: &OutcomeResult) -> Relaxation {
        Relaxation {
            address: result.address.clone(),
            from: json!(result.promised),
            to: result.computed.as_ref().map_or(Value::Null, |computed| json!(computed)),
            monthly_usd: cents(self.decision.micro_usd()),
        }
    }

    /// What stated numbers would have to be; none when that does not help.
    fn stated_numbers(&self) -> Vec<Relaxation> {
        let stated = |thing: &super::load::Thing| thing.work.stated_replicas.is_some();
        if !self.decision.graph.things.iter().any(stated) {
            return Vec::new();
        }
        let found = solve(self.free(), self.case, promises(self.case.outcomes));
        if !found.is_stable() || found.promises != promises(self.case.outcomes) {
            return Vec::new();
        }
        self.changed(&found)
    }

    /// As if no replicas were stated.
    fn free(&self) -> Graph {
        let mut graph = self.decision.graph.clone();
        graph.things.iter_mut().for_each(|thing| thing.work.stated_replicas = None);
        graph
    }

    /// Stated replicas that are others there.
    fn changed(&self, found: &Decision) -> Vec<Relaxation> {
        let monthly_usd = cents(found.micro_usd());
        let pairs = self.decision.graph.things.iter().zip(&found.chosen);
        let changed = pairs.filter_map(|(thing, candidate)| {
            let (replicas, _) = thing.work.stated_replicas.as_ref()?;
            (*replicas != candidate.replicas).then(|| Relaxation {
                address: thing.address.field("replicas"),
                from: json!(replicas),
                to: json!(candidate.replicas),
                monthly_usd: monthly_usd.clone(),
            })
        });
        changed.collect()
    }

    /// Where nothing alone helps: stated replicas as they would have to be, and the times that could be kept then.
    fn together(&self) -> Vec<Relaxation> {
        let found = solve(self.free(), self.case, promises(self.case.outcomes));
        if !found.is_stable() {
            return Vec::new();
        }
        let monthly = found.micro_usd();
        let times = promises(self.case.outcomes).into_iter().zip(&found.promises);
        let times = times.filter(|((_, stated), (_, kept))| kept > stated);
        let times = times.map(|((share, stated), (_, kept))| Relaxation {
            address: Address::outcome(&format!("latency_p{:.0}", share * 100.0)),
            from: json!(shown::seconds(stated)),
            to: json!(shown::seconds(*kept)),
            monthly_usd: cents(monthly),
        });
        self.changed(&found).into_iter().chain(times).collect()
    }

    /// Stated numbers first, as they change no promise; else the one change that is cheapest; else all that is broken.
    fn cheapest(&self, broken: &[&OutcomeResult], relaxations: &[Relaxation]) -> Option<Change> {
        let numbers = |relaxation: &&Relaxation| relaxation.address.last() == "replicas";
        let of_time = |result: &&&OutcomeResult| {
            let name = result.address.last();
            name.starts_with("latency") || name == "rps" || name == "users"
        };
        let about_time = broken.iter().filter(of_time).count();
        let mut changes: Vec<Relaxation> = Vec::new();
        if about_time > 0 {
            changes = relaxations.iter().filter(numbers).cloned().collect();
        }
        let left: Vec<&&OutcomeResult> =
            broken.iter().filter(|result| changes.is_empty() || !of_time(result)).collect();
        if let [one] = left.as_slice()
            && changes.is_empty()
        {
            let alone = relaxations.iter().filter(|relaxation| self.is_alone_enough(relaxation, one));
            let best = alone.min_by(|a, b| price(a).total_cmp(&price(b)));
            changes.extend(best.cloned());
        } else {
            let of = |result: &&&OutcomeResult| {
                relaxations.iter().find(|relaxation| relaxation.address == result.address).cloned()
            };
            changes.extend(left.iter().copied().filter_map(|result| of(&result)));
        }
        let monthly = changes.iter().max_by(|a, b| price(a).total_cmp(&price(b)))?.monthly_usd.clone();
        Some(Change { changes, monthly_usd: monthly })
    }

    /// A promise about time or money can give way for another of the two; the others only for themselves.
    fn is_alone_enough(&self, relaxation: &Relaxation, broken: &OutcomeResult) -> bool {
        let trades = ["latency_p50", "latency_p95", "latency_p99", "budget", "rps", "users"];
        let (given, wanted) = (relaxation.address.last(), broken.address.last());
        given == wanted
            || (trades.contains(&given) && trades.contains(&wanted) && given != "rps" && given != "users")
    }
}

fn price(relaxation: &Relaxation) -> f64 {
    relaxation.monthly_usd.parse().unwrap_or(f64::INFINITY)
}

/// The budget of a month in millionths of a USD, at the table's rate where it is in another currency.
pub(super) fn budget(outcomes: &Outcomes) -> Option<u128> {
    let budget = &outcomes.budget.as_ref()?.value;
    let months = match budget.period {
        appia_intent::BudgetPeriod::Month => 1,
        appia_intent::BudgetPeriod::Year => 12,
    };
    let amount = u128::from(budget.amount.micros());
    let worth = exchange::rate(budget.amount.currency());
    Some(worth.map_or(amount, |rate| amount * u128::from(rate.micro_usd) / 1_000_000) / months)
}

/// The same requests, of which one thing is asked a part of what it was.
fn asked(graph: &Graph, place: usize, part: f64) -> Graph {
    let mut graph = graph.clone();
    for edge in graph.things.iter_mut().flat_map(|thing| &mut thing.edges).filter(|edge| edge.to == place) {
        edge.visits.value *= part;
    }
    if let Some(thing) = graph.things.get_mut(place) {
        thing.rate *= part;
    }
    graph
}

/// The same requests, more or fewer.
pub(super) fn scaled(graph: &Graph, scale: f64) -> Graph {
    let mut graph = graph.clone();
    graph.rate *= scale;
    graph.things.iter_mut().for_each(|thing| thing.rate *= scale);
    graph
}
