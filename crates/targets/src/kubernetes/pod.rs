//! Pods of workloads: containers in their start order, locked down, with what they mount.
//!
//! Called by `workload`. Containers that others wait for become init containers: those that have to end first as they
//! are, those that go on beside the others with `restartPolicy: Always` (Kubernetes 1.29 and later).

use std::collections::BTreeMap;

use appia_diag::{Diagnostics, Spanned};
use appia_intent::{Container as Stated, ContainerName, Ready, WorkloadKind};
use appia_plan::phase::{SizedContainer, SizedWorkload};
use appia_plan::{Object, ObjectId};

use super::env::{env, escaped};
use super::files::files;
use super::images::image;
use super::manifest::{
    Container, ContainerPort, ContainerSecurity, EnvVar, Labels, Named, PodMetadata, PodSecurity, PodSpec,
    PodTemplate, Requirements, Seccomp, Source, Spread, Volume, VolumeMount,
};
use super::probes::{self, Lowered, probes};
use super::requirements::requirements;
use super::scope::{Part, Scope};
use super::service::protocol;
use super::volumes::mounts;
use crate::containers::{first_containers, main_port, port_to_probe, serving, target_port};

/// A user that no image has, above 10000 so that it meets no user of the node.
const USER: u32 = 10001;

/// Changes when a mounted file does.
const FILES_ANNOTATION: &str = "appia.dev/files";

/// A workload's pods.
#[derive(Debug)]
pub(super) struct Pod {
    pub(super) template: PodTemplate,
    /// Objects that have to be there before.
    pub(super) needs: Vec<ObjectId>,
    /// The ConfigMap, when there is one.
    pub(super) config: Option<Object>,
    /// A volume that only one pod may hold is mounted.
    pub(super) exclusive: bool,
}

/// Lowers a workload's pods.
pub(super) fn pod(scope: &Scope<'_>, part: &Part, workload: &SizedWorkload, sink: &mut Diagnostics) -> Pod {
    let files = files(scope, part, workload, sink);
    let mounted = mounts(scope, workload, sink);
    let mut needs: Vec<ObjectId> = files.needs().collect();
    needs.extend(mounted.needs);
    let mut volumes = [files.volumes, mounted.volumes].concat();
    let mut mounts = files.mounts;
    for (container, more) in mounted.mounts {
        mounts.entry(container).or_default().extend(more);
    }
    writable_tmp(workload, &mut volumes, &mut mounts);
    let mut lowering = Lowering { scope, workload, mounts, sink };
    let (init, containers) = lowering.containers();
    let ports = workload.resolved.stated.ports.values();
    let privileged = ports.map(target_port).any(|port| port < 1024);
    let spec = PodSpec {
        service_account_name: part.name.clone(),
        automount_service_account_token: false,
        enable_service_links: false,
        restart_policy: runs_to_end(workload).then_some("Never"),
        security_context: security(USER, privileged),
        topology_spread_constraints: spread(scope, part, *workload.replicas.get()),
        init_containers: init,
        containers,
        volumes,
    };
    let annotations = files.digest.map(|digest| (FILES_ANNOTATION.to_owned(), digest)).into_iter().collect();
    Pod {
        template: PodTemplate { metadata: PodMetadata { labels: scope.labels(part), annotations }, spec },
        needs,
        config: files.config,
        exclusive: mounted.exclusive,
    }
}

/// True for what ends by itself.
pub(super) fn runs_to_end(workload: &SizedWorkload) -> bool {
    match workload.resolved.stated.kind.value {
        WorkloadKind::Job | WorkloadKind::Cron => true,
        WorkloadKind::Service | WorkloadKind::Worker | WorkloadKind::Function | WorkloadKind::Site => false,
    }
}

/// No more rights than a user without a password has; ports below 1024 are opened by a setting of the pod instead of
/// by rights (a safe sysctl since Kubernetes 1.22).
pub(super) fn security(user: u32, privileged_ports: bool) -> PodSecurity {
    let open = Named { name: "net.ipv4.ip_unprivileged_port_start".to_owned(), value: "0".to_owned() };
    PodSecurity {
        run_as_non_root: true,
        run_as_user: user,
        run_as_group: user,
        fs_group: user,
        fs_group_change_policy: "OnRootMismatch",
        seccomp_profile: Seccomp { r#type: "RuntimeDefault" },
        sysctls: if privileged_ports { vec![open] } else { Vec::new() },
    }
}

/// Metadata of pods without notes.
pub(super) fn metadata(scope: &Scope<'_>, part: &Part) -> PodMetadata {
    PodMetadata { labels: scope.labels(part), annotations: Labels::new() }
}

/// Several replicas go to different zones and nodes where there are any.
fn spread(scope: &Scope<'_>, part: &Part, replicas: u32) -> Vec<Spread> {
    let over = |topology_key| Spread {
        max_skew: 1,
        topology_key,
        when_unsatisfiable: "ScheduleAnyway",
        label_selector: scope.selector(&part.name),
    };
    let keys = ["topology.kubernetes.io/zone", "kubernetes.io/hostname"];
    if replicas > 1 { keys.map(over).into() } else { Vec::new() }
}

/// The root is read-only, so each container gets a `/tmp` of its own, unless it mounts one.
fn writable_tmp(
    workload: &SizedWorkload,
    volumes: &mut Vec<Volume>,
    mounts: &mut BTreeMap<ContainerName, Vec<VolumeMount>>,
) {
    for (index, container) in workload.resolved.stated.containers.keys().enumerate() {
        let mounted = mounts.entry(container.clone()).or_default();
        if mounted.iter().any(|mount| mount.mount_path.trim_end_matches('/') == "/tmp") {
            continue;
        }
        let name = if index == 0 { "tmp".to_owned() } else { format!("tmp-{index}") };
        let mount_path = "/tmp".to_owned();
        mounted.push(VolumeMount { name: name.clone(), mount_path, sub_path: None, read_only: None });
        volumes.push(Volume { name, source: Source::EmptyDir {} });
    }
}

struct Lowering<'s, 'a> {
    scope: &'s Scope<'a>,
    workload: &'s SizedWorkload,
    mounts: BTreeMap<ContainerName, Vec<VolumeMount>>,
    sink: &'s mut Diagnostics,
}

impl Lowering<'_, '_> {
    /// Init containers in their start order, then the others by name.
    fn containers(&mut self) -> (Vec<Container>, Vec<Container>) {
        let workload = self.workload;
        let stated = &workload.resolved.stated;
        let first = first_containers(stated);
        let init = first.iter().map(|(name, container, ready)| self.first(name, container, *ready)).collect();
        let rest = stated.containers.iter().filter(|(_, container)| container.before.is_empty());
        let rest = rest.map(|(name, container)| {
            let probes = self.probes(name, container);
            self.container(name, container, probes)
        });
        let rest = rest.collect();
        (init, rest)
    }

    fn first(&mut self, name: &ContainerName, container: &Stated, ready: Ready) -> Container {
        if ready == Ready::Complete {
            return self.container(name, container, Lowered::default());
        }
        let mut probes = self.probes(name, container);
        if ready == Ready::Healthy && probes.startup.is_none() {
            probes.startup = probes.readiness.as_ref().map(probes::first);
        }
        Container { restart_policy: Some("Always"), ..self.container(name, container, probes) }
    }

    fn probes(&self, name: &ContainerName, container: &Stated) -> Lowered {
        let stated = &self.workload.resolved.stated;
        let port = port_to_probe(self.workload);
        let mut lowered = probes(&container.probes, port);
        let silent = stated.containers.values().all(|container| container.probes.readiness.is_none());
        if silent && serving(stated) == Some(name) && !runs_to_end(self.workload) {
            lowered.readiness = port.map(probes::accepts);
        }
        lowered
    }

    fn container(&mut self, name: &ContainerName, container: &Stated, probes: Lowered) -> Container {
        let words = |words: &Vec<Spanned<String>>| words.iter().map(|word| escaped(&word.value)).collect();
        let serves = serving(&self.workload.resolved.stated) == Some(name);
        let sized = self.workload.containers.get(name);
        Container {
            name: name.to_string(),
            image: image(self.scope, self.workload, container, self.sink),
            command: container.command.as_ref().map(words),
            args: container.args.as_ref().map(words),
            restart_policy: None,
            env: self.env(container, serves),
            ports: if serves { self.ports() } else { Vec::new() },
            resources: self.requirements(container, sized),
            startup_probe: probes.startup,
            readiness_probe: probes.readiness,
            liveness_probe: probes.liveness,
            security_context: ContainerSecurity::strict(),
            volume_mounts: self.mounts.remove(name).unwrap_or_default(),
        }
    }

    /// As stated, and `PORT` for the container that serves: on any target it says where to listen.
    fn env(&mut self, container: &Stated, serves: bool) -> Vec<EnvVar> {
        let mut variables = env(self.scope, &container.env, self.sink);
        let port = main_port(self.workload).filter(|_| serves && !container.env.contains_key("PORT"));
        variables.extend(port.map(|(_, port)| EnvVar::plain("PORT", target_port(port).to_string())));
        variables
    }

    fn requirements(&mut self, container: &Stated, sized: Option<&SizedContainer>) -> Requirements {
        sized.map(|sized| requirements(container, sized, self.sink)).unwrap_or_default()
    }

    fn ports(&self) -> Vec<ContainerPort> {
        let ports = self.workload.resolved.stated.ports.values();
        let mut lowered: Vec<ContainerPort> = Vec::new();
        for port in ports {
            let port = ContainerPort { container_port: target_port(port), protocol: protocol(port.protocol) };
            if !lowered.contains(&port) {
                lowered.push(port);
            }
        }
        lowered
    }
}
