//! Spoilt homes: files that Appia keeps for itself, damaged while nothing runs, and then the next commands.
//!
//! A small site is brought up, everything is stopped, one file of the home is spoilt, and `status`, `leaks`, `up` and
//! `down` are given. They may fail, but must say so: no panic in any of the three processes, no hang, an exit code that
//! the interface knows, and an error that is JSON. Start at `run`.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Output;

use anyhow::{Context, Result};

use super::super::chance::Chance;
use super::{examine, shapes};
use crate::bench::home::Home;

const INTENT: &str = "app: small\nworkloads:\n  web: { type: site, build: ./site, public: true }\n";

/// What a file becomes.
const MALICE: [&str; 7] = [
    "nothing",
    "an open list",
    "another type",
    "NULs",
    "half of itself",
    "a few changed bytes",
    "a very long number",
];

/// Spoils so many homes and tells what was wrong.
pub(super) fn run(program: &Path, folder: &Path, (runs, chance): (u32, &mut Chance)) -> Result<Vec<String>> {
    let mut failures = Vec::new();
    let (mut fine, mut refused) = (0, 0);
    for number in 0..runs {
        let home = Home::new(program, folder.join(format!("{number}")));
        let app = folder.join(format!("{number}-app"));
        fs::create_dir_all(app.join("site"))?;
        fs::write(app.join("appia.yaml"), INTENT)?;
        fs::write(app.join("site/index.html"), "home")?;
        home.run(&["up", "--yes", &app.display().to_string()])?;
        home.run(&["server", "stop", "--all"])?;
        let what = spoil(home.folder(), chance)?;
        for words in [["status"].as_slice(), &["leaks"], &["up", "--yes"], &["down", "--yes"]] {
            let seen = examine::bounded(home.command(words).args(["--output", "json"]).current_dir(&app));
            let trouble = match seen {
                Ok(output) => {
                    *(if output.status.success() { &mut fine } else { &mut refused }) += 1;
                    trouble(&output)
                }
                Err(error) => Some(error.to_string()),
            };
            failures
                .extend(trouble.map(|why| format!("home {number}, {what}: `{}`: {why}", words.join(" "))));
        }
        failures.extend(fallen(home.folder())?.map(|why| format!("home {number}, {what}: {why}")));
    }
    for failure in &failures {
        println!("FAILED {failure}");
    }
    println!("{runs} spoilt homes: {fine} commands went well, {refused} were refused");
    Ok(failures)
}

/// Spoils one file that a process wrote for later.
fn spoil(home: &Path, chance: &mut Chance) -> Result<String> {
    let mut files = Vec::new();
    list(home, &mut files)?;
    files.sort();
    let which = usize::try_from(chance.below(u64::try_from(files.len())?))?;
    let file = files.get(which).context("the home has no files")?;
    let mut bytes = fs::read(file)?;
    let malice = chance.one_of(MALICE[0], &MALICE[1..]);
    match malice {
        "nothing" => bytes.clear(),
        "an open list" => bytes = b"[".repeat(100_000),
        "another type" => bytes = b"{\"a\":[1]}".to_vec(),
        "NULs" => bytes.fill(0),
        "half of itself" => bytes.truncate(bytes.len() / 2),
        "a very long number" => bytes = b"9".repeat(1 << 20),
        _ => drop((0..5).map(|_| shapes::mutate(&mut bytes, chance)).collect::<Vec<_>>()),
    }
    fs::write(file, bytes)?;
    Ok(format!("`{}` is {malice}", file.strip_prefix(home).unwrap_or(file).display()))
}

fn list(folder: &Path, files: &mut Vec<PathBuf>) -> Result<()> {
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        let about = fs::symlink_metadata(&path)?;
        let name = path.file_name().and_then(|name| name.to_str()).unwrap_or_default();
        if about.is_dir() {
            list(&path, files)?;
        } else if about.is_file() && !name.ends_with(".lock") && !name.ends_with(".log") {
            files.push(path);
        }
    }
    Ok(())
}

fn trouble(output: &Output) -> Option<String> {
    let words = String::from_utf8_lossy(&output.stderr);
    if words.contains("panicked at") {
        return Some(format!("it panicked: {words}"));
    }
    let Some(code @ 0..=7) = output.status.code() else {
        return Some(format!("it ended with {}", output.status));
    };
    let is_json = |line: &str| serde_json::from_str::<serde_json::Value>(line).is_ok();
    let text = String::from_utf8_lossy(&output.stdout);
    let told = is_json(&text) || text.lines().all(is_json);
    (!told || text.trim().is_empty()).then(|| format!("exit code {code}, and this is no JSON: {text}{words}"))
}

/// Whether server, agent or a shim panicked.
fn fallen(home: &Path) -> Result<Option<String>> {
    for log in ["server.log", "agent.log"] {
        let text = String::from_utf8_lossy(&fs::read(home.join(log)).unwrap_or_default()).into_owned();
        if let Some(line) = text.lines().find(|line| line.contains("panicked at")) {
            return Ok(Some(format!("{log}: {line}")));
        }
    }
    Ok(None)
}
