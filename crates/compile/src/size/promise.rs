//! The part of sizing that outcomes ask for, in one function: decide, judge, and write down why.
//!
//! Called by `size`. What cannot be met is a result and a warning, never a failure. Start reading at [`promise`].

use std::collections::BTreeMap;

use appia_diag::{Diagnostic, Diagnostics, Span, codes};
use appia_intent::{Address, Outcomes};
use appia_plan::Reasons;
use appia_plan::model::{Infeasible, Model};
use appia_plan::phase::Promise;

use super::decide::{Case, Decision};
use super::problem::network;
use super::report::{Numbers, report};
use super::{around, judge, model, pools, range, relax, shown};

/// Everything that follows from the outcomes; none where they ask for no numbers.
pub(super) fn promise(
    case: Case<'_>,
    decision: Option<Decision>,
    (reasons, sink): (&mut Reasons, &mut Diagnostics),
) -> Option<(Promise, BTreeMap<Address, Numbers>)> {
    let Some(decision) = decision else {
        note_unused(case.outcomes, sink);
        return None;
    };
    let outcomes = judge::judge(case, &decision);
    let infeasible = relax::infeasible(case, &decision, &outcomes);
    if let Some(infeasible) = &infeasible {
        warn(infeasible, (case.outcomes, below_network(case, &decision, infeasible)), sink);
    }
    let ranges = range::ranges(&decision, case);
    let numbers = report((&decision, &ranges), case, reasons);
    let values = numbers.iter().map(|(address, numbers)| (address.clone(), numbers.values.clone()));
    let mut values: BTreeMap<_, Vec<_>> = values.collect();
    let pools = pools::pools(&decision, case);
    for (user, sizes) in pools::values(&pools, reasons) {
        values.entry(user).or_default().push(("pools", sizes));
    }
    let promise = Promise {
        values,
        outcomes,
        usage: around::usage(&decision.graph, Some(&decision)),
        micro_usd: decision.micro_usd(),
        carbon_kg: decision.carbon_kg,
        infeasible,
        model: Model { pools, ..model::model((&decision, &ranges), case) },
    };
    Some((promise, numbers))
}

/// Says once that promises are kept in the plan and used for nothing, and what is missing.
fn note_unused(outcomes: &Outcomes, sink: &mut Diagnostics) {
    let Some(span) = first(outcomes) else { return };
    let (message, help) = match &outcomes.demand {
        None => (
            "nothing says how much load there is, so outcomes choose no numbers",
            "state `users` or `rps` beside them",
        ),
        Some(_) => (
            "no workload is public, so the load has nowhere to go and chooses no numbers",
            "say `public: true` where people or programs come in",
        ),
    };
    sink.push(Diagnostic::new(codes::NOT_SIZED, message).at(span).help(help));
}

fn first(outcomes: &Outcomes) -> Option<&Span> {
    let first = [
        outcomes.demand.as_ref().map(|outcome| &outcome.span),
        outcomes.availability.as_ref().map(|outcome| &outcome.span),
        outcomes.latency.p50.as_ref().map(|outcome| &outcome.span),
        outcomes.latency.p95.as_ref().map(|outcome| &outcome.span),
        outcomes.latency.p99.as_ref().map(|outcome| &outcome.span),
        outcomes.budget.as_ref().map(|outcome| &outcome.span),
    ];
    first.into_iter().flatten().next()
}

/// Where the outcome that cannot be met is written.
fn warn(infeasible: &Infeasible, (outcomes, why): (&Outcomes, Option<String>), sink: &mut Diagnostics) {
    let span = match infeasible.binding.last() {
        "availability" => outcomes.availability.as_ref().map(|outcome| &outcome.span),
        "latency_p50" => outcomes.latency.p50.as_ref().map(|outcome| &outcome.span),
        "latency_p95" => outcomes.latency.p95.as_ref().map(|outcome| &outcome.span),
        "latency_p99" => outcomes.latency.p99.as_ref().map(|outcome| &outcome.span),
        "carbon" => outcomes.carbon.as_ref().map(|outcome| &outcome.span),
        "budget" => outcomes.budget.as_ref().map(|outcome| &outcome.span),
        "recovery_rpo" => outcomes.recovery.point.as_ref().map(|outcome| &outcome.span),
        "recovery_rto" => outcomes.recovery.time.as_ref().map(|outcome| &outcome.span),
        _ => outcomes.demand.as_ref().map(|outcome| &outcome.span),
    };
    let mut warning =
        Diagnostic::new(codes::OUTCOME_MISSED, why.unwrap_or_else(|| infeasible.message.clone()));
    if let Some(span) = span {
        warning = warning.at(span);
    }
    sink.push(warning.help("`appia plan` shows what would help, and what it costs"));
}

/// That a promise about time is shorter than what requests spend on the network alone: no size helps.
fn below_network(case: Case<'_>, decision: &Decision, infeasible: &Infeasible) -> Option<String> {
    let latency = &case.outcomes.latency;
    let (name, promised) = match infeasible.binding.last() {
        "latency_p50" => ("p50", latency.p50.as_ref()?),
        "latency_p95" => ("p95", latency.p95.as_ref()?),
        "latency_p99" => ("p99", latency.p99.as_ref()?),
        _ => return None,
    };
    let each = network(case.terms);
    // Callees are first in the list. Calls in a row add up; of those made at the same time the longest counts.
    let mut all: Vec<f64> = Vec::new();
    for thing in &decision.graph.things {
        let (mut row, mut longest) = (0.0, 0.0_f64);
        for edge in &thing.edges {
            let once = each + all.get(edge.to).copied().unwrap_or_default();
            let certain = libm::floor(edge.visits.value);
            if edge.parallel { longest = longest.max(once * certain.min(1.0)) } else { row += once * certain }
        }
        all.push(row + longest);
    }
    let most =
        decision.graph.places().iter().filter_map(|place| all.get(*place)).fold(0.0_f64, |a, b| a.max(*b));
    (promised.value.as_millis_f64() / 1000.0 <= most).then(|| {
        format!(
            "`{name}` is {}, and calls between workloads take {} on the network alone: nothing can be that fast",
            promised.value,
            shown::seconds(most)
        )
    })
}
