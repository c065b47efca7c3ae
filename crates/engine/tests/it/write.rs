//! The journal fails at each of its writes, lost or landed; then it can be written again and what is open is recovered.

use appia_engine::Ending;
use appia_plan::Direction;
use appia_testkit::{Fault, Scenario, Trial, WriteFault};

use crate::tally::Tally;

#[tokio::test(start_paused = true)]
async fn every_write_fails_once() {
    let mut tally = Tally::default();
    for scenario in Scenario::named() {
        let steps = Trial::new(&scenario, "").await.operation.steps;
        for failing in steps.iter().map(Some).chain([None]) {
            for fault in [WriteFault::Lost, WriteFault::Landed] {
                for write in 0.. {
                    let trial = Trial::new(&scenario, format!("write {write} {fault:?}")).await;
                    if let Some(step) = failing {
                        trial.world.faults.add(&step.object, Direction::Forward, Fault::PermanentAmid);
                    }
                    trial.journal.fail_write(write, fault);
                    let ending = trial.apply().await.unwrap();
                    if trial.journal.writes() <= write {
                        break;
                    }
                    let open = matches!(ending, Err(_) | Ok(Ending::Open { .. }));
                    trial.demand(open, "an error of the journal was swallowed");
                    trial.recover().await.unwrap();
                    trial.check().await;
                    tally.count(&trial);
                    trial.check_next_try().await;
                }
            }
        }
    }
    tally.print("each journal write fails, lost and landed, with each step failing or none");
    assert!(tally.done > 0 && tally.undone > 0 && tally.stuck > 0 && tally.not_accepted > 0);
}
