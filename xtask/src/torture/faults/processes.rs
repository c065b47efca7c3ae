//! System calls of the server and the agent fail while a command asks them to change something.

use std::time::{Duration, Instant};

use anyhow::{Context, Result, ensure};

use super::strace::Strace;
use super::{ERRORS, Tally};
use crate::torture::chance::Chance;
use crate::torture::processes::{Role, of_home};
use crate::torture::site::Site;

/// What fails in them. Not `write`: their own threads wake each other with it, which no disk makes fail and no runtime
/// survives; `full.rs` makes the writes of files fail.
const KINDS: &[&str] = &["pwrite64", "fsync", "fdatasync", "openat", "rename", "mkdir", "ftruncate"];
/// No thread makes more calls of a kind in one command.
const DEEPEST: u32 = 40;
const COMMANDS: &[&[&str]] =
    &[&["up", "--yes"], &["deploy", "--yes"], &["down", "--yes"], &["rollback", "--yes"]];
const SETTLED: Duration = Duration::from_secs(30);

/// One fault.
#[derive(Clone, Copy)]
struct Fault {
    role: &'static str,
    words: &'static [&'static str],
    kind: &'static str,
    error: &'static str,
    count: u32,
}

/// For each process, command, kind and error the first, second ... call, until none of them fails any more.
pub(super) fn torture(
    site: &Site,
    strace: &Strace,
    (most, chance): (u32, &mut Chance),
    tally: &mut Tally,
) -> Result<()> {
    let mut series = Vec::new();
    for role in ["server", "agent"] {
        for words in COMMANDS {
            for kind in KINDS {
                for (error, _) in ERRORS {
                    series.push(Fault { role, words, kind, error, count: 1 });
                }
            }
        }
    }
    let short = usize::try_from(most).is_ok_and(|most| most < series.len());
    for mut fault in crate::torture::flips::some(series, most, chance) {
        if short {
            // One somewhere in the series instead of all of it.
            fault.count = 1 + u32::try_from(chance.below(8)).unwrap_or_default();
            one(site, strace, fault, tally);
            continue;
        }
        while fault.count <= DEEPEST && one(site, strace, fault, tally) {
            fault.count += 1;
        }
    }
    Ok(())
}

/// True when something failed that was to fail.
fn one(site: &Site, strace: &Strace, fault: Fault, tally: &mut Tally) -> bool {
    let what = format!("{} {} of the {}: {}", fault.kind, fault.count, fault.role, fault.error);
    match once(site, strace, fault) {
        Ok(None) => false,
        Ok(Some(refused)) => {
            tally.note(&format!("{}, {}", fault.words.join(" "), fault.role), &what, Ok(refused));
            true
        }
        Err(error) => {
            tally.note(&format!("{}, {}", fault.words.join(" "), fault.role), &what, Err(error));
            false
        }
    }
}

/// Whether the command said that it failed; `None` when no call of a file failed.
fn once(site: &Site, strace: &Strace, fault: Fault) -> Result<Option<bool>> {
    site.succeed(&["up", "--yes"])?;
    site.next_version()?;
    if fault.words.first() == Some(&"rollback") {
        site.succeed(&["deploy", "--yes"])?;
    }
    let role = if fault.role == "server" { Role::Server } else { Role::Agent };
    let process = of_home(site.home.folder()).into_iter().find(|process| process.role() == role);
    let pid = process.context("it does not run")?.pid;
    let attached = strace.attach(site, pid, (fault.kind, fault.error, fault.count))?;
    let answer = site.ask_json(fault.words);
    let failed = attached.end()?;
    let answer = answer?;
    let files = failed.len();
    ensure!(!answer.panicked(), "it panicked: {}", answer.shown());
    let refused = answer.code != Some(0);
    ensure!(matches!(answer.code, Some(0 | 1)), "a wrong exit code: {} {failed:?}", answer.shown());
    ensure!(!refused || files > 0, "it fails without a fault: {}", answer.shown());
    settle(site).with_context(|| format!("after {} {failed:?}", answer.shown()))?;
    Ok((files > 0).then_some(refused))
}

/// The same command again works, and nothing is damaged or left over. Once a moment may pass: what was open is finished.
fn settle(site: &Site) -> Result<()> {
    let began = Instant::now();
    loop {
        match settled(site) {
            Err(error) if began.elapsed() > SETTLED => return Err(error),
            Err(_) => std::thread::sleep(Duration::from_millis(300)),
            Ok(()) => return Ok(()),
        }
    }
}

fn settled(site: &Site) -> Result<()> {
    let up = site.ask_json(&["up", "--yes"])?;
    ensure!(up.code == Some(0), "`up` again: {}", up.shown());
    let page = site.page()?;
    ensure!(page == site.version_text(), "`up` is done and the site answers {page:?}");
    let doctor = site.ask_json(&["server", "doctor"])?;
    ensure!(doctor.code == Some(0), "the doctor finds something: {}", doctor.shown());
    let leaks = site.ask_json(&["leaks"])?;
    ensure!(leaks.json().pointer("/leaks/0").is_none(), "leaks: {}", leaks.shown());
    for log in ["server.log", "agent.log"] {
        let text = std::fs::read_to_string(site.home.folder().join(log)).unwrap_or_default();
        ensure!(!text.contains("panicked at"), "a panic in {log}");
    }
    Ok(())
}
