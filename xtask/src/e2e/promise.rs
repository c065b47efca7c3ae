//! The loop from a promise to what people get: measured, planned by that, deployed by the plan, and asked at the promised
//! rate.
//!
//! Only for an application that promises a time; the others promise nothing. Start at [`World::keeps_its_promise`].

use anyhow::{Context, Result, bail, ensure};
use serde_json::Value;

use super::world::World;

/// What an application promises, and the line of its file that a load which any machine can carry takes the place of.
pub(super) struct Promise {
    /// In `appia.yaml`.
    pub(super) load: &'static str,
    /// Requests a second instead.
    pub(super) rate: u32,
    pub(super) p95_ms: f64,
}

/// How long each of the two drives takes.
const DRIVE: &str = "15s";

impl World {
    /// The 95th percentile as planned and as measured, in milliseconds.
    pub(super) fn keeps_its_promise(&self, promise: &Promise) -> Result<(f64, f64)> {
        let file = self.folder.join("appia.yaml");
        let text = std::fs::read_to_string(&file)?;
        ensure!(text.contains(promise.load), "`{}` does not promise `{}`", file.display(), promise.load);
        std::fs::write(&file, text.replacen(promise.load, &format!("rps: {}", promise.rate), 1))?;
        let (folder, rate) = (self.folder.to_string_lossy(), promise.rate.to_string());
        let measure = ["measure", folder.as_ref(), "--rate", &rate, "--duration", DRIVE];
        self.json(&measure).context("measuring it")?;
        let plan = self.json(&["plan", &folder, "--offline"])?;
        ensure!(
            plan.pointer("/inputs/appia.measured.json").is_some(),
            "the plan does not know what was measured"
        );
        let outcomes = plan.pointer("/outcomes").and_then(Value::as_array).into_iter().flatten();
        let kept = |outcome: &Value| outcome.pointer("/met") == Some(&Value::Bool(true));
        let mut time =
            outcomes.filter(|outcome| outcome.pointer("/address") == Some(&"outcomes.latency_p95".into()));
        ensure!(time.next().is_some_and(kept), "the plan does not keep the promise: {plan}");
        let planned = plan.pointer("/model/entries/0/response_p95_ms").and_then(Value::as_f64);
        self.up().context("making it as planned")?;
        let driven = self.json(&[&measure[..], &["--dry-run"]].concat()).context("driving it as promised")?;
        let steps = driven.pointer("/load/steps").and_then(Value::as_array);
        let last = steps.and_then(|steps| steps.last()).context("nothing was driven")?;
        let (Some(planned), Some(found)) = (planned, last.pointer("/p95_ms").and_then(Value::as_f64)) else {
            bail!("no percentile in {driven}");
        };
        ensure!(last.pointer("/errors") == Some(&0.into()), "requests failed at the promised rate: {last}");
        ensure!(found <= promise.p95_ms, "p95 is {found} ms, and {} ms are promised: {last}", promise.p95_ms);
        Ok((planned, found))
    }
}
