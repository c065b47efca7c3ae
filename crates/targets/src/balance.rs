//! Which replica gets the next request, where a place leaves no choice: said, so that nobody finds out by surprise.

use appia_diag::{Diagnostic, Diagnostics, codes};
use appia_intent::Balance;
use appia_plan::phase::SizedApp;

/// A finding for each workload that asks for another way than `way`, in which `who` balances whatever is asked for.
pub(crate) fn tell(app: &SizedApp, who: &str, way: &str, sink: &mut Diagnostics) {
    for workload in app.workloads.values() {
        let stated = &workload.resolved.stated;
        let Some(balance) = stated.balance.as_ref().filter(|found| found.value == Balance::LeastConnections)
        else {
            continue;
        };
        let message =
            format!("{who} gives the requests of `{}` to {way}, not to the least busy", stated.name.value);
        let warning = Diagnostic::new(codes::TARGET_IGNORES, message).at(&balance.span);
        sink.push(warning.help("leave `balance` out, or run it where the balancer counts connections"));
    }
}
