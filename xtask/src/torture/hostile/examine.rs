//! One command on one case: run under limits, and what it said and did held against what is allowed.
//!
//! The kernel keeps the limits: memory by `ulimit -d` (all private writable memory, so more than what is resident), CPU
//! time by `ulimit -t`. A command that waits for something is killed after a while. Start at `Examiner::run`.

use std::cell::Cell;
use std::fs::File;
use std::os::unix::process::ExitStatusExt;
use std::path::{Path, PathBuf};
use std::process::{Child, ExitStatus, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};
use serde_json::Value;

use super::ground::Ground;
use super::paths::SECRET;
use crate::command::{cpu_time_of_children, find};

/// No command may have more memory.
const MEMORY_KIB: u64 = 256 << 10;

/// No command may take more CPU time.
const CPU: Duration = Duration::from_secs(1);

/// A program that was compiled without optimisation is so many times slower.
const UNOPTIMISED: u32 = 5;

/// A command that has not ended by then waits for something that does not come. The machine may be busy.
const PATIENCE: Duration = Duration::from_secs(60);

/// Calls that change files or reach out.
const CALLS: &str = "trace=open,openat,creat,mkdir,mkdirat,mknod,mknodat,rename,renameat,renameat2,unlink,unlinkat,rmdir,link,linkat,symlink,symlinkat,truncate,chmod,fchmodat,chown,fchownat,utimensat,connect";

/// What is done with a case.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Command {
    Check,
    /// `plan` as a person sees it.
    Shown,
    Plan,
    Kubernetes,
    /// Only of what `check` refused.
    Up,
}

impl Command {
    /// What follows `check`.
    pub(super) const OTHERS: [Command; 4] = [Command::Shown, Command::Plan, Command::Kubernetes, Command::Up];

    pub(super) fn name(self) -> &'static str {
        match self {
            Command::Check => "check",
            Command::Shown => "plan for people",
            Command::Plan => "plan",
            Command::Kubernetes => "export",
            Command::Up => "up",
        }
    }

    fn arguments(self, ground: &Ground) -> Vec<String> {
        let out = ground.out().display().to_string();
        let words: &[&str] = match self {
            Command::Check => &["check", "--output", "json"],
            Command::Shown => &["plan", "--offline", "-v", "--color", "never"],
            Command::Plan => &["plan", "--offline", "--output", "json"],
            Command::Kubernetes => &["export", "--target", "kubernetes", "--output", "json", "-o", &out],
            Command::Up => &["up", "--output", "json"],
        };
        words.iter().map(|word| (*word).to_owned()).collect()
    }

    /// Exit codes that a file, however bad, may lead to.
    fn allows(self, code: i32) -> bool {
        match self {
            Command::Check => matches!(code, 0 | 3 | 4),
            Command::Shown | Command::Plan | Command::Kubernetes => matches!(code, 0 | 3 | 4 | 5),
            Command::Up => code == 3,
        }
    }
}

/// What a command did.
pub(super) struct Seen {
    pub(super) code: Option<i32>,
    pub(super) cpu: Duration,
    /// What it must not have done.
    pub(super) troubles: Vec<String>,
}

/// Runs commands and keeps the worst.
pub(super) struct Examiner {
    program: PathBuf,
    strace: Option<PathBuf>,
    most_memory_kib: Cell<u64>,
    most_cpu: Cell<Duration>,
    watched: Cell<u32>,
    /// How much CPU time a command may take.
    cpu: Duration,
}

impl Examiner {
    pub(super) fn new(program: &Path) -> Result<Examiner> {
        let strace = find("strace", &[]);
        if strace.is_none() {
            println!(
                "strace did not run: it is not installed; files are compared before and after all the same"
            );
        }
        let program = program.canonicalize().with_context(|| format!("`{}`", program.display()))?;
        let is_debug = program.parent().is_some_and(|folder| folder.ends_with("debug"));
        let cpu = if is_debug { CPU * UNOPTIMISED } else { CPU };
        let (most_memory_kib, most_cpu, watched) = Default::default();
        Ok(Examiner { program, strace, most_memory_kib, most_cpu, watched, cpu })
    }

    /// What no command exceeded.
    pub(super) fn worst(&self) -> String {
        format!(
            "at most {} MiB resident (limit {} MiB of private memory) and {} ms of CPU (limit {} ms); {} commands watched call by call",
            self.most_memory_kib.get() >> 10,
            MEMORY_KIB >> 10,
            self.most_cpu.get().as_millis(),
            self.cpu.as_millis(),
            self.watched.get()
        )
    }

    /// Runs a command on a case, watched call by call when that is wanted and possible.
    pub(super) fn run(&self, command: Command, ground: &Ground, watch: bool) -> Result<Seen> {
        let said = ground.home().with_extension("said");
        std::fs::create_dir_all(&said)?;
        let calls = self.strace.as_deref().filter(|_| watch).map(|strace| (strace, said.join("calls")));
        let before = cpu_time_of_children()?;
        let mut child = self.start(command, ground, (&said, calls.as_ref()))?;
        let ended = self.wait(&mut child)?;
        let cpu = cpu_time_of_children()?.saturating_sub(before);
        let mut troubles = Vec::new();
        let Some(status) = ended else {
            return Ok(Seen { code: None, cpu, troubles: vec![format!("it hangs ({PATIENCE:?})")] });
        };
        if calls.is_none() {
            self.most_cpu.set(self.most_cpu.get().max(cpu));
            if cpu > self.cpu {
                troubles.push(format!("it took {} ms of CPU", cpu.as_millis()));
            }
        }
        let read = |name: &str| std::fs::read(said.join(name)).with_context(|| name.to_owned());
        let (out, errors) = (read("stdout")?, read("stderr")?);
        troubles.extend(ending(command, status, &errors));
        troubles.extend(words(command, status, (&out, &errors)));
        if let Some((_, calls)) = calls {
            self.watched.set(self.watched.get() + 1);
            troubles.extend(strays(&std::fs::read_to_string(calls)?, ground));
        }
        std::fs::remove_dir_all(&said)?;
        if ground.out().exists() {
            std::fs::remove_dir_all(ground.out())?;
        }
        Ok(Seen { code: status.code(), cpu, troubles })
    }

    fn start(
        &self,
        command: Command,
        ground: &Ground,
        (said, calls): (&Path, Option<&(&Path, PathBuf)>),
    ) -> Result<Child> {
        let mut shell = std::process::Command::new("/bin/sh");
        let limits = format!("ulimit -d {MEMORY_KIB} && ulimit -t 20 && exec \"$@\"");
        shell.args(["-c", &limits, "sh"]);
        if let Some((strace, file)) = calls {
            shell.arg(strace).args(["-f", "-qq", "-e", CALLS, "-o"]).arg(file);
        }
        shell.arg(&self.program).args(command.arguments(ground)).current_dir(ground.case());
        let path = std::env::var_os("PATH").unwrap_or_default();
        shell.env_clear().env("PATH", path).env("APPIA_HOME", ground.home());
        shell.env("HOME", ground.user()).env("TMPDIR", ground.user()).env("LANG", "C.UTF-8");
        shell.stdin(Stdio::null()).stdout(File::create(said.join("stdout"))?);
        shell.stderr(File::create(said.join("stderr"))?).spawn().context("cannot start `/bin/sh`")
    }

    /// Waits for the end, and looks meanwhile how much memory there is; `None`: it had to be killed.
    fn wait(&self, child: &mut Child) -> Result<Option<ExitStatus>> {
        let began = Instant::now();
        loop {
            if let Some(status) = child.try_wait()? {
                return Ok(Some(status));
            }
            let about = std::fs::read_to_string(format!("/proc/{}/status", child.id())).unwrap_or_default();
            let peak = about.lines().find_map(|line| {
                line.strip_prefix("VmHWM:")?.trim().strip_suffix(" kB")?.trim().parse().ok()
            });
            self.most_memory_kib.set(self.most_memory_kib.get().max(peak.unwrap_or(0)));
            if began.elapsed() > PATIENCE {
                child.kill()?;
                child.wait()?;
                return Ok(None);
            }
            std::thread::sleep(Duration::from_millis(1));
        }
    }
}

/// How it ended, and whether it fell.
fn ending(command: Command, status: ExitStatus, errors: &[u8]) -> Vec<String> {
    let mut troubles = Vec::new();
    let text = String::from_utf8_lossy(errors);
    if let Some(signal) = status.signal() {
        troubles.push(format!("it was ended by signal {signal}: {}", last(&text)));
    } else if !status.code().is_some_and(|code| command.allows(code)) {
        troubles.push(format!("its exit code is {:?}: {}", status.code(), last(&text)));
    }
    if text.contains("panicked at") {
        troubles.push(format!("it panicked: {}", last(&text)));
    }
    troubles
}

/// What it said: JSON with a place for every error, nothing that takes over a terminal, nothing of the world outside.
fn words(command: Command, status: ExitStatus, (out, errors): (&[u8], &[u8])) -> Vec<String> {
    let mut troubles = Vec::new();
    for said in [out, errors] {
        match std::str::from_utf8(said) {
            Ok(text) if takes_over(text) => {
                troubles.push(format!("it writes control characters: {text:?}").chars().take(600).collect())
            }
            Ok(text) if text.contains(SECRET) => {
                troubles.push("it tells what stands outside of the folder".to_owned())
            }
            Ok(_) => {}
            Err(error) => troubles.push(format!("what it writes is no UTF-8: {error}")),
        }
    }
    if command == Command::Shown || status.code() != Some(3) {
        return troubles;
    }
    match serde_json::from_slice::<Value>(out) {
        Ok(document) => troubles.extend(places(&document)),
        Err(error) => troubles.push(format!("its JSON cannot be read: {error}")),
    }
    troubles
}

/// Whether a text steers a terminal or turns the direction of reading.
fn takes_over(text: &str) -> bool {
    let turns = |sign: char| matches!(sign, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
    text.chars().any(|sign| (sign.is_control() && !matches!(sign, '\n' | '\t')) || turns(sign))
}

/// Every error has a file and a line.
fn places(document: &Value) -> Option<String> {
    let findings =
        document.get("diagnostics").and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
    let is = |finding: &&Value, what: &str| finding.get("severity").and_then(Value::as_str) == Some(what);
    let mut errors = findings.iter().filter(|finding| is(finding, "error")).peekable();
    if errors.peek().is_none() {
        return Some("there is no error in its document".to_owned());
    }
    let placed = |finding: &&Value| {
        let line = finding.get("line").and_then(Value::as_u64);
        finding.get("file").is_some_and(Value::is_string) && line.is_some_and(|line| line > 0)
    };
    errors.find(|finding| !placed(finding)).map(|finding| format!("an error has no place: {finding}"))
}

/// Calls that changed something outside of the home, or reached out of the machine.
fn strays(calls: &str, ground: &Ground) -> Vec<String> {
    let [home, out, said] = [ground.home(), ground.out(), ground.home().with_extension("said")]
        .map(|folder| folder.display().to_string());
    let allowed = |call: &str| {
        [home.as_str(), &out, &said].iter().any(|folder| call.contains(&format!("\"{folder}")))
            || call.contains("\"/dev/null\"")
            || call.contains("\"/dev/tty\"")
    };
    let writes = |call: &str| {
        let opens = call.contains("open(") || call.contains("openat(");
        let connects = call.contains("connect(");
        if connects {
            return call.contains("AF_INET");
        }
        !opens || ["O_WRONLY", "O_RDWR", "O_CREAT", "O_TRUNC"].iter().any(|flag| call.contains(flag))
    };
    let succeeded = |call: &&str| call.contains(" = ") && !call.contains(" = -1 ");
    let stray = |call: &&str| writes(call) && !allowed(call);
    let found = calls.lines().filter(|call| !call.contains("resumed>")).filter(succeeded).filter(stray);
    found.map(|call| format!("a stray call: {call}")).collect()
}

fn last(text: &str) -> String {
    text.lines()
        .rev()
        .take(3)
        .collect::<Vec<_>>()
        .into_iter()
        .rev()
        .collect::<Vec<_>>()
        .join(" | ")
        .chars()
        .take(500)
        .collect()
}

/// A child that must not be left behind when the torture itself ends early.
pub(super) fn bounded(command: &mut std::process::Command) -> Result<std::process::Output> {
    let mut child = command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn()?;
    let began = Instant::now();
    while child.try_wait()?.is_none() {
        if began.elapsed() > PATIENCE {
            child.kill()?;
            child.wait()?;
            bail!("it hangs ({PATIENCE:?})");
        }
        std::thread::sleep(Duration::from_millis(5));
    }
    Ok(child.wait_with_output()?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_error_without_a_place_is_seen() {
        let document = |line: &str| {
            let text = format!(r#"{{"diagnostics":[{{"severity":"error","file":"a","line":{line}}}]}}"#);
            serde_json::from_str::<Value>(&text).unwrap()
        };
        assert_eq!(places(&document("3")), None);
        assert!(places(&document("null")).is_some());
        assert!(places(&Value::Null).is_some());
    }

    #[test]
    fn a_stray_call_is_seen() -> Result<()> {
        let folder = tempfile::tempdir()?;
        let case = super::super::cases::Case { class: "", name: String::new(), pieces: Vec::new() };
        let ground = Ground::lay(&folder.path().join("one"), &case)?;
        let home = ground.home();
        let seen = |call: &str| strays(call, &ground).len();
        assert_eq!(seen("1 openat(AT_FDCWD, \"/etc/passwd\", O_RDONLY|O_CLOEXEC) = 3"), 0);
        assert_eq!(seen("1 openat(AT_FDCWD, \"/etc/x\", O_WRONLY|O_CREAT, 0666) = 3"), 1);
        assert_eq!(seen("1 openat(AT_FDCWD, \"/etc/x\", O_WRONLY|O_CREAT, 0666) = -1 EACCES (no)"), 0);
        assert_eq!(seen(&format!("1 mkdir(\"{}\", 0700) = 0", home.display())), 0);
        assert_eq!(seen("1 unlink(\"x\") = 0"), 1);
        assert_eq!(seen("1 connect(3, {sa_family=AF_INET, sin_port=htons(80)}, 16) = 0"), 1);
        Ok(())
    }

    #[test]
    fn what_was_touched_is_seen() -> Result<()> {
        let folder = tempfile::tempdir()?;
        let case =
            super::super::cases::some(1, &mut super::super::super::chance::Chance::seeded(1)).remove(0);
        let ground = Ground::lay(&folder.path().join("one"), &case)?;
        let before = ground.snapshot()?;
        assert!(ground.changed_since(&before)?.is_empty());
        std::fs::write(ground.user().join("new"), "text")?;
        assert!(!ground.changed_since(&before)?.is_empty());
        Ok(())
    }
}
