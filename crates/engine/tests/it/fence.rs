//! An engine that sleeps at every moment, wakes after a newer one has taken over, and must not do harm.

use appia_engine::Ending;
use appia_plan::{Direction, OperationResult};
use appia_testkit::{Fault, Scenario, Trial};

use crate::tally::Tally;

#[tokio::test(start_paused = true)]
async fn a_sleeper_wakes_after_a_newer_one_finished() {
    let (mut tally, mut superseded) = (Tally::default(), 0);
    for scenario in Scenario::named() {
        for moment in 0.. {
            let trial = Trial::new(&scenario, format!("asleep at {moment}")).await;
            trial.moments.restart(Some(moment));
            let engine = trial.engine();
            let mut sleeper = Box::pin(engine.apply(&trial.operation));
            if trial.moments.run(&mut sleeper).await.is_some() {
                break;
            }
            trial.moments.restart(None);
            trial.recover().await.unwrap();
            let things = trial.result().is_some().then(|| trial.world.things(&appia_testkit::owner()));
            let woken = sleeper.await;
            if let Some(things) = things {
                trial.demand(
                    things == trial.world.things(&appia_testkit::owner()),
                    "the sleeper did something",
                );
            }
            superseded += u32::from(matches!(woken, Ok(Ending::Superseded { .. })));
            trial.check().await;
            tally.count(&trial);
            trial.check_next_try().await;
        }
    }
    tally.print(&format!("asleep at each moment while a newer engine finishes ({superseded} fenced)"));
    assert!(superseded > 0 && tally.undone == 0 && tally.stuck == 0);
}

#[tokio::test(start_paused = true)]
async fn a_sleeper_wakes_while_a_newer_one_is_at_work() {
    let mut tally = Tally::default();
    for scenario in Scenario::named() {
        for moment in 0.. {
            let trial = Trial::slow(&scenario, format!("asleep at {moment}, together"), moment).await;
            trial.moments.restart(Some(moment));
            let engine = trial.engine();
            let mut sleeper = Box::pin(engine.apply(&trial.operation));
            if trial.moments.run(&mut sleeper).await.is_some() {
                break;
            }
            trial.moments.restart(None);
            let (_, recovered) = tokio::join!(sleeper, trial.recover());
            recovered.unwrap();
            trial.recover().await.unwrap();
            trial.check().await;
            tally.count(&trial);
            trial.check_next_try().await;
        }
    }
    tally.print("asleep at each moment, then two engines at once");
    assert!(tally.done > 0);
}

#[tokio::test(start_paused = true)]
async fn a_fenced_engine_takes_nothing_back() {
    let trial = Trial::new(&Scenario::first_up(), "fenced").await;
    let web = &trial.operation.steps.iter().find(|step| step.object.name == "web").unwrap().object;
    trial.world.faults.add(web, Direction::Forward, Fault::Pending(3));
    trial.moments.restart(Some(30));
    let engine = trial.engine();
    let mut sleeper = Box::pin(engine.apply(&trial.operation));
    assert!(trial.moments.run(&mut sleeper).await.is_none());
    trial.moments.restart(None);
    trial.recover().await.unwrap();
    let woken = sleeper.await.unwrap();
    assert!(matches!(woken, Ending::Superseded { .. } | Ending::Open { .. }), "{woken:?}");
    assert_eq!(trial.result(), Some(OperationResult::Done));
    trial.check().await;
}
