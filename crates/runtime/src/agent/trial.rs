//! A new release proves itself: for a while it is watched beside the one before it, which goes on running and takes
//! over whatever the new one cannot answer; after that it is brought back when the new one crashes again and again.
//!
//! `rollout.rs` asks here before it switches, and hands over the release before afterwards. Nothing of this is on disk:
//! an agent that is killed during the trial comes back with the old release, and after it with the new one, whose crashes nobody counts.

use std::sync::Arc;
use std::time::Duration;

use appia_intent::WorkloadKind;
use tokio::sync::mpsc::unbounded_channel;
use tokio::time::Instant;

use super::Agent;
use super::instances::{DRAIN, unit_name};
use super::protocol::Failure;
use super::record::Record;
use super::serve::Say;
use super::slot::Slot;
use crate::supervisor::container::Phase;
use crate::supervisor::instance::Instance;
use crate::supervisor::spec::WorkloadSpec;

/// How often a release on trial is looked at.
const LOOK: Duration = Duration::from_millis(20);
/// A program that ended is known to have ended after so long.
const TELLS: Duration = Duration::from_millis(200);
/// A release fails its trial with so many requests that it could not answer and the one before it could,
const UNANSWERED: u64 = 3;
/// if they are at least one of so many.
const ONE_OF: u64 = 100;
/// For so long after the switch the release before it is brought back
const WATCHED_AFTER: Duration = Duration::from_secs(600);
/// when programs of an instance had to be started again so often.
const CRASHES: u32 = 3;

/// A release that served until now.
pub(super) struct Before {
    record: Record,
    spec: Arc<WorkloadSpec>,
}

impl Before {
    /// What serves now, if anything does.
    pub(super) fn of(slot: &Slot) -> Option<Before> {
        let state = slot.state();
        let spec = state.spec.clone().filter(|_| !state.serving.is_empty())?;
        Some(Before { record: state.record.clone(), spec })
    }
}

impl Agent {
    /// Watches instances that are ready beside those that serve, which get everything that the new ones cannot answer.
    /// When it fails the new ones are gone and the old ones serve as before.
    pub(super) async fn try_out(
        &self,
        slot: &Slot,
        spec: &WorkloadSpec,
        started: &[Arc<Instance>],
        say: &Say,
    ) -> Result<(), Failure> {
        let watch = Duration::from_millis(spec.watch_millis);
        if watch.is_zero() || !is_tried_out(slot, spec) {
            return Ok(());
        }
        let unit = unit_name(&slot.record().id);
        say.line(format!("watching {unit} for {} s", watch.as_secs_f64()));
        slot.state().on_trial = started.to_vec();
        self.follow(&unit).await;
        let found = tokio::select! {
            found = self.trouble_within(watch, started) => found,
            () = slot.given_up() => started.first().map(|first| (Arc::clone(first), "it was given up".to_owned())),
        };
        let Some((culprit, trouble)) = found else { return Ok(()) };
        slot.state().on_trial.clear();
        self.follow(&unit).await;
        let failure = culprit.failure(trouble);
        self.retire(&unit, started.to_vec(), DRAIN).await;
        Err(Failure::Permanent {
            message: format!("`{unit}` did not hold, and the release before it serves: {}", failure.message),
            detail: failure.last_lines,
            help: vec![format!("see all it wrote: appia logs {unit}")],
        })
    }

    /// From now on the release before comes back when the one that serves crashes again and again.
    pub(super) fn fall_back_on_crashes(self: &Arc<Self>, slot: &Arc<Slot>, before: Option<Before>) {
        let serving = slot.state().serving.clone();
        let Some(before) = before.filter(|_| !serving.is_empty()) else { return };
        let (agent, slot) = (Arc::clone(self), Arc::clone(slot));
        self.work.spawn(async move {
            if let Ok(crashed) = tokio::time::timeout(WATCHED_AFTER, crash(&serving)).await {
                agent.bring_back(&slot, &crashed, before).await;
            }
        });
    }

    /// Starts the release before and lets it serve, unless something else was decided meanwhile.
    async fn bring_back(self: &Arc<Self>, slot: &Arc<Slot>, crashed: &Arc<Instance>, before: Before) {
        let _turn = slot.turn.lock().await;
        slot.want();
        let still_serves = slot.state().serving.iter().any(|serving| Arc::ptr_eq(serving, crashed));
        if !still_serves {
            return;
        }
        let unit = unit_name(&before.record.id);
        let why = format!(
            "release `{}` crashed {CRASHES} times, so the one before it serves again: {}; `appia logs {unit}` shows what it wrote",
            crashed.identity.release,
            crashed.trouble()
        );
        tracing::error!(unit, why, "falling back");
        let say = Say::to(unbounded_channel().0);
        match self.roll_out(slot, before.spec.as_ref().clone(), before.record, &say).await {
            Ok(_) => slot.state().fell_back = Some(why),
            Err(failure) => tracing::error!(unit, ?failure, "the release before does not come back"),
        }
    }

    /// Lets the gateway follow; when it cannot, what serves goes on serving as it was.
    async fn follow(&self, unit: &str) {
        if let Err(failure) = self.apply_ingress().await {
            tracing::error!(unit, ?failure, "the gateway does not follow");
        }
    }

    /// The first trouble of one of these instances, or nothing when there was none for so long.
    async fn trouble_within(
        &self,
        watch: Duration,
        started: &[Arc<Instance>],
    ) -> Option<(Arc<Instance>, String)> {
        let (restarts, end) = (restarts(started), Instant::now() + watch);
        let mut looks = tokio::time::interval(LOOK);
        loop {
            looks.tick().await;
            if let Some(found) = illness(started, restarts) {
                return Some(found);
            }
            if let Some(trouble) = self.unanswered(started).await {
                // Clients may know before us that its program has ended, which says more.
                tokio::time::sleep(TELLS).await;
                return illness(started, restarts).or_else(|| Some((Arc::clone(started.first()?), trouble)));
            }
            if Instant::now() >= end {
                return None;
            }
        }
    }

    async fn unanswered(&self, started: &[Arc<Instance>]) -> Option<String> {
        let ids: Vec<&str> = started.iter().map(|instance| instance.identity.id.as_str()).collect();
        let count = self.gateway.trial_count(&ids).await;
        let too_many = count.unanswered >= UNANSWERED && count.unanswered * ONE_OF >= count.asked;
        too_many.then(|| {
            format!(
                "it failed {} of {} requests that the release before it could answer",
                count.unanswered, count.asked
            )
        })
    }
}

/// Whether there is a release that serves meanwhile and does not crash itself, and both can stand side by side behind
/// the same ports.
fn is_tried_out(slot: &Slot, spec: &WorkloadSpec) -> bool {
    let runs_on = match spec.kind {
        WorkloadKind::Service | WorkloadKind::Worker | WorkloadKind::Function | WorkloadKind::Site => true,
        WorkloadKind::Job | WorkloadKind::Cron => false,
    };
    let state = slot.state();
    let same_ports = state.spec.as_ref().is_some_and(|before| before.ports == spec.ports);
    let serves = !state.serving.is_empty() && state.serving.iter().all(|one| one.restarts() < CRASHES);
    runs_on && same_ports && serves && !spec.is_one_at_a_time()
}

/// The first instance that is not well, and why; its programs were started so often before the trial.
fn illness(started: &[Arc<Instance>], restarts: u32) -> Option<(Arc<Instance>, String)> {
    if let Some(ill) = started.iter().find(|one| !is_well(one)) {
        return Some((Arc::clone(ill), ill.trouble()));
    }
    if self::restarts(started) == restarts {
        return None;
    }
    let last_exit = |one: &Instance| one.statuses().into_iter().find_map(|status| status.last_exit);
    let (ended, exit) = started.iter().find_map(|one| Some((one, last_exit(one)?)))?;
    Some((Arc::clone(ended), format!("the program {exit} and was started again")))
}

fn is_well(instance: &Instance) -> bool {
    matches!(instance.phase(), Phase::Healthy | Phase::Complete)
}

fn restarts(instances: &[Arc<Instance>]) -> u32 {
    instances.iter().map(|instance| instance.restarts()).sum()
}

/// Returns with the instance whose programs had to be started again too often.
async fn crash(serving: &[Arc<Instance>]) -> Arc<Instance> {
    let crashes = serving.iter().map(|instance| {
        Box::pin(async move {
            instance.restarted(instance.restarts().saturating_add(CRASHES)).await;
            Arc::clone(instance)
        })
    });
    futures::future::select_all(crashes).await.0
}
