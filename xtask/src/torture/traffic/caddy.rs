//! Caddy as a contender, switched by hand with `caddy reload`: the old server is ended when Caddy counts no request on
//! it any more.

use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::Result;
use serde_json::Value;

use super::Contender;
use super::backend::{Backend, Running, free_address, until};
use super::http::{Connection, Keep};
use crate::command;
use crate::setup;

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

    /// Whether Caddy has nothing on its way to a server any more.
    fn has_left(&self, upstream: SocketAddr) -> bool {
        let asked = Connection::open(self.admin)
            .and_then(|mut admin| admin.request("GET", "/reverse_proxy/upstreams", Keep::Close));
        let Ok(answer) = asked else { return false };
        let Ok(Value::Array(upstreams)) = serde_json::from_str(&answer.body) else { return false };
        let is_busy = |one: &Value| {
            one.get("address").and_then(Value::as_str) == Some(&upstream.to_string())
                && one.get("num_requests").and_then(Value::as_u64) != Some(0)
        };
        !upstreams.iter().any(is_busy)
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
        until("Caddy sends nothing to the old server", || self.has_left(old.address))
    }
}

fn text(address: SocketAddr, admin: SocketAddr, upstream: SocketAddr) -> String {
    let (host, port) = (address.ip(), address.port());
    format!(
        "{{\n  admin {admin}\n  auto_https off\n  persist_config off\n}}\n\
         http://:{port} {{\n  bind {host}\n  reverse_proxy {upstream}\n}}\n"
    )
}
