//! `torture outages`: the control plane is dead for a minute while a crowd asks, and then the data plane dies again and
//! again.
//!
//! Without a server not one request may fail. Without an agent the program goes on (the same pid), and the server has an
//! agent back that takes it over and serves within a second; how long the gateway was away is measured from the kill to
//! the first answer. The crowd is the one of `traffic.rs`. Start at `run`.

use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};
use serde_json::Value;

use super::processes::{self, Role, of_home};
use super::traffic::{Appia, Connection, Contender, Crowd, Keep};
use super::{Options, check};
use crate::bench::home::Home;

/// So long there is no server.
const WITHOUT_SERVER: Duration = Duration::from_secs(60);
/// Before and after that.
const WITH_SERVER: Duration = Duration::from_secs(5);
/// The gateway is back by then.
const BACK: Duration = Duration::from_secs(1);
const PATIENCE: Duration = Duration::from_secs(120);

/// Both outages; fails when a request failed without a server, or when something did not come back as it was.
pub(super) fn run(program: &Path, options: &Options) -> Result<ExitCode> {
    println!("outages: {} kills of the agent, seed {}, `{}`", options.runs, options.seed, program.display());
    let folder = PathBuf::from(format!("/tmp/appia-outages-{}", std::process::id()));
    let mut appia = Appia::start(program, &folder)?;
    appia.deploy(0)?;
    let mut failures = without_server(&appia, options.seed)?;
    failures.extend(without_agent(&appia, options.runs)?);
    drop(appia);
    crate::command::remove_folder(&folder)?;
    println!("{} failures", failures.len());
    failures.iter().for_each(|failure| println!("  {failure}"));
    Ok(if failures.is_empty() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// Nobody notices that there is no server, nor that the next one comes.
fn without_server(appia: &Appia, seed: u64) -> Result<Vec<String>> {
    let crowd = Crowd::start(appia.address(), seed)?;
    std::thread::sleep(WITH_SERVER);
    kill(appia.home(), Role::Server)?;
    std::thread::sleep(WITHOUT_SERVER);
    let alone = of_home(appia.home().folder()).iter().all(|process| process.role() != Role::Server);
    appia.home().run(&["server", "start"])?;
    std::thread::sleep(WITH_SERVER);
    let tallies = crowd.end()?;
    let sum = |of: fn(&super::traffic::Tally) -> u64| tallies.values().map(of).sum::<u64>();
    let (requests, failed) = (sum(|tally| tally.requests), sum(|tally| tally.failed + tally.socket_errors));
    println!("{} s without a server: {requests} requests, {failed} failed", WITHOUT_SERVER.as_secs());
    let mut failures = Vec::new();
    if !alone {
        failures.push("a server ran while there should have been none".to_owned());
    }
    for (reason, count) in tallies.values().flat_map(|tally| &tally.reasons) {
        failures.push(format!("without a server: {count} times {reason}"));
    }
    if failed > 0 && failures.is_empty() {
        failures.push(format!("without a server: {failed} requests failed"));
    }
    Ok(failures)
}

/// Each time the program goes on, and the gateway is back in time.
fn without_agent(appia: &Appia, runs: u32) -> Result<Vec<String>> {
    let mut failures = Vec::new();
    let mut away = Vec::new();
    for number in 1..=runs {
        let before = instance(appia)?;
        kill(appia.home(), Role::Agent)?;
        let time = until_answered(appia.address())?;
        away.push(time);
        if time > BACK {
            failures.push(format!("kill {number}: the gateway was away for {} ms", time.as_millis()));
        }
        let after = instance(appia)?;
        if before != after {
            failures.push(format!("kill {number}: {before:?} became {after:?}"));
        }
    }
    away.sort();
    let at = |share: usize| away.get((away.len() * share / 100).min(away.len().saturating_sub(1)));
    let millis = |time: Option<&Duration>| time.map_or(0, Duration::as_millis);
    println!(
        "{runs} kills of the agent: gateway away for {} ms (median), {} ms (p95), {} ms (longest); same pid each time: {}",
        millis(at(50)),
        millis(at(95)),
        millis(away.last()),
        !failures.iter().any(|failure| failure.contains("became")),
    );
    Ok(failures)
}

/// The pid and the restarts of the one instance, once it is healthy.
fn instance(appia: &Appia) -> Result<(u64, u64)> {
    let began = Instant::now();
    loop {
        let status = check::json(appia.home(), &["status", &appia.folder(), "--output", "json"])?;
        let state = status.pointer("/workloads/0/state").and_then(Value::as_str).unwrap_or_default();
        let number = |name: &str| status.pointer(&format!("/workloads/0/instances/0/{name}"))?.as_u64();
        match (state, number("pid"), number("restarts")) {
            ("healthy", Some(pid), Some(restarts)) => return Ok((pid, restarts)),
            _ if began.elapsed() > PATIENCE => bail!("it does not become healthy: {status}"),
            _ => std::thread::sleep(Duration::from_millis(20)),
        }
    }
}

/// How long nobody answered.
fn until_answered(address: SocketAddr) -> Result<Duration> {
    let began = Instant::now();
    let answers = || Connection::open(address).and_then(|mut open| open.request("GET", "/", Keep::Close));
    while answers().is_err() {
        if began.elapsed() > PATIENCE {
            bail!("the gateway does not come back");
        }
        std::thread::sleep(Duration::from_millis(5));
    }
    Ok(began.elapsed())
}

/// Kills it and waits until it is gone: what answers from now on is another one.
fn kill(home: &Home, role: Role) -> Result<()> {
    let found = of_home(home.folder()).into_iter().find(|process| process.role() == role);
    let pid = found.with_context(|| format!("no {role:?} runs"))?.pid;
    processes::kill(&[pid])?;
    while processes::parent(pid).is_some() {
        std::thread::sleep(Duration::from_millis(1));
    }
    Ok(())
}
