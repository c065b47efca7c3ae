//! What exists of a home without an owner: processes, folders, cgroups and sockets that no record asks for.
//!
//! Reads records and the machine, never the agent, so that it tells the truth when the agent is the one who forgot.
//! Removes nothing.

use std::collections::BTreeSet;
use std::fs;
use std::io;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use crate::agent::record::RecordFolder;
use crate::agent::unit_name;
use crate::home::Home;
use crate::process_table::{command_line, processes};
use crate::shim::spec::RUN_FILE;
use crate::supervisor::instance_folders::Identity;

/// Something without an owner.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Leak {
    /// `process`, `folder`, `cgroup` or `socket`.
    pub what: String,
    /// Its path, or its pid and command line.
    #[serde(rename = "where")]
    pub place: String,
    /// Microseconds after 1970, when that is known.
    pub since_micros: Option<u64>,
}

/// Everything of this home that nothing owns. Right only while no step is being taken.
///
/// # Errors
/// When the home cannot be read.
pub async fn leaks(home: Home) -> io::Result<Vec<Leak>> {
    tokio::task::spawn_blocking(move || find(&home)).await.map_err(io::Error::other)?
}

/// What records ask for.
#[derive(Default)]
struct Wanted {
    instances: BTreeSet<PathBuf>,
    folders: BTreeSet<PathBuf>,
    /// In the names of cgroups.
    ids: BTreeSet<String>,
    ports: BTreeSet<u16>,
}

fn find(home: &Home) -> io::Result<Vec<Leak>> {
    let mut wanted = Wanted::default();
    let owners = below(&home.environments()).into_iter().flat_map(|environment| below(&environment));
    let owners: Vec<PathBuf> = owners.collect();
    for owner in &owners {
        wanted.add(owner)?;
    }
    let mut leaks = Vec::new();
    for owner in &owners {
        for parent in ["instances", "logs", "data", "volumes"] {
            let there = below(&owner.join(parent)).into_iter();
            leaks.extend(there.filter(|folder| !wanted.has(folder)).map(|folder| of_path("folder", &folder)));
        }
    }
    leaks.extend(stray_processes(home, &wanted));
    leaks.extend(stray_cgroups(home, &wanted));
    leaks.extend(stray_sockets(home, &wanted));
    leaks.sort();
    Ok(leaks)
}

impl Wanted {
    fn add(&mut self, owner: &Path) -> io::Result<()> {
        let records = RecordFolder::new(owner).records()?;
        for record in &records {
            let unit = unit_name(&record.id);
            self.folders.extend(["logs", "data"].map(|parent| owner.join(parent).join(&unit)));
            self.folders.insert(owner.join("volumes").join(&record.id.name));
            self.ports.extend(record.endpoints.values());
        }
        for folder in below(&owner.join("instances")) {
            let identity: Option<Identity> =
                crate::durable::read_json(&folder.join("instance.json")).ok().flatten();
            let asked_for = |identity: &Identity| {
                records.iter().any(|record| {
                    unit_name(&record.id) == identity.unit
                        && record.keeps_running()
                        && record.generation.as_deref() == Some(&identity.generation)
                })
            };
            if let Some(identity) = identity.filter(asked_for) {
                self.ids.insert(identity.id);
                self.instances.insert(folder);
            }
        }
        Ok(())
    }

    fn has(&self, folder: &Path) -> bool {
        self.instances.contains(folder) || self.folders.contains(folder)
    }
}

/// Shims of this home whose instance nobody wants, and programs whose shim is gone.
fn stray_processes(home: &Home, wanted: &Wanted) -> Vec<Leak> {
    let root = home.root().join("envs");
    let mut strays = Vec::new();
    for (pid, stat) in processes().into_iter().filter(|(_, stat)| !stat.is_dead()) {
        let line = command_line(pid);
        let Some((_, folder)) = line.rsplit_once(" shim ") else { continue };
        let folder = Path::new(folder);
        let is_ours = folder.starts_with(&root);
        if is_ours && !folder.parent().is_some_and(|instance| wanted.instances.contains(instance)) {
            strays.push(of_process(pid, &line));
            let below = processes()
                .into_iter()
                .filter(|(_, child)| child.session == pid && child.start >= stat.start);
            strays.extend(
                below
                    .filter(|(child, _)| *child != pid)
                    .map(|(child, _)| of_process(child, &command_line(child))),
            );
        }
    }
    strays.extend(wanted.instances.iter().flat_map(|instance| without_shim(instance)));
    strays
}

/// Programs of an instance that go on without their shim.
fn without_shim(instance: &Path) -> Vec<Leak> {
    let run = |folder: PathBuf| -> Option<crate::shim::spec::RunRecord> {
        crate::durable::read_json(&folder.join(RUN_FILE)).ok().flatten()
    };
    let runs = below(instance).into_iter().filter_map(run);
    runs.filter(|run| !run.shim.is_alive() && run.program.is_alive())
        .map(|run| of_process(run.program.pid, &command_line(run.program.pid)))
        .collect()
}

/// `appia-HOME-INSTANCE-CONTAINER` in every hierarchy that this process stands in.
fn stray_cgroups(home: &Home, wanted: &Wanted) -> Vec<Leak> {
    let prefix = format!("appia-{}-", home.id());
    let is_stray = |folder: &PathBuf| {
        let name =
            folder.file_name().and_then(|name| name.to_str()).and_then(|name| name.strip_prefix(&prefix));
        name.is_some_and(|name| {
            !wanted.ids.iter().any(|id| name.strip_prefix(id).is_some_and(|rest| rest.starts_with('-')))
        })
    };
    let places = crate::shim::cgroup_parents();
    let mut strays: Vec<PathBuf> = places.iter().flat_map(|place| below(place)).filter(is_stray).collect();
    strays.sort();
    strays.dedup();
    strays.iter().map(|folder| of_path("cgroup", folder)).collect()
}

/// Sockets of database servers that are not there any more.
fn stray_sockets(home: &Home, wanted: &Wanted) -> Vec<Leak> {
    let entries = fs::read_dir(home.sockets()).into_iter().flatten().flatten();
    let stray = |path: &PathBuf| {
        let name = path.file_name().and_then(|name| name.to_str()).unwrap_or_default();
        let port = name.strip_prefix(".s.PGSQL.").and_then(|port| port.split('.').next()?.parse().ok());
        port.is_some_and(|port| !wanted.ports.contains(&port))
    };
    entries.map(|entry| entry.path()).filter(stray).map(|path| of_path("socket", &path)).collect()
}

fn of_path(what: &str, path: &Path) -> Leak {
    let since = fs::symlink_metadata(path).ok().and_then(|metadata| u64::try_from(metadata.mtime()).ok());
    Leak {
        what: what.to_owned(),
        place: path.display().to_string(),
        since_micros: since.map(|seconds| seconds.saturating_mul(1_000_000)),
    }
}

fn of_process(pid: i32, command_line: &str) -> Leak {
    Leak { what: "process".to_owned(), place: format!("{pid} {command_line}"), since_micros: None }
}

fn below(folder: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).into_iter().flatten().flatten();
    entries.map(|entry| entry.path()).filter(|path| path.is_dir()).collect()
}
