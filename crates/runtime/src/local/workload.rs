//! From a workload of the plan to what the agent runs: artefacts become commands, placeholders values.

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;

use appia_drivers::build::{Artifact, BuildCache, ContentHash, Start};
use appia_intent::{ContainerName, Reference, Template, WorkloadKind};
use appia_plan::local::{Container, FileContent, Workload};
use appia_plan::{ArtifactId, DriverError, Owner};

use super::expand::Values;
use crate::home::Home;
use crate::program::Program;
use crate::shim::spec::{Limits, RunsAs, StopSignal};
use crate::supervisor::crontab::Crontab;
use crate::supervisor::program_folder;
use crate::supervisor::spec::{ContainerSpec, FileSpec, ProbeSpec, WorkloadSpec, watch_millis};

/// A workload that is about to be made.
pub(super) struct Making<'a> {
    pub(super) home: &'a Home,
    pub(super) program: &'a Program,
    pub(super) owner: &'a Owner,
    pub(super) workload: &'a Workload,
}

impl Making<'_> {
    /// Every text that may hold placeholders.
    pub(super) fn templates(&self) -> impl Iterator<Item = &Template> {
        self.workload.containers.values().flat_map(|container| {
            let files = container.files.values().filter_map(|file| match &file.content {
                FileContent::Text(text) => Some(text),
                FileContent::Binary(_) => None,
            });
            container.env.values().chain(files)
        })
    }

    /// Whether it wants to know its own address.
    pub(super) fn refers_to_itself(&self) -> bool {
        let itself = |reference: &Reference| match reference {
            Reference::Workload { name, .. } => *name == self.workload.workload,
            Reference::Resource { .. } => false,
        };
        self.templates().any(|template| template.references().any(itself))
    }

    /// Complete, or why it cannot run here.
    pub(super) fn spec(&self, values: &Values) -> Result<WorkloadSpec, DriverError> {
        let workload = self.workload;
        self.check()?;
        let mut containers = BTreeMap::new();
        for (name, container) in &workload.containers {
            let spec = self.container(name, container, values)?;
            program_folder::check_paths(&spec).map_err(|error| DriverError::permanent(error.to_string()))?;
            containers.insert(name.clone(), spec);
        }
        Ok(WorkloadSpec {
            kind: workload.kind,
            replicas: workload.replicas,
            release: self.release(),
            containers,
            ports: workload.ports.clone(),
            schedule: workload.schedule.clone(),
            grace_millis: workload.grace.micros() / 1000,
            exclusive: false,
            balance: workload.balance,
            watch_millis: workload.watch.map_or_else(watch_millis, |watch| watch.micros() / 1000),
        })
    }

    fn check(&self) -> Result<(), DriverError> {
        let workload = self.workload;
        if workload.ports.len() > 1 && workload.replicas > 1 {
            return Err(DriverError::Permanent {
                message: format!(
                    "`{}` listens on {} ports, and only one of them can be chosen by `PORT`, so that {} instances would fight over the others",
                    workload.workload,
                    workload.ports.len(),
                    workload.replicas
                ),
                detail: Vec::new(),
                help: vec!["on this machine give it `replicas: 1`".to_owned()],
            });
        }
        match (&workload.kind, &workload.schedule) {
            (WorkloadKind::Cron, Some(schedule)) => {
                Crontab::parse(schedule).map(drop).map_err(|error| DriverError::permanent(error.to_string()))
            }
            (WorkloadKind::Cron, None) => Err(DriverError::permanent(format!(
                "`{}` is a cron and has no `schedule`",
                workload.workload
            ))),
            _ => Ok(()),
        }
    }

    fn container(
        &self,
        name: &ContainerName,
        container: &Container,
        values: &Values,
    ) -> Result<ContainerSpec, DriverError> {
        let artifact = container.artifact.as_ref().map(|id| self.artifact(id)).transpose()?;
        let mut env = artifact.as_ref().map(|artifact| artifact.env.clone()).unwrap_or_default();
        for (name, value) in &container.env {
            env.insert(name.clone(), values.expand(value)?);
        }
        Ok(ContainerSpec {
            command: self.command(name, container, artifact.as_ref())?,
            folder: self.folder(artifact.as_ref())?,
            path: artifact.as_ref().map(|artifact| artifact.path.clone()).unwrap_or_default(),
            env,
            files: files(container, values)?,
            volumes: self.volumes(container)?,
            read_only: read_only(container),
            readiness: container.readiness.as_ref().map(ProbeSpec::from),
            liveness: container.liveness.as_ref().map(ProbeSpec::from),
            limits: Limits {
                cpu_millis: container.cpu_limit.map(|cpu| cpu.millis()),
                memory_bytes: container.memory_limit.map(|memory| memory.get()),
            },
            before: container.before.clone(),
            runs_as: RunsAs::Us,
            stop_signal: StopSignal::Terminate,
            pid_file: None,
        })
    }

    fn artifact(&self, id: &ArtifactId) -> Result<Artifact, DriverError> {
        let gone = || DriverError::Permanent {
            message: format!("the build `{id}` is not in this home any more"),
            detail: Vec::new(),
            help: vec!["build it again: appia up".to_owned()],
        };
        let text = id.0.strip_prefix("sha256:").unwrap_or(&id.0);
        let hash: ContentHash = text.parse().map_err(|_| gone())?;
        BuildCache::new(self.home.artifacts()).find(&hash).ok_or_else(gone)
    }

    fn command(
        &self,
        name: &ContainerName,
        container: &Container,
        artifact: Option<&Artifact>,
    ) -> Result<Vec<String>, DriverError> {
        let started = artifact.and_then(|artifact| artifact.start.as_ref());
        let mut command = match (&container.command, started, &container.image) {
            (Some(command), _, None) | (Some(command), Some(_), Some(_)) => command.clone(),
            (None, Some(Start::Command(command)), _) => command.clone(),
            (None, Some(Start::StaticSite { root }), _) => {
                let mut site = vec![self.program.path().to_string_lossy().into_owned()];
                let arguments = self.program.arguments("site", root);
                site.extend(arguments.into_iter().map(|argument| argument.to_string_lossy().into_owned()));
                site
            }
            (_, None, Some(image)) => return Err(needs_engine(self.workload, image)),
            (None, None, None) => {
                return Err(DriverError::Permanent {
                    message: format!(
                        "nothing says how container `{name}` of `{}` is started",
                        self.workload.workload
                    ),
                    detail: Vec::new(),
                    help: vec!["state its `command`".to_owned()],
                });
            }
        };
        command.extend(container.args.iter().cloned());
        Ok(command)
    }

    fn folder(&self, artifact: Option<&Artifact>) -> Result<PathBuf, DriverError> {
        if let Some(artifact) = artifact {
            return Ok(artifact.work_dir.clone());
        }
        let folder = self.home.owner_folder(self.owner).join("work").join(self.workload.workload.as_str());
        std::fs::create_dir_all(&folder).map_err(|error| DriverError::transient(error.to_string()))?;
        Ok(folder)
    }

    fn volumes(&self, container: &Container) -> Result<BTreeMap<String, PathBuf>, DriverError> {
        let root = self.home.owner_folder(self.owner).join("volumes");
        let source = |mount: &appia_plan::local::VolumeMount| {
            let volume = root.join(mount.resource.as_str());
            match mount.path.as_deref().map(|path| path.trim_start_matches('/')) {
                None | Some("") => Ok(volume),
                Some(path) if path.split('/').all(|part| part != "..") => Ok(volume.join(path)),
                Some(path) => Err(DriverError::permanent(format!("`{path}` leads out of the volume"))),
            }
        };
        let mounts = container.volumes.iter();
        mounts.map(|(path, mount)| Ok((path.clone(), source(mount)?))).collect()
    }

    /// The content of what runs, for people.
    fn release(&self) -> String {
        let artifacts = self.workload.containers.values().filter_map(|container| {
            let text = &container.artifact.as_ref()?.0;
            text.strip_prefix("sha256:").unwrap_or(text).get(..12)
        });
        artifacts.collect::<Vec<_>>().join("+")
    }
}

fn files(container: &Container, values: &Values) -> Result<BTreeMap<String, FileSpec>, DriverError> {
    let mut files = BTreeMap::new();
    for (path, file) in &container.files {
        let (mode, content) = match &file.content {
            FileContent::Text(text) => (values.file_mode(text, file.mode), values.expand(text)?.into_bytes()),
            FileContent::Binary(bytes) => (file.mode, bytes.clone()),
        };
        files.insert(path.clone(), FileSpec { mode, content });
    }
    Ok(files)
}

fn read_only(container: &Container) -> BTreeSet<String> {
    let mounts = container.volumes.iter().filter(|(_, mount)| mount.read_only);
    mounts.map(|(path, _)| path.clone()).collect()
}

fn needs_engine(workload: &Workload, image: &str) -> DriverError {
    DriverError::Permanent {
        message: format!("`{}` runs the image `{image}`, which needs a container engine", workload.workload),
        detail: Vec::new(),
        help: vec!["give it a `build` or a `command`: those run as plain processes".to_owned()],
    }
}
