//! What flips and faults work on: a static site in a home of its own, which is up in a second and needs nothing.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use anyhow::{Context, Result};
use serde_json::Value;

use super::application::get;
use crate::bench::home::Home;

const INTENT: &str = "app: pages
workloads:
  site: { type: site, build: ./site, public: true }
";

/// A home with one application.
pub(super) struct Site {
    pub(super) home: Home,
    folder: PathBuf,
}

/// What a command said.
pub(super) struct Answer {
    pub(super) code: Option<i32>,
    pub(super) out: String,
    pub(super) err: String,
}

impl Answer {
    /// The last line of JSON that it printed.
    pub(super) fn json(&self) -> Value {
        let line = self.out.lines().last().unwrap_or_default();
        serde_json::from_str(line).unwrap_or_default()
    }

    pub(super) fn shown(&self) -> String {
        let last = |text: &str| text.lines().rev().take(4).collect::<Vec<_>>().join(" | ");
        format!("exit {:?}: {} {}", self.code, last(&self.out), last(&self.err))
    }

    pub(super) fn panicked(&self) -> bool {
        self.err.contains("panicked at")
    }
}

impl Site {
    pub(super) fn new(program: &Path, folder: &Path) -> Result<Site> {
        let application = folder.join("app");
        std::fs::create_dir_all(application.join("site"))?;
        std::fs::write(application.join("appia.yaml"), INTENT)?;
        let site = Site { home: Home::new(program, folder.join("home")), folder: application };
        site.set_version(1)?;
        Ok(site)
    }

    /// The folder of the application.
    pub(super) fn root(&self) -> &Path {
        &self.folder
    }

    /// A file that is neither of the home nor of the application.
    pub(super) fn folder_beside(&self, name: &str) -> PathBuf {
        self.folder.with_file_name(name)
    }

    /// The version after this one, for the next deployment; gives what the site will answer.
    pub(super) fn next_version(&self) -> Result<String> {
        let text = self.version_text();
        let number = text.trim().rsplit(' ').next().and_then(|word| word.parse::<u32>().ok()).unwrap_or(0);
        self.set_version(number + 1)?;
        Ok(self.version_text())
    }

    /// What the newest version answers.
    pub(super) fn version_text(&self) -> String {
        std::fs::read_to_string(self.folder.join("site/index.html")).unwrap_or_default()
    }

    /// Runs a command line with its standard output in a file of the application's folder, as a shell does it.
    pub(super) fn answer_to_file(&self, command: &mut Command) -> Result<Answer> {
        let path = self.folder.join("out.json");
        command.current_dir(&self.folder).env("APPIA_HOME", self.home.folder()).stdin(Stdio::null());
        let output = command.stdout(std::fs::File::create(&path)?).stderr(Stdio::piped()).output()?;
        let out = std::fs::read_to_string(&path)?;
        Ok(Answer {
            code: output.status.code(),
            out,
            err: String::from_utf8_lossy(&output.stderr).into_owned(),
        })
    }

    pub(super) fn set_version(&self, version: u32) -> Result<()> {
        Ok(std::fs::write(self.folder.join("site/index.html"), format!("version {version}\n"))?)
    }

    /// Runs `appia` with these words in the application's folder.
    pub(super) fn ask(&self, words: &[&str]) -> Result<Answer> {
        let mut command = self.home.command(words);
        let output = command.current_dir(&self.folder).stdin(Stdio::null()).output()?;
        let text = |bytes: Vec<u8>| String::from_utf8_lossy(&bytes).into_owned();
        Ok(Answer { code: output.status.code(), out: text(output.stdout), err: text(output.stderr) })
    }

    /// The same with an answer in JSON.
    pub(super) fn ask_json(&self, words: &[&str]) -> Result<Answer> {
        self.ask(&[words, &["--output", "json"]].concat())
    }

    /// Runs `appia`, which has to succeed.
    pub(super) fn succeed(&self, words: &[&str]) -> Result<()> {
        let answer = self.ask(words)?;
        anyhow::ensure!(answer.code == Some(0), "`appia {}`: {}", words.join(" "), answer.shown());
        Ok(())
    }

    /// What the site itself answers, at the address that `status` tells.
    pub(super) fn page(&self) -> Result<String> {
        let status = self.ask_json(&["status"])?;
        let url = status.json().pointer("/workloads/0/url").and_then(Value::as_str).map(str::to_owned);
        get(&url.with_context(|| format!("the site has no address: {}", status.shown()))?, "/")
    }
}
