//! What has to be true after the command that follows a kill; each line that comes back is something that is not.
//!
//! Looked at from outside: with `appia plan`, `status` and `leaks`, and with `/proc`, the cgroups, the folders and the
//! application itself, so that a wrong answer of Appia's own does not hide anything. Start at `troubles`.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};
use serde_json::Value;

use super::application::get;
use super::processes::{Process, Role, listeners, of_home, parent};
use crate::bench::home::Home;
use crate::command::capture;

/// What should be there.
pub(super) struct Expected<'a> {
    pub(super) version: u32,
    /// Rows that the service said it has.
    pub(super) rows: &'a BTreeSet<u32>,
}

/// Instances of the application: one of each workload, and the database server.
const INSTANCES: usize = 3;

/// Everything that is wrong.
pub(super) fn troubles(home: &Home, application: &Path, expected: &Expected<'_>) -> Result<Vec<String>> {
    let mut troubles = Vec::new();
    planned(home, application, &mut troubles)?;
    let status = json(home, &["status", &application.to_string_lossy(), "--output", "json"])?;
    healthy(&status, &mut troubles);
    answers(&status, expected, &mut troubles);
    let leaks = json(home, &["leaks", "--output", "json"])?;
    if leaks.get("leaks").and_then(Value::as_array).is_none_or(|leaks| !leaks.is_empty()) {
        troubles.push(format!("`appia leaks` says {leaks}"));
    }
    let shims = owned_processes(home.folder(), &mut troubles);
    folders(home.folder(), &shims, &mut troubles);
    cgroups(home.folder(), &shims, &mut troubles);
    Ok(troubles)
}

/// What is left of a home after `down --data` and `server stop --all`.
pub(super) fn remains(home: &Path, cgroup_prefix: Option<&str>) -> Vec<String> {
    let mut remains: Vec<String> =
        of_home(home).iter().map(|process| format!("still runs: {}", process.shown())).collect();
    let cgroups = cgroup_prefix.map(cgroups_with).unwrap_or_default();
    remains.extend(cgroups.into_iter().map(|path| format!("still a cgroup: {path}")));
    let left = below(&home.join("envs")).into_iter().flat_map(|environment| below(&environment));
    for folder in left.flat_map(|app| below(&app)) {
        let things: Vec<PathBuf> = entries(&folder);
        if !things.is_empty() {
            remains.push(format!("still in `{}`: {things:?}", folder.display()));
        }
    }
    remains
}

/// Planning again gives no steps: nothing that was accepted is missing.
fn planned(home: &Home, application: &Path, troubles: &mut Vec<String>) -> Result<()> {
    let folder = application.to_string_lossy();
    let plan = json(home, &["plan", &folder, "--output", "json"])?;
    let steps = plan.pointer("/changes/steps").and_then(Value::as_array);
    match steps {
        Some(steps) if steps.is_empty() => {}
        Some(steps) => troubles.push(format!("the plan still has steps: {}", Value::from(steps.clone()))),
        None => bail!("`appia plan` tells no changes"),
    }
    Ok(())
}

fn healthy(status: &Value, troubles: &mut Vec<String>) {
    for workload in list(status, "workloads") {
        let state = text(workload, "state");
        let count = list(workload, "instances").len();
        if state != "healthy" || count != 1 {
            troubles
                .push(format!("{} is {state} with {count} instances: {workload}", text(workload, "address")));
        }
    }
    let counts = (list(status, "workloads").len(), list(status, "resources").len());
    if counts != (2, 1) {
        troubles.push(format!("there are {} workloads and {} resources", counts.0, counts.1));
    }
}

/// The application itself: its version, its rows, its one database.
fn answers(status: &Value, expected: &Expected<'_>, troubles: &mut Vec<String>) {
    let version = expected.version.to_string();
    let wrong = [
        page(status, "workloads.api", "/version").map(|said| said == version),
        page(status, "workloads.site", "/").map(|said| said == format!("version {version}\n")),
        page(status, "workloads.api", "/rows").map(|said| {
            let rows: BTreeSet<u32> = said.split_whitespace().filter_map(|row| row.parse().ok()).collect();
            rows == *expected.rows
        }),
        // `postgres`, two templates and ours; the superuser, ours, and those that PostgreSQL defines.
        page(status, "workloads.api", "/databases").map(|said| said.starts_with("4 ")),
    ];
    let names = ["the version of the service", "the version of the site", "the rows", "the databases"];
    for (name, answer) in names.iter().zip(wrong) {
        match answer {
            Ok(true) => {}
            Ok(false) => troubles.push(format!("{name}: not as expected (version {version})")),
            Err(error) => troubles.push(format!("{name}: {error:#}")),
        }
    }
}

/// A page of a workload, at the URL that `status` tells.
pub(super) fn page(status: &Value, workload: &str, path: &str) -> Result<String> {
    let found = list(status, "workloads").iter().find(|found| text(found, "address") == workload);
    let url = found.and_then(|found| found.get("url")).and_then(Value::as_str);
    get(url.with_context(|| format!("{workload} has no address"))?, path)
}

/// One server, one agent, a shim for each instance, and nothing that does not belong to one of them.
fn owned_processes(home: &Path, troubles: &mut Vec<String>) -> BTreeSet<PathBuf> {
    let processes = of_home(home);
    let with = |role: Role| processes.iter().filter(move |process| process.role() == role).count();
    let (servers, agents) = (with(Role::Server), with(Role::Agent));
    if (servers, agents) != (1, 1) {
        troubles.push(format!("{servers} servers and {agents} agents run"));
    }
    let shims: Vec<&Process> =
        processes.iter().filter(|process| matches!(process.role(), Role::Shim(_))).collect();
    if shims.len() != INSTANCES {
        let shown: Vec<String> = shims.iter().map(|shim| shim.shown()).collect();
        troubles.push(format!("{} shims run: {shown:?}", shims.len()));
    }
    let sessions: BTreeSet<u32> = shims.iter().map(|shim| shim.pid).collect();
    for process in processes.iter().filter(|process| process.role() == Role::Program) {
        // The service is a guest in its own database: the server forks a process for each connection.
        if !sessions.contains(&process.session) && !of_database(process, &processes, &sessions) {
            troubles.push(format!("nobody owns {}", process.shown()));
        }
    }
    // The gateway's shared port, an endpoint for each workload, a port for each program.
    let ports = listeners(&processes);
    if ports.len() != 1 + 2 + INSTANCES {
        troubles.push(format!("it listens on {} ports: {ports:?}", ports.len()));
    }
    shims.iter().filter_map(|shim| folder_of(shim)).collect()
}

/// PostgreSQL's children open sessions of their own; they end with the server, which a shim holds.
fn of_database(process: &Process, processes: &[Process], shims: &BTreeSet<u32>) -> bool {
    let parent = parent(process.pid);
    processes.iter().any(|other| Some(other.pid) == parent && shims.contains(&other.session))
}

/// `instances/ID` of a shim, which works in `instances/ID/CONTAINER`.
fn folder_of(shim: &Process) -> Option<PathBuf> {
    match shim.role() {
        Role::Shim(folder) => folder.parent().map(Path::to_path_buf),
        Role::Server | Role::Agent | Role::Program => None,
    }
}

/// Each folder of an instance has its shim, and no file was left half written.
fn folders(home: &Path, shims: &BTreeSet<PathBuf>, troubles: &mut Vec<String>) {
    let apps = below(&home.join("envs")).into_iter().flat_map(|environment| below(&environment));
    for app in apps {
        let there: BTreeSet<PathBuf> = below(&app.join("instances")).into_iter().collect();
        if there != *shims {
            troubles.push(format!("folders of instances: {there:?}, shims: {shims:?}"));
        }
        let sealed = entries(&app.join("objects"));
        let sealed = sealed.iter().filter(|file| file.extension().is_some_and(|it| it == "sealed")).count();
        if sealed != INSTANCES {
            troubles.push(format!("{sealed} sealed specs for {INSTANCES} objects"));
        }
    }
    let mut half_written = Vec::new();
    half_written_below(home, 5, &mut half_written);
    if !half_written.is_empty() {
        troubles.push(format!("left half written: {half_written:?}"));
    }
}

fn half_written_below(folder: &Path, depth: usize, found: &mut Vec<PathBuf>) {
    for path in entries(folder) {
        if path.is_dir() && depth > 0 && !path.ends_with("artifacts") {
            half_written_below(&path, depth - 1, found);
        } else if path.extension().is_some_and(|extension| extension == "new") {
            found.push(path);
        }
    }
}

/// `appia-HOME-INSTANCE-CONTAINER`, in every hierarchy.
fn cgroups(home: &Path, shims: &BTreeSet<PathBuf>, troubles: &mut Vec<String>) {
    let ids: Vec<String> = shims.iter().filter_map(|folder| id_in(folder)).collect();
    let Some(prefix) = cgroup_prefix(home) else { return };
    for stray in cgroups_with(&prefix).iter().filter(|path| !ids.iter().any(|id| path.contains(id))) {
        troubles.push(format!("nobody owns the cgroup `{stray}`"));
    }
}

/// `appia-HOME-`, as the cgroups of the instances that are there are called; nothing where there are no cgroups.
pub(super) fn cgroup_prefix(home: &Path) -> Option<String> {
    let shims = of_home(home).iter().filter_map(folder_of).collect::<Vec<_>>();
    let ids: Vec<String> = shims.iter().filter_map(|folder| id_in(folder)).collect();
    cgroups_with("appia-").iter().find_map(|path| {
        let name = path.rsplit('/').next()?;
        let (prefix, _) = ids.iter().find_map(|id| name.split_once(id.as_str()))?;
        Some(format!("{prefix}-"))
    })
}

/// `-INSTANCE-`, as it stands in the name of a cgroup.
fn id_in(folder: &Path) -> Option<String> {
    Some(format!("-{}-", folder.file_name()?.to_str()?))
}

fn cgroups_with(prefix: &str) -> Vec<String> {
    let mut found = Vec::new();
    cgroups_below(Path::new("/sys/fs/cgroup"), prefix, 6, &mut found);
    found.iter().map(|folder| folder.to_string_lossy().into_owned()).collect()
}

fn cgroups_below(folder: &Path, prefix: &str, depth: usize, found: &mut Vec<PathBuf>) {
    for path in below(folder) {
        if path.file_name().is_some_and(|name| name.to_string_lossy().starts_with(prefix)) {
            found.push(path);
        } else if depth > 0 {
            cgroups_below(&path, prefix, depth - 1, found);
        }
    }
}

/// What a verb says with `--output json`, whatever its exit code.
pub(super) fn json(home: &Home, arguments: &[&str]) -> Result<Value> {
    let output = capture(&mut home.command(arguments))?;
    let last = output.stdout.lines().last().unwrap_or_default();
    serde_json::from_str(last)
        .with_context(|| format!("`appia {}` said {last:?} {}", arguments.join(" "), output.stderr))
}

fn list<'a>(value: &'a Value, name: &str) -> &'a [Value] {
    value.get(name).and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default()
}

fn text<'a>(value: &'a Value, name: &str) -> &'a str {
    value.get(name).and_then(Value::as_str).unwrap_or_default()
}

fn entries(folder: &Path) -> Vec<PathBuf> {
    std::fs::read_dir(folder).into_iter().flatten().flatten().map(|entry| entry.path()).collect()
}

fn below(folder: &Path) -> Vec<PathBuf> {
    entries(folder).into_iter().filter(|path| path.is_dir() && !path.is_symlink()).collect()
}
