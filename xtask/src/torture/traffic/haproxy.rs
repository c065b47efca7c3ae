//! HAProxy as a contender, switched by hand through its runtime interface without a reload: the new server is told to
//! it and made ready, the old one drains, and is ended when HAProxy counts no session on it any more.

use std::io::{Read, Write};
use std::net::SocketAddr;
use std::os::unix::net::UnixStream;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, bail};

use super::Contender;
use super::backend::{Backend, Running, free_address, until};
use crate::setup::program;

/// The two servers of the backend, of which one serves.
const SLOTS: [&str; 2] = ["blue", "green"];

/// A running HAProxy, and the version behind it.
pub(super) struct HaProxy {
    address: SocketAddr,
    socket: PathBuf,
    serving: Option<(usize, Backend)>,
    _running: Running,
}

impl HaProxy {
    pub(super) fn start(folder: &Path) -> Result<HaProxy> {
        let (address, socket) = (free_address()?, folder.join("haproxy.sock"));
        let configuration = folder.join("haproxy.cfg");
        std::fs::write(&configuration, text(address, &socket))?;
        let running = Running::start(Command::new(program("haproxy")?).arg("-f").arg(&configuration))?;
        until("HAProxy has its socket", || UnixStream::connect(&socket).is_ok())?;
        Ok(HaProxy { address, socket, serving: None, _running: running })
    }

    /// One command of the runtime interface.
    fn tell(&self, command: &str) -> Result<String> {
        let mut socket = UnixStream::connect(&self.socket).context("HAProxy's socket")?;
        socket.write_all(format!("{command}\n").as_bytes())?;
        let mut said = String::new();
        socket.read_to_string(&mut said)?;
        if said.contains("No such") || said.contains("Unknown command") || said.contains("Invalid") {
            bail!("`{command}`: {}", said.trim());
        }
        Ok(said)
    }

    /// Requests that are on their way to a server.
    fn sessions(&self, slot: &str) -> Result<u64> {
        let said = self.tell("show stat")?;
        let line = said.lines().find(|line| line.starts_with(&format!("web,{slot},")));
        let current = line.and_then(|line| line.split(',').nth(4)?.parse().ok());
        current.with_context(|| format!("HAProxy counts no sessions of `{slot}`: {said}"))
    }
}

impl Contender for HaProxy {
    fn name(&self) -> &'static str {
        "HAProxy"
    }

    fn address(&self) -> SocketAddr {
        self.address
    }

    fn deploy(&mut self, version: u32) -> Result<()> {
        let new = Backend::start(version)?;
        let slot = self.serving.as_ref().map_or(0, |(slot, _)| 1 - slot);
        let [old_name, new_name] = if slot == 0 { [SLOTS[1], SLOTS[0]] } else { SLOTS };
        let (host, port) = (new.address.ip(), new.address.port());
        self.tell(&format!("set server web/{new_name} addr {host} port {port}"))?;
        self.tell(&format!("set server web/{new_name} state ready"))?;
        let Some((_, old)) = self.serving.replace((slot, new)) else { return Ok(()) };
        self.tell(&format!("set server web/{old_name} state drain"))?;
        until("the old server has no session", || self.sessions(old_name).is_ok_and(|count| count == 0))?;
        self.tell(&format!("set server web/{old_name} state maint"))?;
        drop(old);
        Ok(())
    }
}

fn text(address: SocketAddr, socket: &Path) -> String {
    format!(
        "global\n  maxconn 4096\n  stats socket {} mode 600 level admin\n\
         defaults\n  mode http\n  timeout connect 5s\n  timeout client 75s\n  timeout server 60s\n\
         frontend web\n  bind {address}\n  default_backend web\n\
         backend web\n  server blue 127.0.0.1:1 disabled\n  server green 127.0.0.1:1 disabled\n",
        socket.display()
    )
}
