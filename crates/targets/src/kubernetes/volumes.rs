//! Volumes: a PersistentVolumeClaim for each resource, and its mounts in pods.

use std::collections::BTreeMap;

use appia_diag::{Diagnostic, Diagnostics, Spanned, codes};
use appia_intent::{ContainerName, ResourceName, VolumeMount as Stated, VolumeSource};
use appia_plan::phase::{SizedResource, SizedWorkload};
use appia_plan::{Object, ObjectId};

use super::manifest::{ClaimResources, ClaimSpec, Source, Spec, Volume, VolumeMount};
use super::names::shorten;
use super::quantity;
use super::reach::mounted;
use super::scope::{Kind, Part, Scope};
use crate::{hosts, params};

/// One pod at a time writes to it.
pub(super) const ONE_NODE: &str = "ReadWriteOnce";

/// Pods on any node write to it.
const MANY_NODES: &str = "ReadWriteMany";

/// What a workload's mounts become.
#[derive(Debug, Default)]
pub(super) struct Mounts {
    pub(super) volumes: Vec<Volume>,
    pub(super) mounts: BTreeMap<ContainerName, Vec<VolumeMount>>,
    /// Claims that have to be there before the pods.
    pub(super) needs: Vec<ObjectId>,
    /// A volume that only one pod may hold is among them.
    pub(super) exclusive: bool,
}

/// Lowers the mounts of all containers.
pub(super) fn mounts(scope: &Scope<'_>, workload: &SizedWorkload, sink: &mut Diagnostics) -> Mounts {
    let mut claims: BTreeMap<String, String> = BTreeMap::new();
    let mut lowered = Mounts::default();
    for (container, stated) in &workload.resolved.stated.containers {
        for (path, mount) in &stated.volumes {
            sink.extend(refused(path, mount).into_iter().collect());
            let Some(claim) = claim_name(scope, mount, sink) else { continue };
            let volume = shorten(&format!("volume-{}", claim.replace('.', "-")), 63);
            claims.insert(claim, volume.clone());
            lowered.mounts.entry(container.clone()).or_default().push(VolumeMount {
                name: volume,
                mount_path: path.clone(),
                sub_path: mount.value.path.as_ref().map(|path| path.trim_start_matches('/').to_owned()),
                read_only: mount.value.read_only.then_some(true),
            });
        }
    }
    lowered.needs = claims.keys().map(|claim| ObjectId::new(Kind::CLAIM.1, claim.as_str())).collect();
    lowered.exclusive = mounted(workload).any(|name| {
        let resource = scope.app.resources.get(name);
        resource.is_some_and(|resource| hosts::is(resource, "volume")) && access(scope, name) == ONE_NODE
    });
    let volume =
        |(claim, name): (String, String)| Volume { name, source: Source::PersistentVolumeClaim { claim } };
    lowered.volumes = claims.into_iter().map(volume).collect();
    lowered
}

/// What the API server takes neither as a path in the container nor as one in the volume.
fn refused(path: &str, mount: &Spanned<Stated>) -> Option<Diagnostic> {
    let inner = mount.value.path.as_deref().unwrap_or_default();
    let (what, help) = if path.contains(':') {
        (path, "mount it at a path without `:`")
    } else if inner.split('/').any(|part| part == "..") {
        (inner, "name a folder inside of the volume, without `..`")
    } else {
        return None;
    };
    let message = format!("a cluster mounts nothing by the path `{what}`");
    Some(Diagnostic::new(codes::TARGET_CANNOT, message).at(&mount.span).help(help))
}

/// The claim that a mount is of: ours for a `volume`, one that you provide for what exists already.
fn claim_name(scope: &Scope<'_>, mount: &Spanned<Stated>, sink: &mut Diagnostics) -> Option<String> {
    match &mount.value.source {
        VolumeSource::Resource(name) => {
            let ours = scope.app.resources.get(name).filter(|resource| hosts::is(resource, "volume"));
            let stated = || scope.app.resources.get(name).map(|resource| scope.external_name(resource));
            ours.map(|_| scope.names.resource(name).to_owned()).or_else(stated)
        }
        VolumeSource::Named(name) if is_object_name(name) => Some(name.clone()),
        VolumeSource::Named(name) => {
            let message = format!("`{name}` cannot be the name of a PersistentVolumeClaim");
            let error = Diagnostic::new(codes::TARGET_NAME, message).at(&mount.span);
            sink.push(
                error.help("use lower-case letters, digits, `-` and `.`, or a resource of type `volume`"),
            );
            None
        }
    }
}

/// An RFC 1123 subdomain.
fn is_object_name(name: &str) -> bool {
    let inner = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
    let label = |label: &str| {
        !label.is_empty() && label.bytes().all(inner) && !label.starts_with('-') && !label.ends_with('-')
    };
    name.len() <= 253 && name.split('.').all(label)
}

/// The claim of a `volume` resource.
pub(super) fn volume(scope: &Scope<'_>, resource: &SizedResource, sink: &mut Diagnostics) -> Object {
    let stated = &resource.resolved.stated;
    let access = access(scope, &stated.name.value);
    if access == MANY_NODES {
        let message = format!(
            "`{}` is mounted by several pods: its storage class has to offer {MANY_NODES}",
            stated.name.value
        );
        let warning = Diagnostic::new(codes::TARGET_IGNORES, message).at(&stated.name.span);
        sink.push(warning.help("few default storage classes do: name one with `params: { class: NAME }`"));
    }
    claim(scope, &scope.resource(resource), resource, ("size", access))
}

/// A claim as large as a parameter says.
pub(super) fn claim(
    scope: &Scope<'_>,
    part: &Part,
    resource: &SizedResource,
    (param, access): (&str, &'static str),
) -> Object {
    let requests =
        params::storage(resource, param).map(|size| ("storage", quantity::bytes(size))).into_iter().collect();
    let spec = ClaimSpec {
        access_modes: vec![access],
        resources: ClaimResources { requests },
        storage_class_name: params::text(resource, "class"),
    };
    scope.object(part, Kind::CLAIM, Spec { spec })
}

/// How many pods may mount it decides how it may be mounted.
fn access(scope: &Scope<'_>, name: &ResourceName) -> &'static str {
    if scope.reach.pods_mounting(name) > 1 { MANY_NODES } else { ONE_NODE }
}
