//! Caddy as a contender, switched by hand with `caddy reload`. Caddy does not tell what is still on its way under the
//! configuration before, so the old server stays for twice as long as the longest answer takes.

use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use anyhow::Result;

use super::Contender;
use super::backend::{Backend, Running, free_address, until};
use super::service::POLL;
use crate::command;
use crate::setup;

/// The old server is ended so long after the reload.
const STAYS: Duration = POLL.saturating_mul(2);

/// A running Caddy, and the version behind it.
pub(super) struct Caddy {
    program: PathBuf,
    address: SocketAddr,
    admin: SocketAddr,
    configuration: PathBuf,
    serving: Option<Backend>,
    running: Option<Running>,
}

impl Caddy {
    pub(super) fn start(folder: &Path) -> Result<Caddy> {
        Ok(Caddy {
            program: setup::caddy()?.path,
            address: free_address()?,
            admin: free_address()?,
            configuration: folder.join("Caddyfile"),
            serving: None,
            running: None,
        })
    }

    fn command(&self, verb: &str) -> Command {
        let mut command = Command::new(&self.program);
        command.args([verb, "--adapter", "caddyfile", "--config"]).arg(&self.configuration);
        // Its own files stay beside its configuration.
        let folder = self.configuration.parent().unwrap_or(&self.configuration);
        command.env("HOME", folder).env("XDG_DATA_HOME", folder).env("XDG_CONFIG_HOME", folder);
        command
    }
}

impl Contender for Caddy {
    fn name(&self) -> &'static str {
        "Caddy"
    }

    fn address(&self) -> SocketAddr {
        self.address
    }

    fn deploy(&mut self, version: u32) -> Result<()> {
        let new = Backend::start(version)?;
        std::fs::write(&self.configuration, text(self.address, self.admin, new.address))?;
        if self.running.is_none() {
            self.running = Some(Running::start(&mut self.command("run"))?);
            until("Caddy answers", || super::backend::answers(self.address))?;
        } else {
            let admin = self.admin.to_string();
            command::read(self.command("reload").args(["--address", &admin]))?;
        }
        let Some(old) = self.serving.replace(new) else { return Ok(()) };
        std::thread::sleep(STAYS);
        drop(old);
        Ok(())
    }
}

fn text(address: SocketAddr, admin: SocketAddr, upstream: SocketAddr) -> String {
    let (host, port) = (address.ip(), address.port());
    format!(
        "{{\n  admin {admin}\n  auto_https off\n  persist_config off\n}}\n\
         http://:{port} {{\n  bind {host}\n  reverse_proxy {upstream}\n}}\n"
    )
}
