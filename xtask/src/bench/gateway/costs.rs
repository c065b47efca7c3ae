//! What the gateway costs beside requests per second: the time it adds to a request, and memory.
//!
//! Added time is the p50 of one client through the gateway less that of the same client at the origin itself, in turns.
//! Memory is the proportional set size of the process that holds the gateway: the highest seen while 1,000 clients ask as
//! fast as they can, and with 10,000 connections that have each been answered once and then kept still for two seconds.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Duration;

use anyhow::{Context, Result, bail};

use super::{Ports, Running, parse, to_milliseconds};
use crate::bench::SAMPLES;
use crate::bench::idle::proportional;
use crate::bench::measure::{Measure, Peer, Target};
use crate::command::read;

const IDLE: usize = 10_000;
const LOOK: Duration = Duration::from_millis(100);
const STILL: Duration = Duration::from_secs(2);

/// Two processes of which the second is HAProxy.
pub(super) struct Both<'a> {
    pub(super) ours: &'a Running,
    pub(super) theirs: &'a Running,
    pub(super) ports: &'a Ports,
    pub(super) wrk: &'a Path,
}

impl Both<'_> {
    /// Each row of costs.
    pub(super) fn measure(&self) -> Result<Vec<Measure>> {
        let (mut ours, mut theirs) = (Vec::new(), Vec::new());
        for _ in 0..SAMPLES {
            let direct = self.p50_micros(self.ports.origin)?;
            ours.push(self.p50_micros(self.ports.route)? - direct);
            theirs.push(self.p50_micros(self.ports.haproxy)? - direct);
        }
        let added = row("gateway, added to the p50 of 1 client", "us", (ours, theirs), 35.0);
        let busy = (self.busy(self.ours, self.ports.route)?, self.busy(self.theirs, self.ports.haproxy)?);
        let busy = row("gateway, 1,000 clients that ask (PSS)", "MiB", busy, 30.0);
        let idle = (vec![idle(self.ours, self.ports.route)?], vec![idle(self.theirs, self.ports.haproxy)?]);
        let idle = row("gateway, 10,000 idle connections (PSS)", "MiB", idle, 100.0);
        Ok(vec![added, busy, idle])
    }

    fn p50_micros(&self, port: u16) -> Result<f64> {
        let url = format!("http://127.0.0.1:{port}/");
        let said = read(Command::new(self.wrk).args(["-t1", "-c1", "-d2s", "--latency", &url]))?;
        parse(&said)?;
        let line = said.lines().find_map(|line| line.trim_start().strip_prefix("50%"));
        Ok(to_milliseconds(line.context("no p50")?.trim())? * 1000.0)
    }

    /// The highest readings of some runs.
    fn busy(&self, process: &Running, port: u16) -> Result<Vec<f64>> {
        (0..SAMPLES).map(|_| self.highest(process, port)).collect()
    }

    fn highest(&self, process: &Running, port: u16) -> Result<f64> {
        let url = format!("http://127.0.0.1:{port}/");
        let mut wrk = Command::new(self.wrk);
        wrk.args(["-t1", "-c1000", "-d4s", "--timeout", "20s", &url]).stdout(Stdio::null());
        let (mut load, mut highest) = (wrk.spawn().context("wrk")?, 0.0_f64);
        while load.try_wait()?.is_none() {
            highest = highest.max(memory(process)?);
            std::thread::sleep(LOOK);
        }
        Ok(highest)
    }
}

fn row(what: &str, unit: &'static str, (ours, theirs): (Vec<f64>, Vec<f64>), most: f64) -> Measure {
    let peer = Some(Peer { name: "HAProxy", samples: theirs });
    Measure { what: what.into(), unit, ours, peer, target: Some(Target::AtMost(most)) }
}

/// Opens connections, has each answered, and looks while all are open.
fn idle(process: &Running, port: u16) -> Result<f64> {
    let mut kept = Vec::with_capacity(IDLE);
    for _ in 0..IDLE {
        let mut stream = TcpStream::connect(("127.0.0.1", port))?;
        stream.set_read_timeout(Some(Duration::from_secs(20)))?;
        stream.write_all(b"GET / HTTP/1.1\r\nhost: localhost\r\n\r\n")?;
        let mut answer = [0; 1024];
        let count = stream.read(&mut answer)?;
        if !answer.get(..count).unwrap_or_default().starts_with(b"HTTP/1.1 200") {
            bail!("connection {} was not answered", kept.len());
        }
        kept.push(stream);
    }
    std::thread::sleep(STILL);
    let memory = memory(process)?;
    drop(kept);
    Ok(memory)
}

fn memory(process: &Running) -> Result<f64> {
    let folder = format!("/proc/{}", process.id());
    Ok(proportional(Path::new(&folder)).context("the process tells no memory")? / 1024.0)
}
