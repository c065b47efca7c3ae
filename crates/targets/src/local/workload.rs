//! A workload as the supervisor shall run it: what is stated, with this machine's defaults for what is not.

use std::collections::BTreeMap;

use appia_intent::units::Duration;
use appia_intent::{
    Container, ContainerName, FileContent, FileMount, Probe, ProbeCheck, VolumeMount, VolumeSource,
    WorkloadName,
};
use appia_plan::local;
use appia_plan::phase::{SizedApp, SizedContainer, SizedWorkload};

use super::lower::named_volume;
use crate::containers::{image, port_to_probe, serving, target_port};

/// Time to finish after being asked to stop: Docker's default, so programs made for containers know it.
const GRACE: Duration = Duration::from_seconds(10);

/// A check each second: a person is waiting for it.
const INTERVAL: Duration = Duration::from_seconds(1);

/// A local program that takes longer than this to say that it is well is not.
const TIMEOUT: Duration = Duration::from_seconds(2);

/// Slow starters (a JVM, a first migration) are ready within a minute.
const START_WITHIN: Duration = Duration::from_seconds(60);

/// Kubernetes' default for `failureThreshold`.
const FAILURES: u32 = 3;

/// What the supervisor shall run.
pub(super) fn body(app: &SizedApp, workload: &SizedWorkload) -> local::Workload {
    let stated = &workload.resolved.stated;
    let ports = stated.ports.iter().map(|(name, port)| {
        let lowered =
            local::Port { port: port.port.value, target: target_port(port), protocol: port.protocol };
        (name.clone(), lowered)
    });
    let mut containers: BTreeMap<ContainerName, local::Container> = BTreeMap::new();
    for (name, container) in &stated.containers {
        let sized = workload.containers.get(name);
        containers.insert(name.clone(), container_body(app, workload, container, sized));
    }
    add_default_probe(workload, &mut containers);
    local::Workload {
        workload: stated.name.value.clone(),
        kind: stated.kind.value,
        replicas: *workload.replicas.get(),
        containers,
        ports: ports.collect(),
        schedule: stated.schedule.as_ref().map(|schedule| schedule.value.clone()),
        grace: GRACE,
        balance: stated.balance.as_ref().map(|balance| balance.value),
        watch: stated.watch.as_ref().map(|watch| watch.value),
    }
}

fn container_body(
    app: &SizedApp,
    workload: &SizedWorkload,
    container: &Container,
    sized: Option<&SizedContainer>,
) -> local::Container {
    let stated = &workload.resolved.stated;
    let image = image(&app.frame, stated, container).map(str::to_owned);
    let words =
        |words: &Vec<appia_diag::Spanned<String>>| words.iter().map(|word| word.value.clone()).collect();
    let files = container.files.iter().map(|(path, mount)| (path.clone(), file(&mount.value)));
    let volumes = container
        .volumes
        .iter()
        .map(|(path, mount)| (path.clone(), volume(&stated.name.value, &mount.value)));
    local::Container {
        artifact: sized.and_then(|sized| sized.artifact.clone()).filter(|_| image.is_none()),
        image,
        command: container.command.as_ref().map(words),
        args: container.args.as_ref().map(words).unwrap_or_default(),
        env: container.env.iter().map(|(name, value)| (name.clone(), value.value.clone())).collect(),
        files: files.collect(),
        volumes: volumes.collect(),
        readiness: container.probes.readiness.as_ref().map(|stated| probe(&stated.value)),
        liveness: container.probes.liveness.as_ref().map(|stated| probe(&stated.value)),
        cpu_limit: sized.and_then(|sized| sized.cpu_limit.as_ref()).map(|limit| *limit.get()),
        memory_limit: sized.map(|sized| *sized.memory_limit.get()),
        before: container.before.iter().map(|(name, ready)| (name.clone(), ready.value)).collect(),
    }
}

/// Where nothing says how to tell that a listening workload is ready, it is when its port accepts a connection.
fn add_default_probe(workload: &SizedWorkload, containers: &mut BTreeMap<ContainerName, local::Container>) {
    let stated = containers.values().any(|container| container.readiness.is_some());
    let (Some(port), false) = (port_to_probe(workload), stated) else { return };
    let serving = serving(&workload.resolved.stated).and_then(|name| containers.get_mut(name));
    if let Some(container) = serving {
        let check = ProbeCheck::Tcp { port: Some(port) };
        container.readiness =
            Some(probe(&Probe { check, interval: None, timeout: None, start_within: None, failures: None }));
    }
}

fn probe(stated: &Probe) -> local::Probe {
    let time = |stated: &Option<appia_diag::Spanned<Duration>>, default: Duration| {
        stated.as_ref().map_or(default, |stated| stated.value)
    };
    local::Probe {
        check: stated.check.clone(),
        interval: time(&stated.interval, INTERVAL),
        timeout: time(&stated.timeout, TIMEOUT),
        start_within: time(&stated.start_within, START_WITHIN),
        failures: stated.failures.as_ref().map_or(FAILURES, |stated| stated.value),
    }
}

fn file(mount: &FileMount) -> local::File {
    let content = match &mount.content {
        FileContent::Text(template) => local::FileContent::Text(template.clone()),
        FileContent::Binary(bytes) => local::FileContent::Binary(bytes.clone()),
    };
    local::File { mode: mount.mode.unwrap_or(0o644), content }
}

fn volume(workload: &WorkloadName, mount: &VolumeMount) -> local::VolumeMount {
    let resource = match &mount.source {
        VolumeSource::Resource(name) => name.clone(),
        VolumeSource::Named(name) => named_volume(workload, name),
    };
    local::VolumeMount { resource, path: mount.path.clone(), read_only: mount.read_only }
}
