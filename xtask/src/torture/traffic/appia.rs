//! Appia as a contender: an application of one workload, and `appia deploy`.

use std::net::SocketAddr;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};

use super::Contender;
use crate::bench::home::Home;
use crate::torture::check;

/// A home with the application, which comes up with the first version.
pub(in crate::torture) struct Appia {
    home: Home,
    application: PathBuf,
    address: Option<SocketAddr>,
}

impl Appia {
    pub(in crate::torture) fn start(program: &Path, folder: &Path) -> Result<Appia> {
        let application = folder.join("app");
        std::fs::create_dir_all(application.join("web"))?;
        std::fs::write(application.join("web/README"), "the program is given by its path\n")?;
        Ok(Appia { home: Home::new(program, folder.join("home")), application, address: None })
    }

    pub(in crate::torture) fn home(&self) -> &Home {
        &self.home
    }

    pub(in crate::torture) fn folder(&self) -> String {
        self.application.to_string_lossy().into_owned()
    }

    fn run(&self, verb: &str) -> Result<()> {
        self.home.run(&[verb, &self.application.to_string_lossy(), "--yes", "--output", "json"])
    }

    fn write(&self, version: u32) -> Result<()> {
        let program = std::env::current_exe()?;
        let text = format!(
            "app: traffic\nworkloads:\n  web:\n    build: {{ context: ./web, builder: command, command: \"true\" }}\n    command: [{:?}, torture, service]\n    port: 8080\n    \
             public: true\n    env: {{ VERSION: \"{version}\" }}\n    \
             probes: {{ readiness: {{ http: {{ path: /healthz }} }} }}\n",
            program.to_string_lossy()
        );
        Ok(std::fs::write(self.application.join("appia.yaml"), text)?)
    }

    fn find_address(&self) -> Result<SocketAddr> {
        let folder = self.application.to_string_lossy();
        let status = check::json(&self.home, &["status", &folder, "--output", "json"])?;
        let url = status.pointer("/workloads/0/url").and_then(serde_json::Value::as_str);
        let url = url.context("the workload has no url")?;
        url.trim_start_matches("http://").parse().with_context(|| format!("`{url}`"))
    }
}

impl Contender for Appia {
    fn name(&self) -> &'static str {
        "Appia"
    }

    fn address(&self) -> SocketAddr {
        self.address.unwrap_or_else(|| SocketAddr::from(([127, 0, 0, 1], 0)))
    }

    fn deploy(&mut self, version: u32) -> Result<()> {
        self.write(version)?;
        if self.address.is_some() {
            return self.run("deploy");
        }
        self.run("up")?;
        self.address = Some(self.find_address()?);
        Ok(())
    }
}
