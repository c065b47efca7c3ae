//! A person interrupts at every moment.

use appia_engine::{Ending, Failure};
use appia_plan::Direction;
use appia_testkit::{Fault, Scenario, Trial};

use crate::tally::Tally;

#[tokio::test(start_paused = true)]
async fn interrupted_at_every_moment() {
    let mut tally = Tally::default();
    for scenario in Scenario::named() {
        for moment in 0.. {
            let trial = Trial::new(&scenario, format!("interrupted at {moment}")).await;
            trial.moments.restart(Some(moment));
            let engine = trial.engine();
            let mut process = Box::pin(engine.apply(&trial.operation));
            if trial.moments.run(&mut process).await.is_some() {
                break;
            }
            trial.interrupt.raise();
            trial.moments.restart(None);
            let ending = process.await.unwrap();
            let interrupted = ending.failure().is_none_or(|failure| *failure == Failure::Interrupted);
            trial.demand(interrupted, "another failure");
            trial.check().await;
            tally.count(&trial);
            trial.check_next_try().await;
        }
    }
    tally.print("an interrupt at each moment");
    assert!(tally.done > 0 && tally.undone > 0 && tally.stuck > 0);
}

#[tokio::test(start_paused = true)]
async fn an_interrupt_does_not_wait_for_what_is_pending() {
    let trial = Trial::new(&Scenario::first_up(), "pending").await;
    let secret = &trial.operation.steps[0].object;
    trial.world.faults.add(secret, Direction::Forward, Fault::Pending(u32::MAX));
    let began = tokio::time::Instant::now();
    let interrupt = async {
        tokio::time::sleep(std::time::Duration::from_secs(3)).await;
        trial.interrupt.raise();
    };
    let (ending, ()) = tokio::join!(trial.apply(), interrupt);
    let ending = ending.unwrap().unwrap();
    assert!(matches!(ending, Ending::Undone { failure: Failure::Interrupted, .. }), "{ending:?}");
    assert_eq!(began.elapsed().as_secs(), 3);
    trial.check().await;
}

#[tokio::test(start_paused = true)]
async fn interrupted_before_it_began_it_does_nothing() {
    let trial = Trial::new(&Scenario::upgrade(), "interrupted before").await;
    trial.interrupt.raise();
    trial.apply().await.unwrap().unwrap();
    trial.check().await;
    assert!(trial.world.take_effects().is_empty());
}
