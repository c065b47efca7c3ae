//! Running programs: the checkout's root, captured output, streamed output.
//!
//! Every verb goes through here for its child processes, so that a failure always says which command line failed.
//! It never interprets output. Start at `Run`.

use std::io::{BufRead, BufReader, Read};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::mpsc::{RecvTimeoutError, Sender, channel};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};

/// How often it is looked whether a command has ended; after that, silence of this length is its end.
const SILENCE: Duration = Duration::from_millis(200);
/// So long what a command left behind is listened to, when it does not fall silent.
const LAST_WORDS: Duration = Duration::from_secs(5);
/// What was told to end has ended by then, on a busy machine too.
const ENDED: Duration = Duration::from_secs(30);

/// The kernel's clock ticks a second, as `/proc` counts them on every architecture that we know.
const TICKS: u64 = 100;

/// The root of the checkout: the folder above this crate.
pub(crate) fn root() -> PathBuf {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    here.parent().unwrap_or(here).to_path_buf()
}

/// Removes a folder in which programs that are just ending may still write for a moment.
pub(crate) fn remove_folder(folder: &Path) -> Result<()> {
    let began = Instant::now();
    loop {
        match std::fs::remove_dir_all(folder) {
            Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
                if began.elapsed() > ENDED {
                    return Err(error).with_context(|| format!("`{}` cannot be removed", folder.display()));
                }
                std::thread::sleep(SILENCE);
            }
            _ => return Ok(()),
        }
    }
}

/// What a finished program said.
pub(crate) struct Output {
    pub(crate) success: bool,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

/// Starts a command line in the root of the checkout.
pub(crate) fn command(program: &str, arguments: &[&str]) -> Command {
    let mut command = Command::new(program);
    command.args(arguments).current_dir(root());
    command
}

/// Runs a command to its end and returns what it said, whatever its exit code.
pub(crate) fn capture(command: &mut Command) -> Result<Output> {
    let output = command
        .stdin(Stdio::null())
        .output()
        .with_context(|| format!("`{}` cannot be started", shown(command)))?;
    Ok(Output {
        success: output.status.success(),
        stdout: String::from_utf8_lossy(&output.stdout).into_owned(),
        stderr: String::from_utf8_lossy(&output.stderr).into_owned(),
    })
}

/// Runs a command that has to succeed and returns its standard output.
pub(crate) fn read(command: &mut Command) -> Result<String> {
    let output = capture(command)?;
    if !output.success {
        bail!("`{}` failed: {}", shown(command), output.stderr.trim());
    }
    Ok(output.stdout)
}

/// Runs a command whose output is shown as it comes, and handed line by line to `each`. Ends with the command itself:
/// a process that it left behind may hold its output open for ever.
pub(crate) fn stream(command: &mut Command, mut each: impl FnMut(&str)) -> Result<bool> {
    let shown = shown(command);
    let mut child = command
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .with_context(|| format!("`{shown}` cannot be started"))?;
    let (sender, lines) = channel();
    if let (Some(stdout), Some(stderr)) = (child.stdout.take(), child.stderr.take()) {
        hand_on(stdout, sender.clone());
        hand_on(stderr, sender);
    }
    let (mut status, mut last_look) = (None, Instant::now());
    loop {
        match lines.recv_timeout(SILENCE) {
            Ok(line) => {
                println!("{line}");
                each(&line);
            }
            Err(RecvTimeoutError::Timeout) if status.is_none() => {}
            Err(RecvTimeoutError::Timeout | RecvTimeoutError::Disconnected) => break,
        }
        if status.is_some() && last_look.elapsed() > LAST_WORDS {
            break;
        }
        if status.is_none() && last_look.elapsed() >= SILENCE {
            (status, last_look) = (child.try_wait()?, Instant::now());
        }
    }
    let status = status.map_or_else(|| child.wait(), Ok);
    Ok(status.with_context(|| format!("`{shown}` cannot be waited for"))?.success())
}

/// Reads lines for as long as somebody wants them.
fn hand_on(output: impl Read + Send + 'static, lines: Sender<String>) {
    std::thread::spawn(move || {
        for line in BufReader::new(output).split(b'\n').map_while(Result::ok) {
            if lines.send(String::from_utf8_lossy(&line).into_owned()).is_err() {
                return;
            }
        }
    });
}

/// Where a program is, if it is on PATH or in one of the further folders.
pub(crate) fn find(program: &str, further: &[PathBuf]) -> Option<PathBuf> {
    let path = std::env::var_os("PATH").unwrap_or_default();
    std::env::split_paths(&path)
        .chain(further.iter().cloned())
        .map(|folder| folder.join(program))
        .find(|file| file.is_file())
}

/// A program that Cargo builds from this checkout.
pub(crate) fn built(arguments: &[&str]) -> Result<PathBuf> {
    let mut build = command("cargo", &["build", "--quiet", "--locked", "--message-format=json"]);
    let messages = read(build.args(arguments))?;
    let executable = |line: &str| {
        let message: serde_json::Value = serde_json::from_str(line).ok()?;
        Some(PathBuf::from(message.get("executable")?.as_str()?))
    };
    messages.lines().filter_map(executable).next_back().context("cargo built no program")
}

/// The CPU time of all children that have ended, theirs included.
pub(crate) fn cpu_time_of_children() -> Result<Duration> {
    let text = std::fs::read_to_string("/proc/self/stat")?;
    let (_, fields) = text.rsplit_once(')').context("`/proc/self/stat` is not as expected")?;
    let fields: Vec<u64> =
        fields.split_whitespace().skip(13).take(2).filter_map(|field| field.parse().ok()).collect();
    let ticks: u64 = fields.iter().sum();
    Ok(Duration::from_millis(ticks * 1000 / TICKS))
}

fn shown(command: &Command) -> String {
    let words = std::iter::once(command.get_program()).chain(command.get_args());
    words.map(|word| word.to_string_lossy().into_owned()).collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn children_cost_time() -> Result<()> {
        let before = cpu_time_of_children()?;
        let count = "i=0; while [ $i -lt 300000 ]; do i=$((i+1)); done";
        Command::new("sh").args(["-c", count]).status()?;
        assert!(cpu_time_of_children()? > before);
        Ok(())
    }

    #[test]
    fn a_process_that_was_left_behind_is_not_waited_for() -> Result<()> {
        let (mut lines, began) = (Vec::new(), Instant::now());
        let script = "echo one; echo two >&2; sleep 60 & echo three; exit 3";
        let success = stream(&mut command("sh", &["-c", script]), |line| lines.push(line.to_owned()))?;
        lines.sort();
        assert_eq!((success, lines), (false, vec!["one".into(), "three".into(), "two".into()]));
        let chatter = "(while sleep 0.01; do echo more || exit; done) & exit 0";
        assert!(stream(&mut command("sh", &["-c", chatter]), |_| {})?);
        assert!(began.elapsed() < Duration::from_secs(50));
        Ok(())
    }
}
