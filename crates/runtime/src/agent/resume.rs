//! After a start of the agent: finding what an earlier one left running, starting what should run and does not,
//! ending what nobody wants any more.

use std::collections::BTreeSet;
use std::fs;
use std::path::PathBuf;
use std::sync::Arc;

use appia_intent::WorkloadKind;
use appia_plan::DriverError;

use super::Agent;
use super::instances::{Wanted, unit_name};
use super::leftovers::Leftover;
use super::record::{Record, RecordFolder};
use super::slot::Slot;
use crate::durable;
use crate::home::Home;
use crate::supervisor::instance::Instance;
use crate::supervisor::instance_folders::{Identity, unit_of};
use crate::supervisor::spec::WorkloadSpec;

impl Agent {
    /// Reads every record and makes it so. Returns once all programs are found or started, not when they are healthy.
    ///
    /// What nobody wants any more may take its time to end, and only its own successors wait for that: everybody else
    /// is served before.
    pub(super) async fn resume_all(self: &Arc<Self>) {
        durable::forget_half_written(self.home.root());
        let (mut slots, mut unwanted) = (Vec::new(), Vec::new());
        for folder in owner_folders(&self.home.environments()) {
            let record_folder = RecordFolder::new(&folder);
            // What cannot be read might still run: nothing of this owner is touched, and the others go on.
            match record_folder.records() {
                Ok(records) => {
                    record_folder.keep_named_by(&records);
                    unwanted.extend(self.unwanted(folder, &records));
                    slots.extend(records.into_iter().map(|record| self.insert(record)));
                }
                Err(error) => {
                    tracing::error!(folder = %folder.display(), %error, "the records cannot be read");
                }
            }
        }
        remove_empty_cgroups(&self.home);
        let waits =
            |slot: &Arc<Slot>| unwanted.iter().any(|unwanted| unwanted.holds_up(&slot.record(), &self.home));
        let (later, now): (Vec<_>, Vec<_>) = slots.into_iter().partition(waits);
        let served = async {
            futures::future::join_all(now.iter().map(|slot| self.resume(slot))).await;
            self.let_gateway_follow().await;
        };
        let ended =
            futures::future::join_all(unwanted.iter().map(|unwanted| self.discard(&unwanted.leftover)));
        tokio::join!(served, ended);
        futures::future::join_all(later.iter().map(|slot| self.resume(slot))).await;
        self.let_gateway_follow().await;
    }

    async fn let_gateway_follow(&self) {
        if let Err(failure) = self.apply_ingress().await {
            tracing::error!(?failure, "the gateway does not follow");
        }
    }

    /// Stops every program; their records still say that they should run.
    pub(super) async fn stop_all(&self) {
        self.work.stop().await;
        let slots = self.all_slots();
        futures::future::join_all(slots.iter().map(|slot| async move {
            let running = {
                let mut state = slot.state();
                state.clock = None;
                let trial = std::mem::take(&mut state.on_trial);
                std::mem::take(&mut state.serving).into_iter().chain(trial)
            };
            self.remove(&running.collect::<Vec<_>>()).await;
        }))
        .await;
        // What a step that was stopped in the middle had started.
        for owner in slots.iter().map(|slot| slot.record().owner).collect::<BTreeSet<_>>() {
            let folders = self.instance_folders(&owner);
            let left = folders.instance_ids().into_iter();
            let left: Vec<_> = left.map(|id| Leftover { folders: folders.clone(), id }).collect();
            futures::future::join_all(left.iter().map(|leftover| self.discard(leftover))).await;
        }
    }

    /// Looks after nothing any more; what runs goes on.
    pub(super) fn let_go(&self) {
        for slot in self.all_slots() {
            let mut state = slot.state();
            state.clock = None;
            state.serving.clear();
            state.on_trial.clear();
        }
    }

    async fn resume(self: &Arc<Self>, slot: &Arc<Slot>) {
        let record = slot.record();
        let Some(generation) = record.generation.as_ref().filter(|_| record.keeps_running()) else { return };
        let unit = unit_name(&record.id);
        let spec = match self.record_folder(&record.owner).open(&self.key, &unit, generation) {
            Ok(spec) => spec,
            Err(error) => {
                tracing::error!(unit, %error, "what should run cannot be read");
                let trouble = format!("what should run cannot be read ({error}); `appia up` brings it again");
                slot.state().trouble = Some(trouble);
                return;
            }
        };
        let wanted = Wanted { slot, spec: &spec, generation };
        let (instances, mut trouble) = self.find_or_start(&wanted, &unit).await;
        if record.is_damaged {
            trouble = Some("its record is not as it was written; `appia up` brings it again".to_owned());
        }
        {
            let mut state = slot.state();
            state.serving = instances;
            state.trouble = trouble;
            state.spec = Some(Arc::new(spec));
        }
        self.start_clock(slot);
    }

    async fn find_or_start(&self, wanted: &Wanted<'_>, unit: &str) -> (Vec<Arc<Instance>>, Option<String>) {
        let folders = self.instance_folders(&wanted.slot.record().owner);
        let is_ours = |identity: &Identity| identity.unit == unit && identity.generation == wanted.generation;
        let mut found: Vec<Identity> = folders.identities().into_iter().filter(is_ours).collect();
        found.sort_by_key(|identity| identity.created_micros);
        let mut instances = Vec::new();
        for identity in found {
            instances.push(self.take_over(wanted, identity).await);
        }
        let starts = if wanted.slot.record().is_damaged { 0 } else { starts(wanted.spec) };
        for _ in instances.len()..starts {
            instances.push(self.start_instance(wanted).await);
        }
        let (mut started, mut trouble) = (Vec::new(), None);
        for instance in instances {
            match instance {
                Ok(instance) => started.push(instance),
                Err(failure) => {
                    let failure = DriverError::from(failure);
                    tracing::error!(unit, %failure, "not started");
                    trouble = Some(format!("it could not be started again: {failure}"));
                }
            }
        }
        (started, trouble)
    }

    /// Instances of earlier generations, of steps that did not end, and of objects that are gone.
    fn unwanted(&self, folder: PathBuf, records: &[Record]) -> Vec<Unwanted> {
        let folders = self.instance_folders_in(folder);
        let wanted: BTreeSet<(String, &str)> = records
            .iter()
            .filter(|record| record.keeps_running())
            .filter_map(|record| Some((unit_name(&record.id), record.generation.as_deref()?)))
            .collect();
        let mut kept = folders.identities();
        kept.retain(|identity| wanted.contains(&(identity.unit.clone(), identity.generation.as_str())));
        let mut unwanted = folders.instance_ids();
        unwanted.retain(|id| !kept.iter().any(|identity| identity.id == *id));
        let has_successor =
            |id: &str| kept.iter().any(|identity| Some(identity.unit.as_str()) == unit_of(id));
        let unwanted = unwanted.into_iter();
        unwanted
            .map(|id| Unwanted {
                is_last: !has_successor(&id),
                leftover: Leftover { folders: folders.clone(), id },
            })
            .collect()
    }
}

/// An instance that runs perhaps, and should not.
struct Unwanted {
    leftover: Leftover,
    /// Nothing that should run in its place was started yet.
    is_last: bool,
}

impl Unwanted {
    /// Whether an object has to wait for its end: it may hold the same port or the same data.
    fn holds_up(&self, record: &Record, home: &Home) -> bool {
        self.is_last
            && self.leftover.folders.folder == home.owner_folder(&record.owner)
            && unit_of(&self.leftover.id) == Some(unit_name(&record.id).as_str())
    }
}

/// Those of shims that were killed before they could say where they are. The kernel keeps the ones in use.
fn remove_empty_cgroups(home: &Home) {
    let prefix = format!("appia-{}-", home.id());
    for parent in crate::shim::cgroup_parents() {
        for entry in fs::read_dir(parent).into_iter().flatten().flatten() {
            if entry.file_name().to_str().is_some_and(|name| name.starts_with(&prefix)) {
                let _ = fs::remove_dir(entry.path());
            }
        }
    }
}

/// A cron's instances come with the time, and none is kept when it has ended.
fn starts(spec: &WorkloadSpec) -> usize {
    match spec.kind {
        WorkloadKind::Cron => 0,
        WorkloadKind::Service
        | WorkloadKind::Worker
        | WorkloadKind::Job
        | WorkloadKind::Function
        | WorkloadKind::Site => usize::try_from(spec.replicas.max(1)).unwrap_or(1),
    }
}

/// `envs/ENVIRONMENT/APP`.
fn owner_folders(environments: &std::path::Path) -> Vec<PathBuf> {
    let below = |folder: PathBuf| {
        let entries = fs::read_dir(folder).into_iter().flatten().flatten();
        entries.map(|entry| entry.path()).filter(|path| path.is_dir()).collect::<Vec<_>>()
    };
    below(environments.to_owned()).into_iter().flat_map(below).collect()
}
