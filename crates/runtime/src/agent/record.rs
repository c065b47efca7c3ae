//! What the agent keeps on disk of each object, so that it can go on after `kill -9` or a reboot.
//!
//! One file an object below the owner's folder. What a unit runs is sealed beside it, because it holds secrets.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use appia_intent::{AppName, EnvironmentName, PortName};
use appia_plan::seal::{self, SealKey};
use appia_plan::{Object, ObjectId, Owner};
use serde::{Deserialize, Serialize};
use tokio::task::block_in_place;

use super::instances::unit_name;
use crate::durable;
use crate::supervisor::spec::WorkloadSpec;

/// An object as it was last applied and as it shall be.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct Record {
    pub(crate) owner: Owner,
    pub(crate) id: ObjectId,
    /// `None` until its first step has ended.
    pub(crate) applied: Option<Object>,
    pub(crate) standing: Standing,
    pub(crate) outputs: BTreeMap<String, String>,
    /// What it runs: the name of a sealed [`WorkloadSpec`].
    pub(crate) generation: Option<String>,
    /// Loopback ports that stay the same.
    pub(crate) endpoints: BTreeMap<PortName, u16>,
    /// For resources: the version that really runs.
    pub(crate) version: Option<String>,
    /// The record on disk is not as it was written: this is only what the names of its files tell.
    #[serde(skip)]
    pub(crate) is_damaged: bool,
}

/// How far an object has come, as far as that outlives the agent.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Standing {
    /// A step began and did not end.
    Partial,
    /// It is as applied, and what it runs should run.
    Ready,
    Paused,
    /// Deleted, but its data is kept.
    Retained,
}

impl Record {
    pub(crate) fn new(owner: Owner, id: ObjectId) -> Record {
        Record {
            owner,
            id,
            applied: None,
            standing: Standing::Partial,
            outputs: BTreeMap::new(),
            generation: None,
            endpoints: BTreeMap::new(),
            version: None,
            is_damaged: false,
        }
    }

    /// What it runs is to be kept running: it is well, or nobody knows.
    pub(crate) fn keeps_running(&self) -> bool {
        self.standing == Standing::Ready || self.is_damaged
    }
}

/// Where the records of one owner are.
#[derive(Debug, Clone)]
pub(crate) struct RecordFolder {
    folder: PathBuf,
}

impl RecordFolder {
    pub(crate) fn new(owner_folder: &Path) -> RecordFolder {
        RecordFolder { folder: owner_folder.to_owned() }
    }

    /// Keeps a record, and what it names, durable when this returns. Other tasks go on meanwhile, so that records of
    /// several objects become durable together.
    pub(crate) fn save(&self, record: &Record) -> io::Result<()> {
        fs::create_dir_all(self.folder.join("objects"))?;
        let bytes = durable::to_bytes(record)?;
        block_in_place(|| {
            if let Some(generation) = &record.generation {
                durable::sync(&self.sealed(&unit_name(&record.id), generation))?;
            }
            durable::write(&self.path(&record.id), &bytes)
        })
    }

    /// Keeps a record that a step begins with: whole at any time, and its name durable with the next [`RecordFolder::save`] of
    /// the same owner, so with whoever is told of its ports.
    pub(crate) fn begin(&self, record: &Record) -> io::Result<()> {
        fs::create_dir_all(self.folder.join("objects"))?;
        let bytes = durable::to_bytes(record)?;
        block_in_place(|| durable::write_before_another(&self.path(&record.id), &bytes))
    }

    pub(crate) fn remove(&self, id: &ObjectId) -> io::Result<()> {
        durable::remove(&self.path(id))
    }

    pub(crate) fn records(&self) -> io::Result<Vec<Record>> {
        let entries = match fs::read_dir(self.folder.join("objects")) {
            Ok(entries) => entries,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
            Err(error) => return Err(error),
        };
        let mut records = Vec::new();
        for entry in entries {
            let path = entry?.path();
            if path.extension().is_some_and(|extension| extension == "json") {
                match durable::read_json(&path) {
                    Err(error) if error.kind() == io::ErrorKind::InvalidData => {
                        tracing::error!(%error, "this has to be brought again");
                        records.push(self.unknown(&path).ok_or(error)?);
                    }
                    other => records.extend(other?),
                }
            }
        }
        Ok(records)
    }

    /// Removes what an agent that was killed left beside these records: half-written files, and sealed specs that none
    /// of them names.
    pub(crate) fn keep_named_by(&self, records: &[Record]) {
        let objects = self.folder.join("objects");
        for folder in [&self.folder, &objects] {
            durable::forget_half_written(folder);
        }
        let named = |record: &Record| Some(self.sealed(&unit_name(&record.id), record.generation.as_ref()?));
        let named: BTreeSet<PathBuf> = records.iter().filter_map(named).collect();
        let entries = fs::read_dir(&objects).into_iter().flatten().flatten().map(|entry| entry.path());
        for path in entries.filter(|path| is_sealed(path) && !named.contains(path)) {
            if let Err(error) = durable::remove(&path) {
                tracing::warn!(file = %path.display(), %error, "a spec that nobody names stays");
            }
        }
    }

    /// What is known of an object whose record is damaged: that it was there. As if a step on it had not ended, so that
    /// the next plan brings it again.
    fn unknown(&self, path: &Path) -> Option<Record> {
        let (kind, name) = path.file_stem()?.to_str()?.split_once('.')?;
        let mut names = self.folder.iter().rev().map(|name| name.to_str());
        let (app, place) = (names.next()??, names.next()??);
        let (organisation, environment) = place.split_once('@').unwrap_or(("default", place));
        let owner = Owner {
            organisation: organisation.to_owned(),
            app: AppName::new(app).ok()?,
            environment: EnvironmentName::new(environment).ok()?,
        };
        let id = ObjectId::new(kind, name);
        let generation = self.newest_sealed(&unit_name(&id));
        Some(Record { generation, is_damaged: true, ..Record::new(owner, id) })
    }

    /// The generation of a unit whose sealed spec is there; there is one, unless a step did not end.
    fn newest_sealed(&self, unit: &str) -> Option<String> {
        let entries = fs::read_dir(self.folder.join("objects")).into_iter().flatten().flatten();
        let mut sealed: Vec<PathBuf> =
            entries.map(|entry| entry.path()).filter(|path| is_sealed(path)).collect();
        sealed.sort_by_key(|path| fs::metadata(path).and_then(|file| file.modified()).ok());
        let named = |path: &PathBuf| {
            let (of, generation) = path.file_stem()?.to_str()?.rsplit_once('.')?;
            (of == unit).then(|| generation.to_owned())
        };
        sealed.iter().rev().find_map(named)
    }

    /// Keeps what a unit runs, sealed, under a new generation. Durable with the record that names it.
    pub(crate) fn seal(&self, key: &SealKey, unit: &str, spec: &WorkloadSpec) -> io::Result<String> {
        let generation = format!("{:012x}", rand::random::<u64>() >> 16);
        let plain = zeroize::Zeroizing::new(serde_json::to_vec(spec)?);
        let place = place(unit, &generation);
        let sealed = seal::seal(key, rand::random(), &place, &plain).map_err(io::Error::other)?;
        fs::create_dir_all(self.folder.join("objects"))?;
        durable::write_before_sync(&self.sealed(unit, &generation), &sealed)?;
        Ok(generation)
    }

    /// What a unit runs.
    pub(crate) fn open(&self, key: &SealKey, unit: &str, generation: &str) -> io::Result<WorkloadSpec> {
        let sealed = fs::read(self.sealed(unit, generation))?;
        let plain = seal::open(key, &place(unit, generation), &sealed).map_err(io::Error::other)?;
        Ok(serde_json::from_slice(&plain)?)
    }

    /// Removes every generation of a unit but one.
    pub(crate) fn keep_only(&self, unit: &str, generation: Option<&str>) -> io::Result<()> {
        let kept = generation.map(|generation| self.sealed(unit, generation));
        let Ok(entries) = fs::read_dir(self.folder.join("objects")) else { return Ok(()) };
        for path in entries.flatten().map(|entry| entry.path()) {
            let stem = path.file_stem().and_then(|stem| stem.to_str()).unwrap_or_default();
            let ours = is_sealed(&path) && stem.rsplit_once('.').is_some_and(|(of, _)| of == unit);
            if ours && Some(&path) != kept.as_ref() {
                durable::remove(&path)?;
            }
        }
        Ok(())
    }

    fn path(&self, id: &ObjectId) -> PathBuf {
        self.folder.join("objects").join(format!("{}.{}.json", id.kind, id.name))
    }

    fn sealed(&self, unit: &str, generation: &str) -> PathBuf {
        self.folder.join("objects").join(format!("{unit}.{generation}.sealed"))
    }
}

fn is_sealed(path: &Path) -> bool {
    path.extension().is_some_and(|extension| extension == "sealed")
}

/// Whether a file of [`RecordFolder::seal`] is as it was written, under this key.
pub(crate) fn opens(key: &SealKey, path: &Path) -> io::Result<()> {
    let name = path.file_stem().and_then(|stem| stem.to_str()).and_then(|stem| stem.rsplit_once('.'));
    let (unit, generation) = name.unwrap_or_default();
    let opened = seal::open(key, &place(unit, generation), &fs::read(path)?);
    opened.map(|_| ()).map_err(|error| io::Error::other(format!("`{}`: {error}", path.display())))
}

fn place(unit: &str, generation: &str) -> String {
    format!("specs/{unit}.{generation}")
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;
    use std::path::Path;

    use appia_intent::{AppName, EnvironmentName};
    use appia_plan::{ObjectId, Owner, local};

    use super::{Record, RecordFolder};

    #[test]
    fn what_a_killed_agent_left_beside_the_records_goes() {
        let folder = tempfile::tempdir().unwrap();
        let owner = Owner {
            organisation: "default".into(),
            app: AppName::new("shop").unwrap(),
            environment: EnvironmentName::new("local").unwrap(),
        };
        let (record_folder, objects) = (RecordFolder::new(folder.path()), folder.path().join("objects"));
        let web = Record {
            generation: Some("2".to_owned()),
            ..Record::new(owner, ObjectId::new(local::kind::WORKLOAD, "web"))
        };
        std::fs::create_dir(&objects).unwrap();
        let mark = "0123456789abcdef.new";
        for name in ["web.1.sealed", "web.2.sealed", "gone.3.sealed", &format!("web.4.{mark}")] {
            std::fs::write(objects.join(name), "").unwrap();
        }
        std::fs::write(folder.path().join(format!("fence.{mark}")), "").unwrap();
        record_folder.save(&web).unwrap();
        record_folder.keep_named_by(&record_folder.records().unwrap());
        let names = |folder: &Path| -> BTreeSet<String> {
            let entries = std::fs::read_dir(folder).unwrap();
            entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect()
        };
        let record = format!("{}.web.json", local::kind::WORKLOAD);
        assert_eq!(names(&objects), BTreeSet::from([record, "web.2.sealed".to_owned()]));
        assert_eq!(names(folder.path()), BTreeSet::from(["objects".to_owned()]));
        assert_eq!(record_folder.records().unwrap(), [web]);
    }
}
