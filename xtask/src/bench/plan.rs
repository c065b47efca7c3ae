//! Row `plan`: a cold `appia plan` of 1,000 generated services, offline; time and peak memory.
//!
//! No peer: nothing that compiles an intent runs here. The floor beside it is starting the same binary for `version`.

use anyhow::Result;

use super::measure::{Measure, Peer, cost, milliseconds};
use super::{SAMPLES, appia, generate, home::Home, scratch};

const SERVICES: usize = 1000;

pub(super) fn run() -> Result<Vec<Measure>> {
    let folder = scratch("plan")?;
    std::fs::write(folder.join("appia.yaml"), generate::services(SERVICES))?;
    let home = Home::new(&appia()?, folder.join("home"));
    let place = folder.to_string_lossy();
    let plan = home.command(&["plan", &place, "--target", "kubernetes", "--offline", "--output", "json"]);
    let version = home.command(&["version"]);
    let (mut times, mut peaks, mut starts) = (Vec::new(), Vec::new(), Vec::new());
    for _ in 0..SAMPLES {
        let planned = cost(&plan)?;
        times.push(milliseconds(planned.time));
        peaks.push(planned.peak_mib);
        starts.push(milliseconds(cost(&version)?.time));
    }
    let start = Some(Peer { name: "appia version", samples: starts });
    let what = |unit: &str| format!("plan of {SERVICES} services, {unit}");
    Ok(vec![
        Measure { what: what("time"), unit: "ms", ours: times, peer: start, target: None },
        Measure { what: what("peak memory"), unit: "MiB", ours: peaks, peer: None, target: None },
    ])
}
