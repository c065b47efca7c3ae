//! Each fault at each step, and each fault at each step of the way back.

use appia_engine::{Ending, Failure};
use appia_plan::{Direction, OperationResult};
use appia_testkit::{Fault, Scenario, Trial};

use crate::tally::Tally;

#[tokio::test(start_paused = true)]
async fn every_fault_at_every_step() {
    let mut tally = Tally::default();
    for scenario in Scenario::named() {
        for step in &Trial::new(&scenario, "").await.operation.steps {
            for fault in Fault::EACH {
                let trial = Trial::new(&scenario, format!("{fault:?} at {}", step.object)).await;
                trial.world.faults.add(&step.object, Direction::Forward, fault);
                let ending = trial.apply().await.unwrap().unwrap();
                trial.check().await;
                trial.demand(fault.passes() == (ending == Ending::Done), "the ending is another one");
                match ending.failure() {
                    None => trial.check_made_once(),
                    Some(Failure::Step(failure)) => trial.demand(failure.object == step.object, "blamed"),
                    Some(other) => panic!("{other}"),
                }
                tally.count(&trial);
                trial.check_next_try().await;
            }
        }
    }
    tally.print("each of 10 faults at each step");
    assert!(tally.done > 0 && tally.undone > 0 && tally.stuck > 0);
}

#[tokio::test(start_paused = true)]
async fn every_fault_at_every_step_of_the_way_back() {
    let mut tally = Tally::default();
    for scenario in Scenario::named() {
        let steps = Trial::new(&scenario, "").await.operation.steps;
        for failing in &steps {
            for stubborn in &steps {
                for fault in Fault::EACH {
                    let what =
                        format!("{} fails, then {fault:?} taking back {}", failing.object, stubborn.object);
                    let trial = Trial::new(&scenario, what).await;
                    trial.world.faults.add(&failing.object, Direction::Forward, Fault::PermanentAmid);
                    trial.world.faults.add(&stubborn.object, Direction::Back, fault);
                    trial.apply().await.unwrap().unwrap();
                    trial.check().await;
                    tally.count(&trial);
                    trial.check_next_try().await;
                }
            }
        }
    }
    tally.print("each step fails and each of 10 faults at each step back");
    assert!(tally.done == 0 && tally.undone > 0 && tally.stuck > 0);
}

#[tokio::test(start_paused = true)]
async fn every_pair_of_steps_fails() {
    let mut tally = Tally::default();
    for scenario in Scenario::named() {
        let steps = Trial::new(&scenario, "").await.operation.steps;
        for (at, one) in steps.iter().enumerate() {
            for two in steps.iter().skip(at + 1) {
                let trial = Trial::new(&scenario, format!("{} and {} fail", one.object, two.object)).await;
                trial.world.faults.add(&one.object, Direction::Forward, Fault::PermanentAfter);
                trial.world.faults.add(&two.object, Direction::Forward, Fault::Permanent);
                trial.apply().await.unwrap().unwrap();
                trial.check().await;
                tally.count(&trial);
                trial.check_next_try().await;
            }
        }
    }
    tally.print("each pair of steps fails");
    assert!(tally.done == 0 && tally.undone > 0);
}

#[tokio::test(start_paused = true)]
async fn applied_twice_has_nothing_to_do() {
    for scenario in Scenario::named() {
        let trial = Trial::new(&scenario, "applied twice").await;
        assert_eq!(trial.apply().await.unwrap().unwrap(), Ending::Done);
        trial.check().await;
        trial.check_made_once();
        trial.check_next_try().await;
        assert!(trial.world.take_effects().is_empty(), "the second time nothing happens");
    }
}

#[tokio::test(start_paused = true)]
async fn a_failure_tells_people_what_and_why() {
    let trial = Trial::new(&Scenario::first_up(), "no room for web").await;
    let web = &trial.operation.steps.iter().find(|step| step.object.name == "web").unwrap().object;
    trial.world.faults.add(web, Direction::Forward, Fault::Permanent);
    let ending = trial.apply().await.unwrap().unwrap();
    let Ending::Undone { failure: Failure::Step(failure), kept } = &ending else { panic!("{ending:?}") };
    assert_eq!(failure.to_string(), "cannot create `resources.web` (box/web): no room");
    assert_eq!(failure.detail, ["0 of 3 places are free"]);
    assert_eq!(failure.help, ["ask for less"]);
    let kept: Vec<&str> = kept.iter().map(|object| object.name.as_str()).collect();
    assert_eq!(kept, ["secret", "data-db"], "the data stays, and the secret that opens it");
    let reason = "cannot create `resources.web` (box/web): no room".to_owned();
    assert_eq!(trial.result(), Some(OperationResult::Undone { reason }));
}

#[tokio::test(start_paused = true)]
async fn what_is_stuck_is_named() {
    let trial = Trial::new(&Scenario::down(appia_plan::DataFate::Kept), "api does not stop").await;
    let api = &trial.operation.steps.iter().find(|step| step.object.name == "api").unwrap().object;
    trial.world.faults.add(api, Direction::Forward, Fault::Transient(u32::MAX));
    trial.apply().await.unwrap().unwrap();
    let Some(OperationResult::Stuck { reason }) = trial.result() else { panic!("{:?}", trial.result()) };
    assert_eq!(
        reason,
        "cannot delete `resources.api` (box/api): it does not answer (6 tries); left: \
         box/api (its deletion did not end), box/cache (its deletion did not begin), \
         box/data-db (its deletion did not begin), box/secret (its deletion did not begin)"
    );
}
