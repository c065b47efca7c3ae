//! `torture traffic`: one deploy after the other under load, and not one request may notice.
//!
//! A crowd of clients (`traffic/clients.rs`) asks a small service (`traffic/service.rs`) through Appia's gateway while
//! `appia deploy` replaces it; then the same crowd asks the same service through HAProxy and through Caddy, which are
//! switched by hand as a careful operator would (`traffic/appia.rs`, `haproxy.rs`, `caddy.rs`). Every failed request,
//! socket error and answer of a version that was replaced before the question is counted. Start at `run`.

mod appia;
mod backend;
mod caddy;
mod clients;
mod haproxy;
mod http;
mod report;
pub(super) mod service;

use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};

pub(super) use appia::Appia;
use clients::Phase;
pub(super) use clients::{Crowd, Tally};
pub(super) use http::{Connection, Keep};
use report::Outcome;

/// Between two deploys there is at least so much time without one.
const REST: Duration = Duration::from_secs(2);
const TURN: Duration = Duration::from_millis(20);

/// Somebody who stands in front of the service and can be made to serve another version of it.
pub(super) trait Contender {
    fn name(&self) -> &'static str;
    /// Where the clients ask.
    fn address(&self) -> SocketAddr;
    /// Makes this version serve; returns once the one before it has ended.
    fn deploy(&mut self, version: u32) -> Result<()>;
}

/// What the command line says.
pub(super) struct Options {
    deploys: u32,
    requests: u64,
    seed: u64,
    program: Option<PathBuf>,
    peers: Peers,
}

/// Whether others stand beside Appia.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Peers {
    Beside,
    None,
}

/// Lets everybody deploy under load and tells what the clients saw; fails when one of Appia's requests failed.
pub(super) fn run(arguments: &[&str]) -> Result<ExitCode> {
    let options = Options::parse(arguments)?;
    let program = match &options.program {
        Some(program) => program.canonicalize().with_context(|| format!("`{}`", program.display()))?,
        None => crate::command::built(&["--package", "appia-cli", "--bin", "appia"])?,
    };
    println!(
        "traffic: {} deploys, at least {} requests, seed {}, `{}`",
        options.deploys,
        options.requests,
        options.seed,
        program.display()
    );
    let folder = PathBuf::from(format!("/tmp/appia-traffic-{}", std::process::id()));
    let outcomes = everybody(&program, &folder, &options);
    crate::command::remove_folder(&folder)?;
    let outcomes = outcomes?;
    print!("\n{}", report::table(&outcomes)?);
    let flawless = outcomes.first().is_some_and(Outcome::is_flawless);
    Ok(if flawless { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// Appia first, then its peers; one that cannot be had is named with the reason.
fn everybody(program: &Path, folder: &Path, options: &Options) -> Result<Vec<Outcome>> {
    std::fs::create_dir_all(folder)?;
    let mut outcomes = vec![trial(&mut Appia::start(program, folder)?, options)?];
    if options.peers == Peers::Beside {
        let haproxy = haproxy::HaProxy::start(folder).and_then(|mut one| trial(&mut one, options));
        let caddy = caddy::Caddy::start(folder).and_then(|mut one| trial(&mut one, options));
        for (name, outcome) in [("HAProxy", haproxy), ("Caddy", caddy)] {
            match outcome {
                Ok(outcome) => outcomes.push(outcome),
                Err(error) => println!("{name} did not run to its end: {error:#}"),
            }
        }
    }
    Ok(outcomes)
}

/// One contender, all its deploys, one crowd.
fn trial(contender: &mut dyn Contender, options: &Options) -> Result<Outcome> {
    let began = Instant::now();
    contender.deploy(0)?;
    let crowd = Crowd::start(contender.address(), options.seed)?;
    let deployed = deploy_all(contender, &crowd, options);
    let tallies = crowd.end()?;
    let deploys = deployed?;
    let outcome = Outcome { name: contender.name(), deploys, tallies, time: began.elapsed() };
    println!("{}", outcome.line());
    Ok(outcome)
}

/// Deploys with rests between, so long that all requests are spread over them; how long each took.
fn deploy_all(contender: &mut dyn Contender, crowd: &Crowd, options: &Options) -> Result<Vec<Duration>> {
    let mut times = Vec::new();
    for version in 1..=options.deploys {
        rest(crowd, options, version);
        let began = Instant::now();
        crowd.enter(Phase::Deploying);
        contender.deploy(version).with_context(|| format!("{}: version {version}", contender.name()))?;
        crowd.enter(Phase::Steady);
        crowd.expect(version);
        times.push(began.elapsed());
    }
    rest(crowd, options, options.deploys + 1);
    Ok(times)
}

/// Waits until the share of requests that belongs before this deploy was asked.
fn rest(crowd: &Crowd, options: &Options, version: u32) {
    let share = options.requests * u64::from(version) / u64::from(options.deploys + 1);
    let began = Instant::now();
    while crowd.requests() < share || began.elapsed() < REST {
        std::thread::sleep(TURN);
    }
}

impl Options {
    fn parse(arguments: &[&str]) -> Result<Options> {
        let mut options =
            Options { deploys: 50, requests: 2_000_000, seed: 1, program: None, peers: Peers::Beside };
        let mut rest = arguments.iter();
        while let Some(name) = rest.next() {
            if *name == "--alone" {
                options.peers = Peers::None;
                continue;
            }
            let value = rest.next().with_context(|| format!("`{name}` needs a value"))?;
            match *name {
                "--deploys" => options.deploys = value.parse().context("`--deploys` is a number")?,
                "--requests" => options.requests = value.parse().context("`--requests` is a number")?,
                "--seed" => options.seed = value.parse().context("`--seed` is a number")?,
                "--program" => options.program = Some(PathBuf::from(value)),
                _ => bail!(
                    "`{name}` is no option; the options are --deploys --requests --seed --program --alone"
                ),
            }
        }
        Ok(options)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn options_are_read_and_a_wrong_one_is_refused() -> Result<()> {
        let options = Options::parse(&["--seed", "7", "--alone", "--deploys", "3"])?;
        assert_eq!((options.seed, options.deploys, options.peers), (7, 3, Peers::None));
        assert!(Options::parse(&["--deploy", "7"]).is_err());
        assert!(Options::parse(&["--seed"]).is_err());
        Ok(())
    }
}
