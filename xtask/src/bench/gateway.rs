//! Row `gateway`: requests per second through our gateway on one thread, beside HAProxy on one thread.
//!
//! Both stand before the same origin and are loaded in turns by wrk: one thread, 32 connections kept alive. Our gateway
//! and the origin are `crates/runtime/examples/gateway_bench.rs`, each a process of one thread. What else a gateway costs
//! is `gateway/costs.rs`.

mod costs;

use std::net::{TcpListener, TcpStream};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};

use super::measure::{Measure, Peer, Target};
use super::{SAMPLES, scratch, shipped};
use crate::command::read;
use crate::setup::program;

const DEADLINE: Duration = Duration::from_secs(10);

pub(super) fn run() -> Result<Vec<Measure>> {
    let example = shipped(&["--package", "appia-runtime", "--example", "gateway_bench"])?;
    let wrk = program("wrk")?;
    let ports = Ports::free()?;
    let [_origin, gateway, haproxy] = start_all(&example, &ports)?;
    let (mut ours, mut theirs) = ((Vec::new(), Vec::new()), (Vec::new(), Vec::new()));
    for _ in 0..SAMPLES {
        push(&mut ours, load(&wrk, ports.route)?);
        push(&mut theirs, load(&wrk, ports.haproxy)?);
    }
    let peer = |samples| Some(Peer { name: "HAProxy", samples });
    let target = Some(Target::RatioAtLeast(0.75));
    let mut measures = vec![
        Measure { what: "gateway, 1 thread".into(), unit: "rps", ours: ours.0, peer: peer(theirs.0), target },
        Measure { what: "gateway, p99".into(), unit: "ms", ours: ours.1, peer: peer(theirs.1), target: None },
    ];
    let both = costs::Both { ours: &gateway, theirs: &haproxy, ports: &ports, wrk: &wrk };
    measures.extend(both.measure()?);
    Ok(measures)
}

/// Where each of the three listens; the gateway's route is on the port after the gateway's own.
struct Ports {
    origin: u16,
    haproxy: u16,
    gateway: u16,
    route: u16,
}

impl Ports {
    fn free() -> Result<Self> {
        for _ in 0..100 {
            let held = [free_port()?, free_port()?, free_port()?];
            let numbers = held.each_ref().map(|(_, port)| *port);
            let [origin, haproxy, gateway] = numbers;
            let Some(route) = gateway.checked_add(1) else { continue };
            if !numbers.contains(&route) && TcpListener::bind(("127.0.0.1", route)).is_ok() {
                return Ok(Self { origin, haproxy, gateway, route });
            }
        }
        bail!("no two free ports in a row")
    }
}

/// The origin, the gateway and HAProxy.
fn start_all(example: &Path, ports: &Ports) -> Result<[Running; 3]> {
    let address = |port: u16| format!("127.0.0.1:{port}");
    let configuration = scratch("gateway")?.join("haproxy.cfg");
    std::fs::write(&configuration, haproxy(ports))?;
    let origin = Running::start(Command::new(example).args(["origin", &address(ports.origin)]))?;
    let mut gateway = Command::new(example);
    let gateway = Running::start(gateway.args(["gateway", &address(ports.gateway), &address(ports.origin)]))?;
    let haproxy = Running::start(Command::new(program("haproxy")?).args(["-db", "-f"]).arg(&configuration))?;
    for port in [ports.origin, ports.route, ports.haproxy] {
        await_port(port)?;
    }
    Ok([origin, gateway, haproxy])
}

fn push(samples: &mut (Vec<f64>, Vec<f64>), load: Load) {
    samples.0.push(load.rps);
    samples.1.push(load.p99_ms);
}

/// One thread, and nothing but forwarding.
fn haproxy(ports: &Ports) -> String {
    let Ports { origin, haproxy, .. } = ports;
    format!(
        "global\n  nbthread 1\n  maxconn 12000\n  no strict-limits\n\
         defaults\n  mode http\n  timeout connect 5s\n  timeout client 30s\n  timeout server 30s\n\
         frontend proxy\n  bind 127.0.0.1:{haproxy}\n  default_backend origin\n\
         backend origin\n  server one 127.0.0.1:{origin}\n"
    )
}

#[derive(Debug, PartialEq)]
struct Load {
    rps: f64,
    p99_ms: f64,
}

/// Five seconds of load; a single failed request fails the row.
fn load(wrk: &Path, port: u16) -> Result<Load> {
    let url = format!("http://127.0.0.1:{port}/");
    let said = read(Command::new(wrk).args(["-t1", "-c32", "-d5s", "--latency", &url]))?;
    parse(&said).with_context(|| format!("wrk on {url} said:\n{said}"))
}

fn parse(said: &str) -> Result<Load> {
    let value = |name: &str| {
        let line = said.lines().find(|line| line.trim_start().starts_with(name))?;
        line.trim_start().strip_prefix(name).map(str::trim)
    };
    if value("Socket errors").is_some() || value("Non-2xx").is_some() {
        bail!("requests failed");
    }
    let rps = value("Requests/sec:").context("no rate")?.parse()?;
    Ok(Load { rps, p99_ms: to_milliseconds(value("99%").context("no p99")?)? })
}

/// wrk's `1.14ms`, `490.26us` or `1.02s`.
fn to_milliseconds(text: &str) -> Result<f64> {
    for (unit, milliseconds) in [("us", 0.001), ("ms", 1.0), ("s", 1000.0)] {
        if let Some(number) = text.strip_suffix(unit) {
            return Ok(number.parse::<f64>()? * milliseconds);
        }
    }
    bail!("`{text}` is no time")
}

/// A process that ends with its owner.
struct Running(Child);

impl Running {
    fn start(command: &mut Command) -> Result<Self> {
        let name = command.get_program().to_string_lossy().into_owned();
        Ok(Self(command.stdin(Stdio::null()).spawn().with_context(|| format!("`{name}` cannot be started"))?))
    }
}

impl Running {
    fn id(&self) -> u32 {
        self.0.id()
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        // It may have ended by itself: then there is nothing to kill.
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// A port that is held until its listener is dropped.
fn free_port() -> Result<(TcpListener, u16)> {
    let listener = TcpListener::bind(("127.0.0.1", 0))?;
    let port = listener.local_addr()?.port();
    Ok((listener, port))
}

fn await_port(port: u16) -> Result<()> {
    let start = Instant::now();
    while TcpStream::connect(("127.0.0.1", port)).is_err() {
        if start.elapsed() > DEADLINE {
            bail!("nothing listens on port {port}");
        }
        std::thread::sleep(Duration::from_millis(5));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    const SAID: &str = "  Latency Distribution\n     50%  468.00us\n     99%    1.14ms\n\
                        129595 requests in 2.00s, 8.16MB read\nRequests/sec:  64764.96\n";

    #[test]
    fn what_wrk_says_is_read() {
        assert_eq!(parse(SAID).ok(), Some(Load { rps: 64764.96, p99_ms: 1.14 }));
        assert_eq!(to_milliseconds("500.00us").ok(), Some(0.5));
    }

    #[test]
    fn the_route_is_on_the_port_after_the_gateways_own() -> Result<()> {
        let ports = Ports::free()?;
        assert_eq!(ports.route, ports.gateway + 1);
        assert!(![ports.origin, ports.haproxy].contains(&ports.route));
        Ok(())
    }

    #[test]
    fn failed_requests_are_no_measure() {
        assert!(parse(&format!("{SAID}  Socket errors: connect 0, read 1, write 0, timeout 0\n")).is_err());
        assert!(parse(&format!("{SAID}  Non-2xx or 3xx responses: 7\n")).is_err());
    }
}
