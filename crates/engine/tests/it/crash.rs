//! Dies before and after every journal write, and before, amid and after every effect; then recovers.

use appia_engine::Ending;
use appia_plan::{DataFate, Direction, Journal, ObjectId, OperationResult, StepRecord};
use appia_testkit::{Fault, Scenario, Trial, owner};

use crate::tally::Tally;

/// Runs to the end and tells how many moments there were.
async fn moments(trial: &Trial) -> u64 {
    trial.apply().await.unwrap().unwrap();
    trial.moments.passed()
}

/// Crashes while applying.
async fn crash_at(trial: &Trial, moment: u64) {
    trial.moments.restart(Some(moment));
    assert!(trial.apply().await.is_none(), "there is a moment {moment}");
}

#[tokio::test(start_paused = true)]
async fn a_crash_at_every_moment_is_finished() {
    let mut tally = Tally::default();
    for scenario in Scenario::named() {
        for moment in 0..moments(&Trial::new(&scenario, "").await).await {
            let trial = Trial::new(&scenario, format!("crash at {moment}")).await;
            crash_at(&trial, moment).await;
            trial.moments.restart(None);
            trial.recover().await.unwrap();
            trial.check().await;
            match trial.result() {
                None => assert_eq!(moment, 0, "lost only before it was accepted"),
                Some(result) => {
                    assert_eq!(result, OperationResult::Done);
                    trial.check_made_once();
                }
            }
            tally.count(&trial);
            trial.check_next_try().await;
        }
    }
    tally.print("a crash at each moment");
    assert!(tally.undone == 0 && tally.stuck == 0 && tally.not_accepted == 6);
}

#[tokio::test(start_paused = true)]
async fn a_second_crash_at_every_moment_of_the_recovery() {
    let mut tally = Tally::default();
    // The other scenarios differ from these on the way back only.
    for scenario in [Scenario::first_up(), Scenario::upgrade(), Scenario::down(DataFate::Kept)] {
        for first in 0..moments(&Trial::new(&scenario, "").await).await {
            for second in 0.. {
                let trial = Trial::new(&scenario, format!("crash at {first}, again at {second}")).await;
                crash_at(&trial, first).await;
                trial.moments.restart(Some(second));
                let survived = trial.recover().await.is_some();
                trial.moments.restart(None);
                trial.recover().await.unwrap();
                trial.check().await;
                if trial.result() == Some(OperationResult::Done) {
                    trial.check_made_once();
                }
                tally.count(&trial);
                if survived {
                    break;
                }
            }
        }
    }
    tally.print("a crash at each moment and another at each of the recovery");
    assert!(tally.undone == 0 && tally.stuck == 0);
}

#[tokio::test(start_paused = true)]
async fn a_crash_at_every_moment_while_each_step_fails() {
    let mut tally = Tally::default();
    for scenario in Scenario::named() {
        for step in &Trial::new(&scenario, "").await.operation.steps {
            for moment in 0.. {
                let trial = Trial::new(&scenario, format!("{} fails, crash at {moment}", step.object)).await;
                trial.world.faults.add(&step.object, Direction::Forward, Fault::PermanentAmid);
                trial.moments.restart(Some(moment));
                let survived = trial.apply().await.is_some();
                trial.moments.restart(None);
                trial.recover().await.unwrap();
                trial.check().await;
                tally.count(&trial);
                trial.check_next_try().await;
                if survived {
                    break;
                }
            }
        }
    }
    tally.print("each step fails, a crash at each moment of it");
    assert!(tally.done == 0 && tally.undone > 0 && tally.stuck > 0);
}

#[tokio::test(start_paused = true)]
async fn what_a_reboot_took_is_made_again() {
    for lost in ["secret", "api", "route"] {
        let trial = Trial::new(&Scenario::first_up(), format!("{lost} is lost in a reboot")).await;
        let all = moments(&Trial::new(&trial.scenario, "").await).await;
        crash_at(&trial, all - 2).await;
        let object = &trial.operation.steps.iter().find(|step| step.object.name == lost).unwrap().object;
        trial.world.lose(&owner(), object);
        trial.moments.restart(None);
        let recovered = trial.engine().recover().await.unwrap();
        let endings: Vec<&Ending> = recovered.iter().map(|(_, ending)| ending.as_ref().unwrap()).collect();
        assert_eq!(endings, [&Ending::Done]);
        trial.check().await;
        trial.check_next_try().await;
    }
}

/// The objects whose steps (or, once taking back began, whose way back) the journal knows to be done.
async fn known_done(trial: &Trial) -> Vec<ObjectId> {
    let open = trial.journal.open().await.unwrap();
    let records: Vec<&StepRecord> = open.iter().flat_map(|open| &open.records).collect();
    let back = records.iter().any(|record| record.direction == Direction::Back);
    let way = if back { Direction::Back } else { Direction::Forward };
    let known = records.iter().filter(|record| record.done && record.direction == way);
    known.map(|record| record.key.object.clone()).collect()
}

#[tokio::test(start_paused = true)]
async fn what_is_known_to_be_done_is_not_asked_for_again() {
    for failing in [None, Some("route")] {
        let mut known = 0;
        for moment in 0.. {
            let trial = Trial::new(&Scenario::first_up(), format!("crash at {moment}")).await;
            let step = trial.operation.steps.iter().find(|step| Some(step.object.name.as_str()) == failing);
            if let Some(step) = step {
                trial.world.faults.add(&step.object, Direction::Forward, Fault::Permanent);
            }
            trial.moments.restart(Some(moment));
            if trial.apply().await.is_some() {
                break;
            }
            let done = known_done(&trial).await;
            known += done.len();
            trial.world.faults.clear();
            trial.world.take_asked();
            trial.moments.restart(None);
            trial.recover().await.unwrap();
            let again = trial.world.take_asked().into_iter().find(|object| done.contains(object));
            trial.demand(again.is_none(), &format!("{again:?} was done"));
        }
        assert!(known > 50, "{known}");
    }
}
