//! Processes for the peers: the service in one version, and a proxy; each ends with its owner.

use std::net::{SocketAddr, TcpListener};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};

use super::http::{Connection, Keep};

const DEADLINE: Duration = Duration::from_secs(20);
const TURN: Duration = Duration::from_millis(10);

/// A process that is killed when its owner lets go of it.
pub(super) struct Running(Child);

impl Running {
    pub(super) fn start(command: &mut Command) -> Result<Running> {
        let name = command.get_program().to_string_lossy().into_owned();
        let quiet = command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
        Ok(Running(quiet.spawn().with_context(|| format!("`{name}` cannot be started"))?))
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        // It may have ended by itself: then there is nothing to kill.
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// The service in one version, without anything before it.
pub(super) struct Backend {
    pub(super) address: SocketAddr,
    _running: Running,
}

impl Backend {
    /// Starts it on a free port and waits until it answers.
    pub(super) fn start(version: u32) -> Result<Backend> {
        let address = free_address()?;
        let mut service = Command::new(std::env::current_exe()?);
        service.args(["torture", "service"]);
        service.env("PORT", address.port().to_string()).env("VERSION", version.to_string());
        let backend = Backend { address, _running: Running::start(&mut service)? };
        until("the service answers", || answers(address))?;
        Ok(backend)
    }
}

/// Whether a request there is answered with 200.
pub(super) fn answers(address: SocketAddr) -> bool {
    Connection::open(address).and_then(|mut one| one.request("GET", "/healthz", Keep::Close)).is_ok()
}

pub(super) fn free_address() -> Result<SocketAddr> {
    Ok(TcpListener::bind(("127.0.0.1", 0))?.local_addr()?)
}

/// Polls until something is so.
pub(super) fn until(what: &str, mut is_so: impl FnMut() -> bool) -> Result<()> {
    let began = Instant::now();
    while !is_so() {
        if began.elapsed() > DEADLINE {
            bail!("waited {DEADLINE:?} in vain until {what}");
        }
        std::thread::sleep(TURN);
    }
    Ok(())
}
