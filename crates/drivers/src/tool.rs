//! Running a program that is not ours: its lines as they come, its end, and nothing left behind.
//!
//! Called by every builder and by [`crate::git`]. A [`Tool`] runs in a process group of its own. Dropping the future
//! of [`Tool::run`] kills that group. When our own process is killed, no destructor runs: then the reaper does it,
//! a small process between us and the tool (see [`reaper_main`]). Secrets go into the environment, never into arguments,
//! which every user of the machine can read. Start reading at [`Tool::run`].

mod lines;
mod reaper;
mod transcript;

use std::ffi::{OsStr, OsString};
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{ExitStatus, Stdio};
use std::time::Duration;

use nix::sys::signal::{Signal, killpg};
use nix::unistd::Pid;
use tokio::process::{Child, ChildStdin, Command};

use lines::Lines;
pub use reaper::reaper_main;
use transcript::Transcript;

/// What a reaped tool's command line begins with, after the path of the reaper: the hidden verb of the command line.
pub const REAPER_VERB: [&str; 2] = ["internal", "run-tool"];

/// How long pipes may stay open once the tool has ended: somebody who left its group still holds them.
const DRAIN: Duration = Duration::from_secs(2);

/// A program to run, as data until [`Tool::run`].
#[derive(Debug, Clone)]
pub struct Tool {
    program: OsString,
    arguments: Vec<OsString>,
    directory: Option<PathBuf>,
    environment: Vec<(OsString, OsString)>,
    reaper: Option<PathBuf>,
    label: String,
    output: Output,
}

/// What the tool's standard output is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Output {
    /// Talk, like its standard error: kept for the error message.
    Talk,
    /// Data for the caller: handed over line by line, never shown.
    Data,
}

/// A line of a tool, without its line end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Line<'a> {
    /// From standard output.
    Out(&'a str),
    /// From standard error.
    Err(&'a str),
}

/// Why a tool did not do its work.
#[derive(Debug, thiserror::Error)]
pub enum ToolError {
    /// There is no such program.
    #[error("`{program}` is not installed, or not on PATH")]
    Missing {
        /// The name that was looked for.
        program: String,
    },
    /// The program is there and could not be started, or its end could not be seen.
    #[error("cannot run `{label}`")]
    Run {
        /// The tool in a person's words, such as `npm ci`.
        label: String,
        /// Why.
        #[source]
        source: std::io::Error,
    },
    /// The program ended with a failure.
    #[error("`{label}` {ending}")]
    Failed {
        /// The tool in a person's words, such as `npm ci`.
        label: String,
        /// How it ended, such as `failed with exit code 101`.
        ending: String,
        /// What it printed, byte for byte but for bytes that are no UTF-8.
        output: String,
    },
}

impl ToolError {
    /// What the tool printed before it failed, exactly.
    pub fn output(&self) -> Option<&str> {
        match self {
            ToolError::Failed { output, .. } => Some(output),
            ToolError::Missing { .. } | ToolError::Run { .. } => None,
        }
    }
}

impl Tool {
    /// A program by its name on `PATH`, or by its path.
    pub fn new(program: impl AsRef<OsStr>) -> Tool {
        let program = program.as_ref().to_owned();
        Tool {
            label: program.to_string_lossy().into_owned(),
            program,
            arguments: Vec::new(),
            directory: None,
            environment: Vec::new(),
            reaper: None,
            output: Output::Talk,
        }
    }

    /// Adds arguments. Anybody on the machine can read them: nothing secret.
    pub fn args<A: AsRef<OsStr>>(mut self, arguments: impl IntoIterator<Item = A>) -> Tool {
        self.arguments.extend(arguments.into_iter().map(|argument| argument.as_ref().to_owned()));
        self
    }

    /// Adds an option whose value is a path.
    pub fn arg_path(self, option: &str, path: &Path) -> Tool {
        self.args([OsStr::new(option), path.as_os_str()])
    }

    /// The folder it starts in.
    pub fn current_dir(mut self, directory: impl AsRef<Path>) -> Tool {
        self.directory = Some(directory.as_ref().to_owned());
        self
    }

    /// Adds a variable to the environment that it inherits.
    pub fn env(mut self, name: impl AsRef<OsStr>, value: impl AsRef<OsStr>) -> Tool {
        self.environment.push((name.as_ref().to_owned(), value.as_ref().to_owned()));
        self
    }

    /// What to call it in messages, instead of the program's name.
    pub fn named(mut self, label: impl Into<String>) -> Tool {
        self.label = label.into();
        self
    }

    /// Runs it under the reaper at this path, so that it dies even when we are killed. Without, it runs directly.
    pub fn reaped_by(mut self, reaper: Option<&Path>) -> Tool {
        self.reaper = reaper.map(Path::to_owned);
        self
    }

    /// Its standard output is data for `on_line` and no part of what an error shows.
    pub fn output_is_data(mut self) -> Tool {
        self.output = Output::Data;
        self
    }

    /// Runs it to its end and hands over each line as it comes. Dropping the future kills it and all its children.
    pub async fn run(&self, mut on_line: impl FnMut(Line<'_>) + Send) -> Result<(), ToolError> {
        let mut running = self.start()?;
        let mut transcript = Transcript::default();
        let status = running
            .follow(&mut |line, raw| {
                if self.output == Output::Talk || matches!(line, Line::Err(_)) {
                    transcript.add(raw);
                }
                on_line(line);
            })
            .await
            .map_err(|source| self.cannot(source))?;
        if status.success() {
            return Ok(());
        }
        Err(ToolError::Failed {
            label: self.label.clone(),
            ending: ending(status),
            output: transcript.text(),
        })
    }

    /// Runs it and gives back what it wrote to standard output.
    pub async fn read(self) -> Result<String, ToolError> {
        let mut text = String::new();
        let tool = self.output_is_data();
        tool.run(|line| {
            if let Line::Out(line) = line {
                text.push_str(line);
                text.push('\n');
            }
        })
        .await?;
        Ok(text)
    }

    fn start(&self) -> Result<Running, ToolError> {
        let program = find(&self.program, self.directory.as_deref())
            .ok_or_else(|| ToolError::Missing { program: self.program.to_string_lossy().into_owned() })?;
        let mut command = match &self.reaper {
            Some(reaper) => {
                let mut command = Command::new(reaper);
                command.args(REAPER_VERB).arg("--").arg(program).stdin(Stdio::piped());
                command
            }
            None => {
                let mut command = Command::new(program);
                command.stdin(Stdio::null());
                command
            }
        };
        command.args(&self.arguments).stdout(Stdio::piped()).stderr(Stdio::piped()).process_group(0);
        command.envs(self.environment.iter().map(|(name, value)| (name, value)));
        if let Some(directory) = &self.directory {
            command.current_dir(directory);
        }
        let child = command.spawn().map_err(|source| self.cannot(source))?;
        Ok(Running::new(child, self.reaper.is_some()))
    }

    fn cannot(&self, source: std::io::Error) -> ToolError {
        ToolError::Run { label: self.label.clone(), source }
    }
}

/// A started tool. When it is dropped before its end, nothing of it stays.
struct Running {
    child: Child,
    /// The write end of the reaper's standard input: when it closes, for whatever reason, the reaper ends the tool.
    lifeline: Option<ChildStdin>,
    /// The tool's own process group, when no reaper looks after it.
    group: Option<Pid>,
}

impl Running {
    fn new(mut child: Child, reaped: bool) -> Running {
        let lifeline = child.stdin.take();
        let leader = child.id().and_then(|id| i32::try_from(id).ok()).map(Pid::from_raw);
        Running { child, lifeline, group: leader.filter(|_| !reaped) }
    }

    async fn follow(
        &mut self,
        each: &mut (dyn FnMut(Line<'_>, &[u8]) + Send),
    ) -> std::io::Result<ExitStatus> {
        let mut out = Lines::new(self.child.stdout.take());
        let mut err = Lines::new(self.child.stderr.take());
        let mut status = None;
        let drained = tokio::time::sleep(DRAIN);
        tokio::pin!(drained);
        while status.is_none() || out.is_open() || err.is_open() {
            tokio::select! {
                biased;
                read = out.next(), if out.is_open() => if read? { out.hand(&mut |text, raw| each(Line::Out(text), raw)) },
                read = err.next(), if err.is_open() => if read? { err.hand(&mut |text, raw| each(Line::Err(text), raw)) },
                ended = self.child.wait(), if status.is_none() => {
                    status = Some(ended?);
                    self.end_group();
                    drained.as_mut().reset(tokio::time::Instant::now() + DRAIN);
                }
                () = &mut drained, if status.is_some() => break,
            }
        }
        self.lifeline = None;
        status.ok_or_else(|| std::io::Error::other("its end was not seen"))
    }

    /// Whatever the tool left running goes with it.
    fn end_group(&mut self) {
        if let Some(group) = self.group.take() {
            // It is gone already in the usual case: then there is nobody to tell.
            let _ = killpg(group, Signal::SIGKILL);
        }
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        self.end_group();
    }
}

/// Finds a program as a shell would: a name with a slash is a path (seen from `directory`), any other is looked for on `PATH`.
fn find(program: &OsStr, directory: Option<&Path>) -> Option<PathBuf> {
    let path = Path::new(program);
    if path.components().count() > 1 {
        let from = directory.unwrap_or(Path::new("."));
        return is_executable(&from.join(path)).then(|| path.to_owned());
    }
    let folders = std::env::var_os("PATH")?;
    std::env::split_paths(&folders).map(|folder| folder.join(path)).find(|candidate| is_executable(candidate))
}

fn is_executable(path: &Path) -> bool {
    path.metadata().is_ok_and(|about| about.is_file() && about.permissions().mode() & 0o111 != 0)
}

fn ending(status: ExitStatus) -> String {
    match status.code() {
        Some(code) => format!("failed with exit code {code}"),
        None => format!("was ended: {status}"),
    }
}
