//! Row `up`: `appia up` of ten native echo services beside a plain spawn of the same ten.
//!
//! Both end when all ten answer. Cold starts the control plane too; warm meets a running one, with everything built.

use std::net::{TcpListener, TcpStream};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Result, bail};

use super::measure::{Measure, Peer, Target, milliseconds};
use super::{SAMPLES, appia, generate, home::Home, scratch};

const SERVICES: usize = 10;
const DEADLINE: Duration = Duration::from_secs(20);

pub(super) fn run() -> Result<Vec<Measure>> {
    let program = std::env::current_exe()?;
    let appia = appia()?;
    let (mut cold, mut warm, mut plain) = (Vec::new(), Vec::new(), Vec::new());
    for _ in 0..SAMPLES {
        let folder = scratch("up")?;
        write_application(&folder, &program)?;
        let home = Home::new(&appia, folder.join("home"));
        cold.push(milliseconds(up(&home, &folder)?));
        down(&home, &folder)?;
        warm.push(milliseconds(up(&home, &folder)?));
        down(&home, &folder)?;
        plain.push(milliseconds(spawn(&program)?));
    }
    let peer = || Some(Peer { name: "plain spawn", samples: plain.clone() });
    let what = |how: &str| format!("up of {SERVICES} echo services, {how}");
    Ok(vec![
        Measure { what: what("server starts too"), unit: "ms", ours: cold, peer: peer(), target: None },
        Measure {
            what: what("server runs"),
            unit: "ms",
            ours: warm,
            peer: peer(),
            target: Some(Target::AtMostMoreThanPeer(60.0)),
        },
    ])
}

/// Writes the ten echo services as an application.
pub(super) fn write_application(folder: &Path, program: &Path) -> Result<()> {
    std::fs::create_dir_all(folder.join("echo"))?;
    std::fs::write(folder.join("echo/README"), "the program is given by its path\n")?;
    Ok(std::fs::write(folder.join("appia.yaml"), generate::echoes(program))?)
}

pub(super) fn up(home: &Home, folder: &Path) -> Result<Duration> {
    let start = Instant::now();
    home.run(&["up", &folder.to_string_lossy(), "--yes", "--output", "json"])?;
    Ok(start.elapsed())
}

pub(super) fn down(home: &Home, folder: &Path) -> Result<()> {
    home.run(&["down", &folder.to_string_lossy(), "--yes", "--output", "json"])
}

/// Starts ten echo servers and waits until each accepts; ends them whatever happened.
fn spawn(program: &Path) -> Result<Duration> {
    let ports = free_ports()?;
    let mut children = Vec::new();
    let start = Instant::now();
    let started = start_all(program, &ports, &mut children);
    let accepted = started.and_then(|()| await_all(&ports, start));
    for child in &mut children {
        child.kill()?;
        child.wait()?;
    }
    accepted
}

fn free_ports() -> Result<Vec<u16>> {
    // All are held at once, so that no number comes twice.
    let listeners: Vec<TcpListener> =
        (0..SERVICES).map(|_| TcpListener::bind(("127.0.0.1", 0))).collect::<Result<_, _>>()?;
    Ok(listeners
        .iter()
        .map(|listener| Ok(listener.local_addr()?.port()))
        .collect::<Result<_, std::io::Error>>()?)
}

fn start_all(program: &Path, ports: &[u16], children: &mut Vec<Child>) -> Result<()> {
    for port in ports {
        let mut echo = Command::new(program);
        echo.args(["bench", "echo"]).env("PORT", port.to_string()).stdin(Stdio::null());
        children.push(echo.spawn()?);
    }
    Ok(())
}

fn await_all(ports: &[u16], start: Instant) -> Result<Duration> {
    for port in ports {
        while TcpStream::connect(("127.0.0.1", *port)).is_err() {
            if start.elapsed() > DEADLINE {
                bail!("the echo server on port {port} does not answer");
            }
            std::thread::sleep(Duration::from_millis(1));
        }
    }
    Ok(start.elapsed())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn free_ports_are_all_different() -> Result<()> {
        let mut ports = free_ports()?;
        ports.sort_unstable();
        ports.dedup();
        assert_eq!(ports.len(), SERVICES);
        Ok(())
    }

    #[test]
    fn a_server_that_never_answers_is_an_error() -> Result<()> {
        let long_ago = Instant::now().checked_sub(DEADLINE * 2).unwrap_or_else(Instant::now);
        let port = free_ports()?.first().copied().unwrap_or_default();
        assert!(await_all(&[port], long_ago).is_err());
        Ok(())
    }
}
