//! The command line as a person or a script meets it: every verb, its help, its success and its likeliest mistakes.

#![expect(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test ends at the first surprise, in its helpers too"
)]

mod consent;
mod corpus;
mod doctor;
mod files;
mod flags;
mod help;
mod history;
mod hostile;
mod listen;
mod machine;
mod measure;
mod mistakes;
mod newcomer;
mod on_call;
mod outcomes;
mod recovery;
mod same_bytes;
mod secrets;
mod up;

use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use serde_json::Value;
use tempfile::TempDir;

/// A home and a folder to work in, both gone at the end, with everything that was started.
struct Place {
    home: TempDir,
    work: TempDir,
}

/// What a command answered.
struct Answer {
    code: i32,
    out: String,
    err: String,
}

impl Place {
    fn new() -> Place {
        Place { home: TempDir::new().unwrap(), work: TempDir::new().unwrap() }
    }

    fn home(&self) -> &Path {
        self.home.path()
    }

    fn work(&self) -> &Path {
        self.work.path()
    }

    fn write(&self, name: &str, content: &str) -> PathBuf {
        let path = self.work().join(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(&path, content).unwrap();
        path
    }

    fn command(&self) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_appia"));
        command
            .current_dir(self.work())
            .env("APPIA_HOME", self.home())
            .env_remove("NO_COLOR")
            .env("LC_ALL", "C");
        command
    }

    fn run(&self, arguments: &[&str]) -> Answer {
        answer(self.command().args(arguments).output().unwrap())
    }

    /// Runs a command that has to succeed.
    fn ok(&self, arguments: &[&str]) -> Answer {
        let answer = self.run(arguments);
        assert_eq!(answer.code, 0, "appia {}\n{}\n{}", arguments.join(" "), answer.out, answer.err);
        answer
    }

    /// Runs a command with JSON output; the last line is the answer.
    fn json(&self, arguments: &[&str]) -> Value {
        let answer = self.ok(&[arguments, &["--output", "json"]].concat());
        last_json(&answer.out)
    }
}

/// Ends whatever the test started, also when it failed.
impl Drop for Place {
    fn drop(&mut self) {
        if self.home().join("appia.db").exists() {
            let _ = self.command().args(["server", "stop", "--all"]).output();
        }
    }
}

fn answer(output: Output) -> Answer {
    Answer {
        code: output.status.code().unwrap_or(-1),
        out: String::from_utf8(output.stdout).unwrap(),
        err: String::from_utf8(output.stderr).unwrap(),
    }
}

fn last_json(text: &str) -> Value {
    let line = text.lines().last().unwrap_or_else(|| panic!("nothing was printed"));
    let value: Value = serde_json::from_str(line).unwrap_or_else(|error| panic!("{error} in {line}"));
    assert_eq!(value["appia"], 1);
    assert!(line.starts_with("{\"appia\":1,\"kind\":"), "{line}");
    value
}

/// An application without anything to build or ask for.
const SMALL: &str = "app: small
workloads:
  web: { image: \"example/web@sha256:0000000000000000000000000000000000000000000000000000000000000000\", port: 80, public: true }
";
