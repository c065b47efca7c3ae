//! Row `gateway`: requests per second through our gateway on one thread, beside HAProxy on one thread.
//!
//! Both stand before the same origin (HAProxy answering by itself) and are loaded in turns by wrk: one thread, 32
//! connections kept alive. Ours is `crates/runtime/examples/gateway_bench.rs`: called with the origin's `host:port`, it
//! prints `http://HOST:PORT` as its first line and serves on one thread until it is killed.

use std::io::{BufRead, BufReader};
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
    let gateway = shipped(&["--package", "appia-runtime", "--example", "gateway_bench"])?;
    let wrk = program("wrk")?;
    let (origin, proxy) = (free_port()?, free_port()?);
    let configuration = scratch("gateway")?.join("haproxy.cfg");
    std::fs::write(&configuration, haproxy(origin, proxy))?;
    let mut peer = Command::new(program("haproxy")?);
    let _haproxy = Running::start(peer.args(["-db", "-f"]).arg(&configuration))?;
    await_port(origin)?;
    await_port(proxy)?;
    let mut ours =
        Running::start(Command::new(gateway).arg(format!("127.0.0.1:{origin}")).stdout(Stdio::piped()))?;
    let url = ours.first_line()?;
    let (mut samples, mut theirs) = ((Vec::new(), Vec::new()), (Vec::new(), Vec::new()));
    for _ in 0..SAMPLES {
        push(&mut samples, load(&wrk, &url)?);
        push(&mut theirs, load(&wrk, &format!("http://127.0.0.1:{proxy}"))?);
    }
    let peer = |samples| Some(Peer { name: "HAProxy", samples });
    let target = Some(Target::RatioAtLeast(0.75));
    Ok(vec![
        Measure {
            what: "gateway, 1 thread".into(),
            unit: "rps",
            ours: samples.0,
            peer: peer(theirs.0),
            target,
        },
        Measure {
            what: "gateway, p99".into(),
            unit: "ms",
            ours: samples.1,
            peer: peer(theirs.1),
            target: None,
        },
    ])
}

fn push(samples: &mut (Vec<f64>, Vec<f64>), load: Load) {
    samples.0.push(load.rps);
    samples.1.push(load.p99_ms);
}

/// One thread each; the first front end is the origin, the second forwards to it.
fn haproxy(origin: u16, proxy: u16) -> String {
    format!(
        "global\n  nbthread 1\n  maxconn 4096\n\
         defaults\n  mode http\n  timeout connect 5s\n  timeout client 30s\n  timeout server 30s\n\
         frontend origin\n  bind 127.0.0.1:{origin}\n  \
         http-request return status 200 content-type text/plain string \"ok\"\n\
         frontend proxy\n  bind 127.0.0.1:{proxy}\n  default_backend origin\n\
         backend origin\n  server one 127.0.0.1:{origin}\n"
    )
}

#[derive(Debug, PartialEq)]
struct Load {
    rps: f64,
    p99_ms: f64,
}

/// Five seconds of load; a single failed request fails the row.
fn load(wrk: &Path, url: &str) -> Result<Load> {
    let said = read(Command::new(wrk).args(["-t1", "-c32", "-d5s", "--latency", url]))?;
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

    fn first_line(&mut self) -> Result<String> {
        let stdout = self.0.stdout.take().context("its output is not read")?;
        let mut line = String::new();
        BufReader::new(stdout).read_line(&mut line)?;
        let url = line.trim();
        if !url.starts_with("http://") {
            bail!("the gateway said `{url}` instead of its address");
        }
        Ok(url.to_owned())
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        // It may have ended by itself: then there is nothing to kill.
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

fn free_port() -> Result<u16> {
    Ok(TcpListener::bind(("127.0.0.1", 0))?.local_addr()?.port())
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
    fn failed_requests_are_no_measure() {
        assert!(parse(&format!("{SAID}  Socket errors: connect 0, read 1, write 0, timeout 0\n")).is_err());
        assert!(parse(&format!("{SAID}  Non-2xx or 3xx responses: 7\n")).is_err());
    }
}
