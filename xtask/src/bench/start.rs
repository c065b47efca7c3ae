//! Row `start`: from `appia server start` in a home that was used before until the server has answered.
//!
//! The command starts the server, which starts the agent, and ends with the server's first answer.

use std::time::Instant;

use anyhow::Result;

use super::measure::{Measure, Target, milliseconds};
use super::{SAMPLES, appia, home::Home, scratch};

pub(super) fn run() -> Result<Vec<Measure>> {
    let home = Home::new(&appia()?, scratch("start")?.join("home"));
    let mut times = Vec::new();
    // The first start makes keys and tables.
    home.run(&["server", "start"])?;
    for _ in 0..SAMPLES {
        home.run(&["server", "stop", "--all"])?;
        let start = Instant::now();
        home.run(&["server", "start"])?;
        times.push(milliseconds(start.elapsed()));
    }
    let what = "first answer after start".to_owned();
    Ok(vec![Measure { what, unit: "ms", ours: times, peer: None, target: Some(Target::AtMost(60.0)) }])
}
