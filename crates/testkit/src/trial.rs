//! One scenario, run through the engine with whatever goes wrong, and what must hold afterwards.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use appia_engine::{Ending, Engine, EngineError, Interrupt, Settings};
use appia_plan::{
    DataFate, Driver, Journal, ObjectId, ObjectState, Operation, OperationResult, Retention, Step, Undo,
    Verb, diff,
};

use crate::world::Snapshot;
use crate::{Chance, EffectKind, MemoryJournal, Moments, Scenario, SimulatedWorld, owner};

/// A scenario with its own world and journal. Run it under a paused clock (`#[tokio::test(start_paused = true)]`).
#[derive(Debug)]
pub struct Trial {
    /// What it is about.
    pub scenario: Scenario,
    /// Where it can be stopped.
    pub moments: Moments,
    /// What survives.
    pub journal: MemoryJournal,
    /// Where it happens.
    pub world: SimulatedWorld,
    /// What is asked for.
    pub operation: Operation,
    /// Raised by tests that interrupt.
    pub interrupt: Interrupt,
    settings: Settings,
    /// What went wrong, for messages.
    what: String,
}

/// Engine settings for simulated worlds: few at once, so that order matters, and half a minute for a step.
pub fn quick_settings() -> Settings {
    Settings { parallelism: 3, step_timeout: Duration::from_secs(30), ..Settings::default() }
}

impl Trial {
    /// A trial; `what` goes wrong, for messages.
    pub async fn new(scenario: &Scenario, what: impl Into<String>) -> Trial {
        Trial::in_world(scenario, what, |world| world).await
    }

    /// A trial in a world whose calls take random times.
    pub async fn slow(scenario: &Scenario, what: impl Into<String>, seed: u64) -> Trial {
        Trial::in_world(scenario, what, |world| world.with_latency(Chance::seeded(seed))).await
    }

    async fn in_world(
        scenario: &Scenario,
        what: impl Into<String>,
        dress: impl FnOnce(SimulatedWorld) -> SimulatedWorld,
    ) -> Trial {
        let moments = Moments::default();
        let journal = MemoryJournal::new(&moments);
        let world = dress(SimulatedWorld::new(&journal, &moments));
        for (object, state) in &scenario.before {
            world.put(&owner(), object, state.clone());
        }
        let steps = plan(scenario, &world).await;
        Trial {
            operation: scenario.operation(1, steps),
            scenario: scenario.clone(),
            interrupt: Interrupt::default(),
            settings: quick_settings(),
            what: what.into(),
            moments,
            journal,
            world,
        }
    }

    /// The engine of this trial.
    pub fn engine(&self) -> Engine<'_> {
        Engine {
            driver: &self.world,
            journal: &self.journal,
            listener: &(),
            interrupt: &self.interrupt,
            settings: &self.settings,
        }
    }

    /// Applies the operation; `None` when it was stopped on the way, and then it crashed.
    pub async fn apply(&self) -> Option<Result<Ending, EngineError>> {
        let engine = self.engine();
        let mut process = Box::pin(engine.apply(&self.operation));
        self.moments.run(&mut process).await
    }

    /// Recovers what is open; `None` when it was stopped on the way, and then it crashed.
    pub async fn recover(&self) -> Option<()> {
        let engine = self.engine();
        let mut process = Box::pin(engine.recover());
        let recovered = self.moments.run(&mut process).await?;
        recovered.unwrap_or_else(|error| self.fail(&error.to_string()));
        Some(())
    }

    /// What must hold after the end of every operation, whatever went wrong: nothing is open, orphaned or double, the
    /// world is as the result says, and nobody did what should not be done.
    pub async fn check(&self) {
        let open = self.journal.open().await.map(|open| open.len()).unwrap_or(usize::MAX);
        self.demand(open == 0, "an operation is still open");
        let result = self.result();
        let stuck = match &result {
            Some(OperationResult::Stuck { reason }) => reason.as_str(),
            Some(OperationResult::Done | OperationResult::Undone { .. }) | None => "",
        };
        self.check_conduct(stuck);
        self.check_result(result.as_ref());
    }

    /// Whatever became of it, the next try without faults brings what is wanted, and then there is nothing left to do.
    pub async fn check_next_try(&self) {
        self.world.faults.clear();
        self.journal.heal();
        self.moments.restart(None);
        let steps = plan(&self.scenario, &self.world).await;
        let operation = self.scenario.operation(2, steps);
        let engine = Engine { interrupt: &Interrupt::default(), ..self.engine() };
        let ending = engine.apply(&operation).await;
        self.demand(matches!(ending, Ok(Ending::Done)), &format!("the next try: {ending:?}"));
        let left = plan(&self.scenario, &self.world).await;
        self.demand(left.is_empty(), &format!("the next plan is not empty: {left:?}"));
        self.check_conduct("");
    }

    /// After an operation that is done: what was to be made was made exactly once, and nothing else was.
    pub fn check_made_once(&self) {
        let mut made: BTreeMap<ObjectId, usize> = BTreeMap::new();
        for effect in self.world.take_effects() {
            if effect.kind == EffectKind::Made {
                *made.entry(effect.object).or_default() += 1;
            }
        }
        let new = |step: &&Step| match step.verb {
            Verb::Create => step.before.is_none(),
            Verb::Replace => true,
            Verb::Change | Verb::Adopt | Verb::Pause | Verb::Resume | Verb::Delete => false,
        };
        let expected = self.operation.steps.iter().filter(new).map(|step| (step.object.clone(), 1)).collect();
        self.demand(made == expected, &format!("made {made:?}, should have {expected:?}"));
    }

    /// How the operation ended, by its journal.
    pub fn result(&self) -> Option<OperationResult> {
        self.journal.result(&self.operation.id)
    }

    /// Fails the test unless it holds.
    #[track_caller]
    pub fn demand(&self, holds: bool, otherwise: &str) {
        if !holds {
            self.fail(otherwise);
        }
    }

    #[track_caller]
    fn fail(&self, why: &str) -> ! {
        let (scenario, what, result) = (&self.scenario.name, &self.what, self.result());
        panic!("{scenario}: {what}: {why}\nresult: {result:?}\nthings: {:#?}", self.world.snapshot(&owner()))
    }

    /// What is named in `stuck` may be there twice: its replacement was begun and could not be taken back.
    fn check_conduct(&self, stuck: &str) {
        let violations = [self.world.violations(), self.journal.violations()].concat();
        self.demand(violations.is_empty(), &format!("{violations:?}"));
        let before: BTreeSet<&ObjectId> = self.scenario.before.iter().map(|(object, _)| &object.id).collect();
        let mut seen = BTreeSet::new();
        for thing in self.world.things(&owner()) {
            let id = &thing.object.id;
            self.demand(before.contains(id) || self.journal.knows(id), &format!("`{id}` is an orphan"));
            let single = seen.insert(id.clone()) || names(stuck, id);
            self.demand(single, &format!("`{id}` is there twice"));
        }
    }

    fn check_result(&self, result: Option<&OperationResult>) {
        let from_before = self.differing(&self.before());
        let from_after = self.differing(&self.after());
        let may_stay = self.may_stay();
        match result {
            None => self.demand(from_before.is_empty(), "not accepted, and something changed"),
            Some(OperationResult::Done) => {
                self.demand(from_after.is_empty(), &format!("done, and {from_after:?} are not as planned"));
            }
            Some(OperationResult::Undone { .. }) => {
                let changed: Vec<_> = from_before.difference(&may_stay).collect();
                self.demand(changed.is_empty(), &format!("undone, and {changed:?} are not as before"));
            }
            Some(OperationResult::Stuck { reason }) => {
                let unnamed = |id: &&ObjectId| !names(reason, id);
                let after = from_after.iter().filter(unnamed).count() == 0;
                let before = from_before.difference(&may_stay).filter(unnamed).count() == 0;
                self.demand(after || before, "stuck, and more is left than it says");
            }
        }
    }

    fn differing(&self, from: &Snapshot) -> BTreeSet<ObjectId> {
        let now = self.world.snapshot(&owner());
        now.keys().chain(from.keys()).filter(|id| now.get(*id) != from.get(*id)).cloned().collect()
    }

    fn before(&self) -> Snapshot {
        let told = |(object, state): &(appia_plan::Object, ObjectState)| {
            (object.id.clone(), (object.body.clone(), state.clone()))
        };
        self.scenario.before.iter().map(told).collect()
    }

    fn after(&self) -> Snapshot {
        let mut after = self.before();
        for step in &self.operation.steps {
            let state = if step.verb == Verb::Pause { ObjectState::Paused } else { ObjectState::Ready };
            let holds = |object: &&appia_plan::Object| {
                step.data == DataFate::Kept && object.retention == Retention::Data
            };
            let there = match (&step.desired, step.before.as_ref().filter(holds)) {
                (Some(desired), _) => Some((desired.body.clone(), state)),
                (None, Some(kept)) => Some((kept.body.clone(), ObjectState::Retained)),
                (None, None) => None,
            };
            match there {
                Some(there) => after.insert(step.object.clone(), there),
                None => after.remove(&step.object),
            };
        }
        after
    }

    /// What an operation that was taken back may leave: what stays on purpose, and what was made for it.
    fn may_stay(&self) -> BTreeSet<ObjectId> {
        let steps: BTreeMap<&ObjectId, &Step> =
            self.operation.steps.iter().map(|step| (&step.object, step)).collect();
        let mut open: Vec<&Step> =
            self.operation.steps.iter().filter(|step| step.undo == Undo::Keep).collect();
        let mut stay: BTreeSet<ObjectId> = BTreeSet::new();
        while let Some(step) = open.pop() {
            if stay.insert(step.object.clone()) {
                let made = |step: &&Step| step.verb == Verb::Create;
                open.extend(step.needs.iter().filter_map(|need| steps.get(need).copied()).filter(made));
            }
        }
        stay
    }
}

/// True when the reason of a stuck operation lists this object among what is left.
fn names(reason: &str, object: &ObjectId) -> bool {
    reason.contains(&format!("{object} ("))
}

async fn plan(scenario: &Scenario, world: &SimulatedWorld) -> Vec<Step> {
    let observed = world.observe(&owner()).await.expect("observing has no faults");
    diff(&scenario.desired, &observed, &|desired, there| world.preview(desired, there), scenario.data)
}
