//! Row `plan`: a cold `appia plan` of generated services, offline, as JSON; time and peak memory.
//!
//! No peer: nothing that compiles an intent runs here. The floor beside it is starting the same binary for `version`.
//! That the time is linear is a figure of its own: ten times the services beside the time of one part.

use std::path::Path;
use std::process::Command;

use anyhow::Result;

use super::measure::{Measure, Peer, Target, cost, milliseconds};
use super::{SAMPLES, appia, generate, home::Home, scratch};

const SMALL: usize = 1000;
const LARGE: usize = 10_000;

pub(super) fn run() -> Result<Vec<Measure>> {
    let folder = scratch("plan")?;
    let home = Home::new(&appia()?, folder.join("home"));
    let (mut small, mut large, mut again) = (Samples::default(), Samples::default(), Vec::new());
    for _ in 0..SAMPLES {
        small.take(&home, &folder, SMALL)?;
        large.take(&home, &folder, LARGE)?;
        again.push(Samples::again(&home, &folder, LARGE)?);
    }
    let ratio = Measure {
        what: format!("plan of {LARGE} services beside {SMALL}"),
        unit: "ms",
        ours: large.times.clone(),
        peer: Some(Peer { name: "a tenth of it", samples: small.times.clone() }),
        target: Some(Target::RatioAtMost(12.0)),
    };
    let mut measures = small.measures(SMALL, None);
    measures.extend(large.measures(LARGE, Some(Target::AtMost(600.0))));
    let target = Some(Target::AtMost(80.0));
    let what = format!("plan of {LARGE} after one changed line");
    measures.extend([ratio, Measure { what, unit: "ms", ours: again, peer: None, target }]);
    Ok(measures)
}

/// What outcomes add to the plan of as many services: at most 30 µs each.
pub(super) fn sizing() -> Result<Vec<Measure>> {
    let folder = scratch("sizing")?;
    let home = Home::new(&appia()?, folder.join("home"));
    let (mut sized, mut stated) = (Vec::new(), Vec::new());
    for (name, text) in [("sized", generate::sized_services(LARGE)), ("stated", generate::services(LARGE))] {
        std::fs::create_dir_all(folder.join(name).join(LARGE.to_string()))?;
        std::fs::write(folder.join(name).join(LARGE.to_string()).join("appia.yaml"), text)?;
    }
    for _ in 0..SAMPLES {
        sized.push(milliseconds(cost(&plan(&home, &folder.join("sized"), LARGE))?.time));
        stated.push(milliseconds(cost(&plan(&home, &folder.join("stated"), LARGE))?.time));
    }
    let peer = Some(Peer { name: "numbers stated", samples: stated });
    let target = Some(Target::AtMostMoreThanPeer(0.030 * LARGE as f64));
    let what = format!("plan of {LARGE} services, sized");
    Ok(vec![Measure { what, unit: "ms", ours: sized, peer, target }])
}

fn plan(home: &Home, folder: &Path, services: usize) -> Command {
    let place = folder.join(services.to_string());
    home.command(&[
        "plan",
        &place.to_string_lossy(),
        "--target",
        "kubernetes",
        "--offline",
        "--output",
        "json",
    ])
}

#[derive(Default)]
struct Samples {
    times: Vec<f64>,
    peaks: Vec<f64>,
    starts: Vec<f64>,
}

impl Samples {
    fn take(&mut self, home: &Home, folder: &Path, services: usize) -> Result<()> {
        let place = folder.join(services.to_string());
        std::fs::create_dir_all(&place)?;
        std::fs::write(place.join("appia.yaml"), generate::services(services))?;
        let planned = cost(&plan(home, folder, services))?;
        self.times.push(milliseconds(planned.time));
        self.peaks.push(planned.peak_mib);
        self.starts.push(milliseconds(cost(&home.command(&["version"]))?.time));
        Ok(())
    }

    /// The time of the same plan after one line was changed, in the same home.
    fn again(home: &Home, folder: &Path, services: usize) -> Result<f64> {
        let file = folder.join(services.to_string()).join("appia.yaml");
        let text = std::fs::read_to_string(&file)?;
        std::fs::write(&file, text.replacen("NAME: \"s-0500\"", "NAME: \"changed\"", 1))?;
        Ok(milliseconds(cost(&plan(home, folder, services))?.time))
    }

    fn measures(&self, services: usize, target: Option<Target>) -> Vec<Measure> {
        let start = Some(Peer { name: "appia version", samples: self.starts.clone() });
        let what = |unit: &str| format!("plan of {services} services, {unit}");
        vec![
            Measure { what: what("time"), unit: "ms", ours: self.times.clone(), peer: start, target },
            Measure {
                what: what("peak memory"),
                unit: "MiB",
                ours: self.peaks.clone(),
                peer: None,
                target: target.map(|_| Target::AtMost(400.0)),
            },
        ]
    }
}
