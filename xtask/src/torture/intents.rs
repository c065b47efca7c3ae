//! What was accepted is done, before anybody gives the next command: the server that comes after a killed one owes it.
//!
//! A disturbed command whose output tells `operation_began` was accepted. Unless it also tells that all was taken back,
//! the world has to become as that command wanted it by itself. `trial.rs` asks here before it gives `up`, which would
//! hide a lost intent by doing it again. Start at `lost`.

use std::time::{Duration, Instant};

use anyhow::Result;
use serde_json::Value;

use super::check::{json, page};
use super::trial::{SETTLED, Trial, Verb};

/// Whether an accepted command was forgotten; `None` when it was not, or was never accepted.
pub(super) fn lost(trial: &mut Trial, verb: Verb) -> Result<Option<String>> {
    let said = std::fs::read_to_string(trial.said()).unwrap_or_default();
    let tells = |event: &str| said.contains(&format!("\"verb\":\"{event}\""));
    if !tells("operation_began") || tells("undo") {
        return Ok(None);
    }
    trial.accepted += 1;
    trial.home.run(&["server", "start"])?;
    let began = Instant::now();
    loop {
        if is_done(trial, verb)? {
            return Ok(None);
        }
        if began.elapsed() > SETTLED {
            return Ok(Some(format!("`{}` was accepted and is not done; it said {said}", verb.name())));
        }
        std::thread::sleep(Duration::from_millis(200));
    }
}

fn is_done(trial: &Trial, verb: Verb) -> Result<bool> {
    let plan = json(&trial.home, &["plan", &trial.path(), "--output", "json"])?;
    let steps = plan.pointer("/changes/steps").and_then(Value::as_array).map(Vec::as_slice);
    let creates = |step: &Value| {
        let text = |name: &str| step.get(name).and_then(Value::as_str).unwrap_or_default();
        text("address") == "workloads.api" && text("action") == "create"
    };
    Ok(match verb {
        Verb::FirstUp | Verb::Up | Verb::Deploy => steps.is_some_and(<[Value]>::is_empty),
        Verb::Down | Verb::DownWithData => steps.is_some_and(|steps| steps.iter().any(creates)),
        Verb::Rollback => {
            let said = trial.status().and_then(|status| page(&status, "workloads.api", "/version"));
            said.is_ok_and(|said| said == trial.version.saturating_sub(1).to_string())
        }
    })
}
