//! Whether this machine is as large as a plan for one machine takes it to be.
//!
//! Told beside the plan and never in it: the same files give the same plan on every machine. Start reading at [`room`].

use appia_diag::{Diagnostic, Span, codes};
use appia_plan::{Node, Plan, Target};

/// What to say of a plan for one machine whose sizes, that outcomes asked for, are more than there is here.
pub(super) fn room(plan: &Plan, target: &dyn Target, outcomes: &Span) -> Option<Diagnostic> {
    let one_machine = target.capacities().iter().all(|capacity| capacity.failures.is_none());
    let here = std::thread::available_parallelism().ok()?.get() as f64;
    let taken: f64 = plan.nodes.iter().filter_map(processors).sum();
    if !one_machine || taken <= here {
        return None;
    }
    let message = format!(
        "the plan takes {taken:.1} processors, and this machine has {here}: its times and its load are those of a machine that large"
    );
    Some(Diagnostic::new(codes::SMALL_MACHINE, message).at(outcomes).help(
        "`appia measure` finds what one request really takes, and `users` or `rps` what is promised here",
    ))
}

/// Of what requests come through; none of anything else, whose share is no limit here.
fn processors(node: &Node) -> Option<f64> {
    node.values.get("offered_rps")?;
    let number = |name: &str| node.values.get(name).and_then(serde_json::Value::as_f64);
    Some(number("cpu_millis")? / 1_000.0 * number("replicas").unwrap_or(1.0))
}
