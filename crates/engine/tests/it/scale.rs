//! Ten times the steps take about ten times the time.

use std::time::{Duration, Instant};

use appia_engine::{Ending, Settings};
use appia_testkit::{Scenario, Trial};

async fn time(count: usize) -> Duration {
    let trial = Trial::new(&Scenario::wide(count), "").await;
    let settings = Settings::default();
    let engine = appia_engine::Engine { settings: &settings, ..trial.engine() };
    let began = Instant::now();
    assert_eq!(engine.apply(&trial.operation).await.unwrap(), Ending::Done);
    began.elapsed()
}

#[tokio::test(start_paused = true)]
async fn thirty_thousand_steps_are_not_quadratic() {
    // The best of three, so that a busy machine does not decide.
    let mut small = Duration::MAX;
    for _ in 0..3 {
        small = small.min(time(3000).await);
    }
    let large = time(30_000).await;
    println!("engine: 3000 steps in {} ms, 30000 in {} ms", small.as_millis(), large.as_millis());
    assert!(small < Duration::from_secs(3), "{small:?}");
    assert!(large < small * 40, "{small:?} and {large:?}: quadratic would be a hundred times as long");
}
