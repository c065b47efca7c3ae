//! What was measured, as numbers with their origin: taken before what is stated and before defaults.
//!
//! Called by `work` and `load`. That a measurement is of another release is said once, by [`tell_stale`].

use appia_diag::{Diagnostic, Diagnostics, codes};
use appia_intent::{Address, WorkloadName};
use appia_plan::measured::{FILE, Measured, MeasuredWork};
use appia_plan::phase::SizedApp;
use appia_plan::{Inputs, Origin};

use super::load::{Call, Known, Name};

/// What was measured of one thing.
#[derive(Debug, Clone, Copy)]
pub(super) struct Found<'a> {
    all: &'a Measured,
    work: &'a MeasuredWork,
}

/// Of a workload or a resource.
pub(super) fn find<'a>(inputs: &'a Inputs, address: &Address) -> Option<Found<'a>> {
    let all = inputs.measured.as_ref()?;
    let (kind, name) = address.as_str().split_once('.')?;
    let work = match kind {
        "workloads" => all.workloads.get(name),
        _ => all.resources.get(name),
    };
    Some(Found { all, work: work? })
}

impl Found<'_> {
    /// Seconds of processor for a request.
    pub(super) fn demand(&self, name: Address) -> Known {
        let millis = self.work.demand_ms;
        Known { shown: millis.into(), ..self.known(name, millis / 1000.0) }
    }

    /// Variability, where it could be told.
    pub(super) fn scv(&self, name: Address) -> Option<Known> {
        Some(self.known(name, self.work.scv?))
    }

    /// Puts how often a workload was really called, where that could be told apart from calls of others.
    pub(super) fn replace_visits(&self, (callee, visits, _): &mut Call) {
        let Name::Workload(callee) = callee else { return };
        if let Some(found) = self.work.calls.get(callee).filter(|found| **found > 0.0) {
            *visits = self.known(visits.name.clone(), *found);
        }
    }

    fn known(&self, name: Address, value: f64) -> Known {
        let origin = Origin::Measured { file: FILE.to_owned(), date: self.all.date().to_owned() };
        Known { name, value, shown: value.into(), origin }
    }
}

/// Says which measurements are of another release than the one that is planned; they are used all the same.
pub(crate) fn tell_stale(
    app: &SizedApp,
    release: impl Fn(&WorkloadName) -> Option<String>,
    sink: &mut Diagnostics,
) {
    let Some(measured) = app.frame.inputs.measured.as_ref().filter(|_| app.promise.is_some()) else { return };
    let is_stale = |(name, work): &(&WorkloadName, &MeasuredWork)| {
        work.release.is_some() && release(name).is_some_and(|now| work.release.as_ref() != Some(&now))
    };
    let stale: Vec<String> =
        measured.workloads.iter().filter(is_stale).map(|(name, _)| format!("`{name}`")).collect();
    if stale.is_empty() {
        return;
    }
    let message = format!(
        "{} was measured on {} in another release; what was measured then is still used",
        stale.join(", "),
        measured.date()
    );
    sink.push(
        Diagnostic::new(codes::STALE_MEASUREMENT, message).help("`appia measure` measures what runs now"),
    );
}
