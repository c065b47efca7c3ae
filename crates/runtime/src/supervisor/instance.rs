//! One running copy of a workload: its containers, its port, its folder.
//!
//! The agent starts instances, finds those that an earlier agent left, waits for their health and stops them.
//! Start reading at [`Instance::start`].

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

use appia_intent::{ContainerName, Ready};
use tokio::sync::{Mutex, watch};
use tokio::task::JoinSet;

use super::container::{Container, ContainerStatus, Phase, Setup};
use super::instance_folders::{IDENTITY_FILE, Identity, InstanceFolders};
use super::process::{Found, Process};
use super::spec::{ContainerSpec, ProbeKind, ProbeSpec, WorkloadSpec};
use crate::{durable, logs};

/// So many restarts before the first health count as "does not start".
const RESTARTS_AT_START: u32 = 4;

/// Why an instance did not become healthy.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct StartFailure {
    pub(crate) message: String,
    /// The last lines that it wrote.
    pub(crate) last_lines: Vec<String>,
}

/// One running copy of a workload.
#[derive(Debug)]
pub(crate) struct Instance {
    pub(crate) identity: Identity,
    folders: InstanceFolders,
    containers: BTreeMap<ContainerName, watch::Receiver<ContainerStatus>>,
    stop: watch::Sender<bool>,
    tasks: Mutex<JoinSet<()>>,
    start_within: Duration,
    target: Option<u16>,
}

impl Instance {
    /// Starts its programs, or takes over those that an earlier agent started.
    pub(crate) async fn start(
        folders: &InstanceFolders,
        spec: &WorkloadSpec,
        identity: Identity,
    ) -> std::io::Result<Instance> {
        let folder = folders.instance_folder(&identity.id);
        fs::create_dir_all(&folder)?;
        fs::create_dir_all(folders.log_folder(&identity.unit))?;
        durable::write_json_for_this_boot(&folder.join(IDENTITY_FILE), &identity)?;
        let (stop, stopping) = watch::channel(false);
        let mut senders = BTreeMap::new();
        let mut containers = BTreeMap::new();
        for name in spec.containers.keys() {
            let (sender, receiver) = watch::channel(ContainerStatus::waiting());
            senders.insert(name.clone(), sender);
            containers.insert(name.clone(), receiver);
        }
        let mut tasks = JoinSet::new();
        for (name, sender) in senders {
            let Some(container) = spec.containers.get(&name) else { continue };
            let setup = setup(folders, spec, &identity, (&name, container));
            let found = Process::find(&setup.dir).await?;
            let after = predecessors(spec, &containers, &name);
            let task = Container { setup, after, stop: stopping.clone(), status: sender, found };
            tasks.spawn(task.run());
        }
        let start_within = spec.containers.values().map(|container| readiness(spec, container).start_within);
        Ok(Instance {
            identity,
            folders: folders.clone(),
            containers,
            stop,
            tasks: Mutex::new(tasks),
            start_within: start_within.max().unwrap_or_default(),
            target: spec.main_port().map(|(_, port)| port.target),
        })
    }

    /// Waits until all its programs are ready, those that run to completion have ended well, or it is clear that they
    /// will not.
    pub(crate) async fn settled(&self, patience: Option<Duration>) -> Result<(), StartFailure> {
        let patience = patience.unwrap_or(self.start_within);
        let all = async {
            for (name, status) in &self.containers {
                self.container_settled(name, status.clone()).await?;
            }
            Ok(())
        };
        match tokio::time::timeout(patience, all).await {
            Ok(settled) => settled,
            Err(_) => Err(self.failure(format!("not ready after {patience:?}: {}", self.trouble()))),
        }
    }

    /// Stops its programs, each in its grace period. Calling it again waits for the same end.
    pub(crate) async fn stop(&self) {
        self.stop.send_replace(true);
        let mut tasks = self.tasks.lock().await;
        while tasks.join_next().await.is_some() {}
    }

    /// Stops it and removes its folder; its logs stay.
    pub(crate) async fn remove(&self) -> std::io::Result<()> {
        self.stop().await;
        durable::remove(&self.folders.instance_folder(&self.identity.id))
    }

    /// Where it listens.
    pub(crate) fn port(&self) -> Option<u16> {
        let elsewhere = self.containers.values().find_map(|status| status.borrow().listens);
        elsewhere.or(self.identity.port)
    }

    /// Whether it listens on the port it was written for, whatever port it is given: then there is room for one.
    pub(crate) fn has_fixed_port(&self) -> bool {
        self.target.is_some() && self.port() == self.target
    }

    /// Where it lives.
    pub(crate) fn folders(&self) -> &InstanceFolders {
        &self.folders
    }

    /// Where its logs are.
    pub(crate) fn log_folder(&self) -> PathBuf {
        self.folders.log_folder(&self.identity.unit)
    }

    /// Waits until nothing of it runs any more, because all is complete or has failed.
    pub(crate) async fn over(&self) {
        for status in self.containers.values() {
            let ended = |status: &ContainerStatus| {
                matches!(status.phase, Phase::Complete | Phase::Failed | Phase::Stopped)
            };
            let _ = status.clone().wait_for(ended).await;
        }
    }

    /// How each of its programs is now.
    pub(crate) fn statuses(&self) -> Vec<ContainerStatus> {
        self.containers.values().map(|status| status.borrow().clone()).collect()
    }

    /// The phase of the program that has come least far.
    pub(crate) fn phase(&self) -> Phase {
        let rank = |phase: &Phase| match phase {
            Phase::Failed => 0,
            Phase::BackingOff => 1,
            Phase::Unhealthy => 2,
            Phase::Waiting => 3,
            Phase::Starting => 4,
            Phase::Stopped => 5,
            Phase::Healthy => 6,
            Phase::Complete => 7,
        };
        self.statuses().iter().map(|status| status.phase).min_by_key(rank).unwrap_or(Phase::Stopped)
    }

    /// What is in the way, for people.
    pub(crate) fn trouble(&self) -> String {
        let mut trouble = self.known_trouble().unwrap_or_else(|| "no reason known".to_owned());
        if let Some(target) = self.listens_on_target() {
            trouble.push_str(&format!(
                "; something else listens on port {target}: when this program wants it too, let it take the port in `PORT`"
            ));
        }
        trouble
    }

    /// Whether one of its programs is given up, or has ended so often that the next try is not waited for: the first
    /// few may come before what it needs, as after a reboot.
    pub(crate) fn is_hopeless(&self) -> bool {
        self.statuses().iter().any(|status| match status.phase {
            Phase::Failed => true,
            Phase::BackingOff => status.restarts >= RESTARTS_AT_START,
            Phase::Waiting
            | Phase::Starting
            | Phase::Healthy
            | Phase::Unhealthy
            | Phase::Complete
            | Phase::Stopped => false,
        })
    }

    /// What its programs say is in the way; nothing while they only start.
    pub(crate) fn known_trouble(&self) -> Option<String> {
        let troubles: Vec<String> = self.statuses().iter().filter_map(ContainerStatus::told).collect();
        (!troubles.is_empty()).then(|| troubles.join("; "))
    }

    fn listens_on_target(&self) -> Option<u16> {
        let target = self.target.filter(|target| Some(*target) != self.port())?;
        (!super::ports::is_free(target)).then_some(target)
    }

    async fn container_settled(
        &self,
        name: &ContainerName,
        mut status: watch::Receiver<ContainerStatus>,
    ) -> Result<(), StartFailure> {
        let hopeless = |status: &ContainerStatus| {
            status.phase == Phase::Stopped
                || status.phase == Phase::Failed
                || status.restarts >= RESTARTS_AT_START
        };
        let good = |status: &ContainerStatus| matches!(status.phase, Phase::Healthy | Phase::Complete);
        let settled =
            status.wait_for(|status| good(status) || hopeless(status)).await.map(|status| status.clone());
        match settled {
            Ok(status) if good(&status) => Ok(()),
            Ok(status) => {
                let reason = status.trouble.unwrap_or_else(|| "it was stopped".to_owned());
                Err(self.failure(format!("`{name}` does not start: {reason}")))
            }
            Err(_) => Err(self.failure(format!("`{name}` was given up"))),
        }
    }

    /// How often its programs were started again.
    pub(crate) fn restarts(&self) -> u32 {
        self.statuses().iter().map(|status| status.restarts).sum()
    }

    /// Waits until its programs were started again so often; for ever when it ends before.
    pub(crate) async fn restarted(&self, times: u32) {
        let changes = self.containers.values().map(|status| {
            let mut status = status.clone();
            Box::pin(async move {
                while status.changed().await.is_ok() {
                    if self.restarts() >= times {
                        return;
                    }
                }
                std::future::pending().await
            })
        });
        if self.containers.is_empty() {
            std::future::pending().await
        }
        futures::future::select_all(changes).await;
    }

    /// That it does not do, with the last lines that it wrote.
    pub(crate) fn failure(&self, message: String) -> StartFailure {
        let folder = self.folders.log_folder(&self.identity.unit);
        StartFailure { message, last_lines: logs::last_lines(&folder, &self.identity.id, 20) }
    }
}

/// Stops whatever runs in the folder of an instance that nobody wants any more, and removes the folder.
pub(crate) async fn discard(folders: &InstanceFolders, id: &str) -> std::io::Result<()> {
    let folder = folders.instance_folder(id);
    let entries = match fs::read_dir(&folder) {
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(()),
        entries => entries?,
    };
    for entry in entries.flatten() {
        if !entry.path().join(crate::shim::spec::LOCK_FILE).exists() {
            continue;
        }
        if let Found::Running(mut process) = Process::find(&entry.path()).await? {
            process.ask_to_stop();
            process.ended().await;
        }
    }
    durable::remove(&folder)
}

/// Keeps the port on which the program of a container's folder really listens: the next agent looks for it there.
pub(super) fn keep_port(container: &Path, port: u16) {
    let Some(folder) = container.parent() else { return };
    let path = folder.join(IDENTITY_FILE);
    if let Some(identity) = durable::read_json_of_this_boot::<Identity>(&path) {
        let identity = Identity { port: Some(port), ..identity };
        if let Err(error) = durable::write_json_for_this_boot(&path, &identity) {
            tracing::warn!(%error, "the port of an instance cannot be kept");
        }
    }
}

fn predecessors(
    spec: &WorkloadSpec,
    statuses: &BTreeMap<ContainerName, watch::Receiver<ContainerStatus>>,
    name: &ContainerName,
) -> Vec<(watch::Receiver<ContainerStatus>, Ready)> {
    let wanted = |(first, container): (&ContainerName, &ContainerSpec)| {
        Some((statuses.get(first)?.clone(), *container.before.get(name)?))
    };
    spec.containers.iter().filter_map(wanted).collect()
}

fn setup(
    folders: &InstanceFolders,
    spec: &WorkloadSpec,
    identity: &Identity,
    (name, container): (&ContainerName, &ContainerSpec),
) -> Setup {
    let folder = folders.instance_folder(&identity.id);
    Setup {
        program: folders.program.clone(),
        dir: folder.join(name.as_str()),
        work: folder.join(format!("{name}.work")),
        log: folders.log_folder(&identity.unit).join(logs::file_name(&identity.id, name)),
        cgroup: format!("{}-{}-{name}", folders.cgroup, identity.id),
        env: environment(container, identity, &folder.join(name.as_str())),
        port: identity.port,
        target: spec.main_port().map(|(_, port)| port.target),
        readiness: readiness(spec, container),
        completes: spec.runs_to_completion() || container.must_complete(),
        grace: Duration::from_millis(spec.grace_millis),
        spec: container.clone(),
    }
}

/// What the program sees: what is declared, `PORT`, and what any program needs to run at all. The folders in it name
/// the run, by which its processes are found when its shim was killed.
fn environment(container: &ContainerSpec, identity: &Identity, folder: &Path) -> BTreeMap<String, String> {
    let ours = std::env::var_os("PATH").unwrap_or_else(|| "/usr/local/bin:/usr/bin:/bin".into());
    let path = std::env::join_paths(container.path.iter().cloned().chain(std::env::split_paths(&ours)));
    let shown = |path: PathBuf| path.to_string_lossy().into_owned();
    let mut env = BTreeMap::from([
        ("PATH".to_owned(), path.unwrap_or(ours).to_string_lossy().into_owned()),
        ("HOME".to_owned(), shown(folder.join("home"))),
        ("TMPDIR".to_owned(), shown(folder.join("tmp"))),
        ("LANG".to_owned(), "C.UTF-8".to_owned()),
    ]);
    if let Some(port) = identity.port {
        env.insert("PORT".to_owned(), port.to_string());
    }
    env.extend(container.env.clone());
    env
}

/// What is stated, else whether it listens where it should, else whether it goes on running.
fn readiness(spec: &WorkloadSpec, container: &ContainerSpec) -> ProbeSpec {
    if let Some(stated) = &container.readiness {
        return stated.clone();
    }
    let listens = spec.containers.len() == 1 && spec.main_port().is_some();
    let check = if listens {
        ProbeKind::Stated(appia_intent::ProbeCheck::Tcp { port: None })
    } else {
        ProbeKind::Alive
    };
    ProbeSpec::with_check(check)
}
