//! Driving what runs: what to ask for, then a warm-up, a rest, and steps of rising rate, with a reading before and after
//! each.

use std::time::Duration;

use appia_api::documents::{State, Status};
use appia_compile::measure::Stretch;
use appia_intent::Intent;
use appia_plan::Plan;
use appia_plan::measured::LoadStep;
use appia_runtime::load::{Goal, drive, schedule};
use indicatif::ProgressBar;

use super::counted::Counters;
use crate::client::Client;
use crate::exit::{Exit, Failure};

/// The rates of the steps, as parts of the last one; 0 is the rest.
const STEPS: [f64; 5] = [0.0, 0.25, 0.5, 0.75, 1.0];

/// The part of the whole time that the warm-up takes, and the rest.
const SHORT: f64 = 0.1;

/// The part that each step takes.
const LONG: f64 = 0.2;

/// So much longer than it should a step may take and still have kept up.
const LATE: f64 = 1.05;

/// One request of a hundred may fail.
const FAILED: f64 = 0.01;

/// What to ask for.
#[derive(Debug, Clone, Default)]
pub(super) struct Goals {
    pub(super) goals: Vec<Goal>,
    /// How often each comes beside the others.
    pub(super) weights: Vec<f64>,
    /// `web/`.
    pub(super) names: Vec<String>,
}

/// What was driven and counted.
#[derive(Debug, Clone, Default)]
pub(super) struct Driven {
    pub(super) stretches: Vec<Stretch>,
    pub(super) steps: Vec<LoadStep>,
    /// Instances came or went.
    pub(super) changed: bool,
}

/// Public workloads by their share, with every path that is asked of them.
pub(super) fn goals(intent: &Intent, status: &Status, paths: &[String]) -> Result<Goals, Failure> {
    let mut goals = Goals::default();
    let asked: Vec<(Option<&str>, &str)> = paths.iter().map(|path| target(path)).collect();
    if let Some((written, _)) = paths.iter().zip(&asked).find(|(_, (_, path))| !path.starts_with('/')) {
        return Err(Failure::usage(format!("`--path {written}` names no path"))
            .help("write `/products`, or `web:/products` for one workload"));
    }
    for (name, workload) in intent.workloads.iter().filter(|(_, workload)| workload.public.is_some()) {
        let address = format!("workloads.{name}");
        let running = status.workloads.iter().find(|running| running.address == address);
        let Some(url) = running.filter(|one| one.state == State::Healthy).and_then(|one| one.url.as_ref())
        else {
            return Err(not_healthy(name.as_str()));
        };
        let place = url.trim_start_matches("http://").trim_end_matches('/').parse();
        let place = place.map_err(anyhow::Error::from)?;
        let own =
            asked.iter().filter(|(of, _)| of.is_none_or(|of| of == name.as_str())).map(|(_, path)| *path);
        let own: Vec<&str> = if paths.is_empty() { vec!["/"] } else { own.collect() };
        let share = workload.share.as_ref().map_or(1.0, |share| share.value) / own.len() as f64;
        for path in own {
            goals.goals.push(Goal { address: place, path: path.to_owned() });
            goals.weights.push(share);
            goals.names.push(format!("{name}{path}"));
        }
    }
    if goals.goals.is_empty() {
        return Err(Failure::usage("nothing that is public can be asked for that")
            .help("say `public: true` where people come in, and name one of those workloads in `--path`"));
    }
    Ok(goals)
}

/// `web:/live` or `/live`.
fn target(path: &str) -> (Option<&str>, &str) {
    match path.split_once(":/") {
        Some((name, _)) if !name.contains('/') => (Some(name), path.get(name.len() + 1..).unwrap_or("/")),
        _ => (None, path),
    }
}

fn not_healthy(name: &str) -> Failure {
    Failure::new(Exit::Failed, format!("`{name}` is not healthy, so there is nothing to measure"))
        .help("`appia up` starts it, `appia status` shows how it is, `appia logs` what it says")
}

/// Everything that driving needs.
pub(super) struct Driver<'a> {
    pub(super) client: &'a Client,
    pub(super) plan: &'a Plan,
    pub(super) goals: &'a Goals,
    pub(super) bar: &'a ProgressBar,
}

impl Driver<'_> {
    /// Warm-up, rest, steps.
    pub(super) async fn drive(
        &self,
        (rate, time): (f64, appia_intent::units::Duration),
        seed: u64,
    ) -> Result<Driven, Failure> {
        let whole = time.as_millis_f64() / 1000.0;
        self.step((rate * 0.5, whole * SHORT), seed, &mut Driven::default()).await?;
        let mut driven = Driven::default();
        for (number, part) in STEPS.into_iter().enumerate() {
            self.bar.set_position((1000.0 * (SHORT + LONG * (number as f64 - 0.5).max(0.0))) as u64);
            let seconds = whole * if part == 0.0 { SHORT } else { LONG };
            self.step((rate * part, seconds), seed + 1 + number as u64, &mut driven).await?;
        }
        Ok(driven)
    }

    async fn step(&self, (rate, seconds): (f64, f64), seed: u64, driven: &mut Driven) -> Result<(), Failure> {
        let time = Duration::from_secs_f64(seconds);
        let arrivals =
            if rate > 0.0 { schedule((rate, time), &self.goals.weights, seed) } else { Vec::new() };
        let scheduled = arrivals.len() as u64;
        let before = self.read().await?;
        let heard = drive(&self.goals.goals, arrivals).await.map_err(anyhow::Error::from)?;
        tokio::time::sleep(time.saturating_sub(heard.took)).await;
        let took = heard.took.max(time).as_secs_f64();
        let after = self.read().await?;
        self.refuse_failures(scheduled, &heard)?;
        let kept_up = took <= seconds * LATE + 0.1 && heard.errors as f64 <= FAILED * scheduled as f64;
        driven.changed |= !after.has_instances_of(&before);
        driven.stretches.push(Stretch {
            seconds: took,
            kept_up: kept_up && scheduled > 0,
            things: after.since(&before),
        });
        let millis = |share: f64| heard.latencies.value_at_quantile(share) as f64 / 1000.0;
        driven.steps.push(LoadStep {
            offered_rps: rate,
            answered_rps: heard.answered as f64 / took,
            seconds: took,
            errors: heard.errors,
            kept_up,
            p50_ms: millis(0.50),
            p95_ms: millis(0.95),
            p99_ms: millis(0.99),
        });
        Ok(())
    }

    /// Where most requests are refused or fail, what is measured is not what people would get.
    fn refuse_failures(&self, scheduled: u64, heard: &appia_runtime::load::Heard) -> Result<(), Failure> {
        let half = scheduled / 2;
        if scheduled == 0 || (heard.errors <= half && heard.refused <= half) {
            return Ok(());
        }
        let asked = self.goals.names.join("`, `");
        let (count, how) = if heard.errors > half {
            (heard.errors, "failed")
        } else {
            (heard.refused, "were refused (4xx)")
        };
        Err(Failure::new(
            Exit::Failed,
            format!("{count} of {scheduled} requests {how}, so nothing was measured"),
        )
        .help(format!("it asked for `{asked}`: name other paths with `--path`, or a lower `--rate`"))
        .help("`appia logs` shows what the workloads say"))
    }

    async fn read(&self) -> Result<Counters, Failure> {
        let text = self.client.metrics().await?;
        Ok(Counters::read(&text, (self.plan.app.as_str(), self.plan.environment.as_str())))
    }
}

#[cfg(test)]
mod tests {
    use super::target;

    #[test]
    fn a_path_may_name_its_workload() {
        assert_eq!(target("/a:/b"), (None, "/a:/b"));
        assert_eq!(target("web:/a?b=c:/d"), (Some("web"), "/a?b=c:/d"));
        assert_eq!(target("web"), (None, "web"));
    }
}
