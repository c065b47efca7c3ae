//! Random graphs in slow worlds, with faults, crashes and interrupts chosen at random. A failure prints its seed;
//! `APPIA_SEEDS=100000` in the environment runs so many instead of the usual number.

use appia_plan::Direction;
use appia_testkit::{Chance, Fault, Scenario, Trial, WriteFault};

use crate::tally::Tally;

fn seeds() -> u64 {
    std::env::var("APPIA_SEEDS").map_or(3000, |seeds| seeds.parse().expect("a number of seeds"))
}

#[tokio::test(start_paused = true)]
async fn random_graphs_with_random_mishaps() {
    let mut tally = Tally::default();
    for seed in 0..seeds() {
        let mut chance = Chance::seeded(seed + 1_000_000);
        let scenario = Scenario::random(seed, 4 + chance.below(14));
        let trial = Trial::slow(&scenario, "mishaps", seed).await;
        mishaps(&trial, &mut chance);
        for _ in 0..3 {
            let moment = chance.percent(50).then(|| chance.below(80));
            trial.moments.restart(moment);
            if chance.percent(5) {
                trial.interrupt.raise();
            }
            if trial.journal.writes() == 0 {
                let _ = trial.apply().await;
            } else {
                let _ = trial.recover().await;
            }
        }
        trial.moments.restart(None);
        trial.recover().await.unwrap();
        trial.recover().await.unwrap();
        trial.check().await;
        tally.count(&trial);
        trial.check_next_try().await;
    }
    tally.print(&format!("random graphs and mishaps, seeds 0 to {}", seeds() - 1));
    assert!(tally.done > 0 && tally.undone > 0 && tally.stuck > 0);
}

fn mishaps(trial: &Trial, chance: &mut Chance) {
    for step in &trial.operation.steps {
        if chance.percent(12) {
            let fault = Fault::EACH[usize::try_from(chance.below(10)).unwrap()];
            trial.world.faults.add(&step.object, Direction::Forward, fault);
        }
        if chance.percent(6) {
            let fault = Fault::EACH[usize::try_from(chance.below(10)).unwrap()];
            trial.world.faults.add(&step.object, Direction::Back, fault);
        }
    }
    if chance.percent(20) {
        let fault = if chance.percent(50) { WriteFault::Lost } else { WriteFault::Landed };
        trial.journal.fail_write(chance.below(40), fault);
    }
}
