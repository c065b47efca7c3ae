//! Who comes first, how many at once, and what is refused before it begins.

use std::sync::Mutex;

use appia_engine::{Ending, Engine, EngineError, Happening, Listener};
use appia_plan::{DataFate, Direction};
use appia_testkit::{EffectKind, Fault, Scenario, Trial};

/// Remembers how many steps ran at once.
#[derive(Default)]
struct Crowd(Mutex<(usize, usize)>);

impl Listener for Crowd {
    fn hear(&self, happening: &Happening<'_>) {
        let mut crowd = self.0.lock().unwrap();
        match happening {
            Happening::Began { .. } => crowd.0 += 1,
            Happening::Done { .. } | Happening::Failed { .. } | Happening::BrokenOff { .. } => crowd.0 -= 1,
            _ => {}
        }
        crowd.1 = crowd.1.max(crowd.0);
    }
}

#[tokio::test(start_paused = true)]
async fn as_many_run_at_once_as_allowed() {
    let trial = Trial::slow(&Scenario::wide(100), "crowded", 1).await;
    let crowd = Crowd::default();
    let engine = Engine { listener: &crowd, ..trial.engine() };
    assert_eq!(engine.apply(&trial.operation).await.unwrap(), Ending::Done);
    assert_eq!(*crowd.0.lock().unwrap(), (0, 3));
}

/// The names of what was made and deleted, in that order.
fn happened(trial: &Trial) -> String {
    let told = |effect: appia_testkit::Effect| {
        let sign = match effect.kind {
            EffectKind::Made => "+",
            EffectKind::Changed => "~",
            EffectKind::Deleted => "-",
        };
        format!("{sign}{}", effect.object.name)
    };
    trial.world.take_effects().into_iter().map(told).collect::<Vec<_>>().join(" ")
}

#[tokio::test(start_paused = true)]
async fn deletions_come_last_and_users_go_first() {
    let trial = Trial::new(&Scenario::upgrade(), "").await;
    trial.apply().await.unwrap().unwrap();
    let story = happened(&trial);
    let words: Vec<&str> = story.split(' ').collect();
    let last_other = words.iter().rposition(|word| !word.starts_with('-')).unwrap();
    for gone in ["-cache", "-route"] {
        let at = words.iter().position(|word| *word == gone).unwrap();
        assert!(at > last_other, "{gone}: {story}");
    }

    let trial = Trial::new(&Scenario::down(DataFate::Deleted), "").await;
    trial.apply().await.unwrap().unwrap();
    let story = happened(&trial);
    let at = |name: &str| story.find(name).unwrap();
    assert!(at("-route") < at("-web") && at("-web") < at("-api") && at("-api") < at("-data-db"), "{story}");
    assert!(at("-data-db") < at("-secret"), "{story}");
}

#[tokio::test(start_paused = true)]
async fn no_deletion_begins_when_something_else_failed() {
    let scenario = Scenario::upgrade();
    for step in Trial::new(&scenario, "").await.operation.steps.iter().filter(|step| step.desired.is_some()) {
        let trial = Trial::new(&scenario, format!("{} fails", step.object)).await;
        trial.world.faults.add(&step.object, Direction::Forward, Fault::Permanent);
        trial.apply().await.unwrap().unwrap();
        let story = happened(&trial);
        assert!(!story.contains("-cache") && !story.contains("-route"), "{story}");
    }
}

#[tokio::test(start_paused = true)]
async fn what_has_no_order_is_refused_before_it_begins() {
    let trial = Trial::new(&Scenario::first_up(), "").await;
    let mut operation = trial.operation.clone();
    let last = operation.steps.last().unwrap().object.clone();
    operation.steps[0].needs.push(last);
    let refused = trial.engine().apply(&operation).await;
    assert!(matches!(refused, Err(EngineError::Order(_))), "{refused:?}");
    assert_eq!(trial.journal.writes(), 0);
}
