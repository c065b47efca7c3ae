//! What was measured, for people.

use appia_api::documents::Measurement;
use appia_plan::measured::{LoadStep, Measured, MeasuredWork};

use super::table::table;
use super::{Ui, style};

impl Ui {
    /// Writes what each thing does for a request, and how answers came at each rate.
    pub(crate) fn measurement(&self, measured: &Measured, document: &Measurement) {
        let machine = &measured.machine;
        let mut text = format!(
            "{} {}\n",
            style::strong(&format!("measured {} in {}", measured.app, measured.environment)),
            style::dim(&format!(
                "on {} x {}, GET {}",
                machine.cores,
                machine.cpu,
                measured.load.paths.join(", ")
            ))
        );
        let workloads = measured.workloads.iter().map(|(name, work)| row(name.as_str(), work));
        let resources = measured.resources.iter().map(|(name, work)| row(name.as_str(), work));
        let header = ["what", "demand", "error", "variability (scv)", "idle cpu", "requests", "calls"];
        text.push_str(&table(&header, workloads.chain(resources).collect(), &[1, 2, 3, 4, 5]));
        let header = ["offered req/s", "answered", "failed", "p50", "p95", "p99"];
        text.push_str(&table(&header, measured.load.steps.iter().map(step).collect(), &[0, 1, 2, 3, 4, 5]));
        for note in &document.notes {
            text.push_str(&format!("\n{} {note}\n", style::warning("note")));
        }
        match &document.file {
            Some(file) => {
                text.push_str(&format!("\nwrote {file}: the next `appia plan` takes these numbers\n"))
            }
            None => text.push_str("\nnothing was written\n"),
        }
        self.data(&text);
    }
}

fn row(name: &str, work: &MeasuredWork) -> [String; 7] {
    let calls = work.calls.iter().map(|(to, calls)| format!("{to} {calls}"));
    [
        name.to_owned(),
        format!("{}ms", work.demand_ms),
        format!("{}ms", work.demand_error_ms),
        work.scv.map_or_else(|| "not seen".to_owned(), |scv| scv.to_string()),
        format!("{}m", work.idle_cpu_millis),
        work.requests.to_string(),
        calls.collect::<Vec<_>>().join(", "),
    ]
}

fn step(step: &LoadStep) -> [String; 6] {
    let millis = |value: f64| if step.offered_rps > 0.0 { format!("{value:.1}ms") } else { String::new() };
    [
        format!("{:.1}", step.offered_rps),
        format!("{:.1}", step.answered_rps),
        step.errors.to_string(),
        millis(step.p50_ms),
        millis(step.p95_ms),
        millis(step.p99_ms),
    ]
}
