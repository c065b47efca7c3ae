//! Which region of the target: those that the constraints allow, of these the one that keeps most promises, then the
//! cheapest.
//!
//! Called by `size` first. A target without regions has one place, and nothing is chosen. Start reading at [`allowed`].

use appia_diag::{Diagnostic, Diagnostics, Spanned, codes};
use appia_intent::{Address, Carbon, RegionName};
use appia_plan::phase::ResolvedApp;
use appia_plan::{Alternative, Capacity, Derived, Form, Origin, Reason, Reasons, Target, cents};

use super::carbon;
use super::decide::{Case, Decision, case, decide, promises};
use super::relax::budget;

/// A place, and what was decided for it.
pub(super) struct Picked<'a> {
    pub(super) capacity: &'a Capacity,
    /// None: outcomes ask for no numbers.
    pub(super) decision: Option<Decision>,
    rejected: Vec<Alternative>,
    how: How,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum How {
    Only,
    Bill,
    Carbon,
    Prices,
}

/// The places that constraints allow. What names no region of the target is told.
pub(super) fn allowed<'a>(
    app: &ResolvedApp,
    target: &'a dyn Target,
    sink: &mut Diagnostics,
) -> Vec<&'a Capacity> {
    let all: Vec<&Capacity> = target.capacities().iter().collect();
    let stated = &app.frame.constraints.regions;
    if stated.is_empty() || all.iter().all(|capacity| capacity.region.is_none()) {
        return all;
    }
    for wanted in stated.iter().filter(|wanted| !all.iter().any(|capacity| is_in(capacity, wanted))) {
        sink.push(unknown(wanted, target));
    }
    let kept: Vec<&Capacity> =
        all.iter().copied().filter(|capacity| stated.iter().any(|wanted| is_in(capacity, wanted))).collect();
    if kept.is_empty() { all } else { kept }
}

/// By its name, its country or whose law holds there.
fn is_in(capacity: &Capacity, wanted: &Spanned<RegionName>) -> bool {
    let wanted = wanted.value.as_str();
    capacity.region.as_ref().is_some_and(|region| {
        [&region.name, &region.country, &region.jurisdiction]
            .iter()
            .any(|name| name.eq_ignore_ascii_case(wanted))
    })
}

fn unknown(wanted: &Spanned<RegionName>, target: &dyn Target) -> Diagnostic {
    let regions = || target.capacities().iter().filter_map(|capacity| capacity.region.as_ref());
    let mut groups: Vec<String> = regions().map(|region| region.jurisdiction.to_lowercase()).collect();
    groups.sort();
    groups.dedup();
    let names = regions().map(|region| region.name.to_string());
    let known: Vec<String> = groups.into_iter().chain(names).collect();
    let word = wanted.value.as_str();
    Diagnostic::new(codes::BAD_CONSTRAINT, format!("{} has no region `{word}`", target.name()))
        .at(&wanted.span)
        .did_you_mean(word, known.iter().map(String::as_str))
        .help(format!("there are {}", known.join(", ")))
}

/// Decides for each place, and takes the best. Of a large application only one is decided for: where a processor costs
/// least.
pub(super) fn pick<'a>(
    app: &ResolvedApp,
    target: &dyn Target,
    allowed: &[&'a Capacity],
) -> Option<Picked<'a>> {
    let cheapest = allowed.iter().copied().min_by(|a, b| of_a_processor(a).total_cmp(&of_a_processor(b)))?;
    let at = |capacity: &'a Capacity| decide(case(app, (target, capacity)));
    let first = match at(cheapest) {
        Some(decision) if allowed.len() > 1 && !decision.graph.is_large() => decision,
        decision => {
            let how = if allowed.len() == 1 { How::Only } else { How::Prices };
            return Some(Picked { capacity: cheapest, decision, rejected: Vec::new(), how });
        }
    };
    let others = allowed.iter().copied().filter(|capacity| !std::ptr::eq(*capacity, cheapest));
    let mut found: Vec<(&Capacity, Decision)> =
        others.filter_map(|capacity| Some((capacity, at(capacity)?))).collect();
    found.push((cheapest, first));
    let order = |(capacity, decision): &(&Capacity, Decision)| {
        let case = case(app, (target, capacity));
        (broken(case, decision), first_of_all(case, decision), decision.micro_usd())
    };
    found.sort_by(|a, b| order(a).cmp(&order(b)).then_with(|| name(a.0).cmp(name(b.0))));
    let mut found = found.into_iter();
    let (capacity, decision) = found.next()?;
    let least = broken(case(app, (target, capacity)), &decision);
    let rejected = found.map(|(other, of)| Alternative {
        value: name(other).into(),
        monthly_usd: Some(cents(of.micro_usd())),
        rejected: why_not((case(app, (target, other)), &of), (least, &decision)).to_owned(),
    });
    let rejected = rejected.collect();
    let prefers = app.frame.outcomes.carbon.as_ref().is_some_and(|carbon| carbon.value == Carbon::PreferLow);
    let how = if prefers && decision.carbon_kg.is_some() { How::Carbon } else { How::Bill };
    Some(Picked { capacity, decision: Some(decision), rejected, how })
}

/// Promises about time and being there that are not kept.
fn broken(case: Case<'_>, decision: &Decision) -> usize {
    let late = decision.promises != promises(case.outcomes) || !decision.is_stable();
    let promised = case.outcomes.availability.as_ref();
    let gone = promised
        .zip(decision.availability)
        .is_some_and(|(promised, found)| found < promised.value.fraction());
    let emits = !carbon::is_kept(case, decision);
    usize::from(late) + usize::from(gone) + usize::from(emits)
}

/// Beyond the budget where less carbon is preferred, then grams of it where that counts before money: where less is
/// preferred and can be paid for, and where a limit is broken.
fn first_of_all(case: Case<'_>, decision: &Decision) -> (bool, u64) {
    let Some((carbon, kg)) = case.outcomes.carbon.as_ref().zip(decision.carbon_kg) else { return (false, 0) };
    let grams = libm::round(kg * 1_000.0) as u64;
    match carbon.value {
        Carbon::Max(most) => (false, if grams > most.grams() { grams } else { 0 }),
        Carbon::PreferLow if budget(case.outcomes).is_some_and(|most| decision.micro_usd() > most) => {
            (true, 0)
        }
        Carbon::PreferLow => (false, grams),
    }
}

fn why_not((case, other): (Case<'_>, &Decision), (least, taken): (usize, &Decision)) -> &'static str {
    if broken(case, other) > least {
        "it keeps fewer promises"
    } else if first_of_all(case, other) > first_of_all(case, taken) {
        "it emits more, or is beyond the budget"
    } else {
        "it costs more"
    }
}

fn name(capacity: &Capacity) -> &str {
    capacity.region.as_ref().map_or("", |region| region.name.as_ref())
}

/// What a processor with two GiB costs a month, for an order of places.
fn of_a_processor(capacity: &Capacity) -> f64 {
    let runner = capacity.runners.iter().find(|runner| runner.form == Form::Replicas);
    let bought = appia_plan::Bought {
        replicas: 1,
        cpu: appia_intent::units::Cpu::from_millis(1_000),
        memory: appia_intent::units::Bytes::from_mib(2_048),
        ..appia_plan::Bought::default()
    };
    runner.map_or(0.0, |runner| runner.rates.iter().map(|rate| rate.micro_usd(&bought)).sum::<u128>() as f64)
}

impl Picked<'_> {
    /// The region with its reason; none: the target has no regions.
    pub(super) fn region(&self, app: &ResolvedApp, reasons: &mut Reasons) -> Option<Derived<String>> {
        let region = self.capacity.region.as_ref()?;
        let text = match self.how {
            How::Only => "the only region that the constraints allow",
            How::Bill => {
                "the cheapest of the regions that the constraints allow, of those that keep most promises"
            }
            How::Carbon => {
                "of the regions that the constraints allow and that keep most promises, the one that emits least within the budget"
            }
            How::Prices => "the allowed region where a processor with two GiB of memory costs least",
        };
        let mut reason = Reason::new("size/region", format!("{text}: {} ({})", region.place, region.country));
        for stated in &app.frame.constraints.regions {
            let address = Address::parse("constraints.regions");
            reason = reason.input(address, stated.value.as_str(), Origin::Stated(stated.span.clone()));
        }
        reason.rejected = self.rejected.clone();
        Some(reasons.derive(region.name.to_string(), reason))
    }
}
