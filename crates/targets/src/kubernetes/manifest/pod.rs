//! Pods: containers, probes, volumes, security.

use std::collections::BTreeMap;

use serde::Serialize;

use super::Selector;

/// core/v1 PodSpec.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct PodSpec {
    pub(crate) service_account_name: String,
    pub(crate) automount_service_account_token: bool,
    /// Off: nothing is in the environment that is not written.
    pub(crate) enable_service_links: bool,
    pub(crate) restart_policy: Option<&'static str>,
    pub(crate) security_context: PodSecurity,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(crate) topology_spread_constraints: Vec<Spread>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(crate) init_containers: Vec<Container>,
    pub(crate) containers: Vec<Container>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(crate) volumes: Vec<Volume>,
}

/// What holds for every container of a pod.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct PodSecurity {
    pub(crate) run_as_non_root: bool,
    pub(crate) run_as_user: u32,
    pub(crate) run_as_group: u32,
    pub(crate) fs_group: u32,
    pub(crate) fs_group_change_policy: &'static str,
    pub(crate) seccomp_profile: Seccomp,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(crate) sysctls: Vec<Named>,
}

/// A profile of system calls.
#[derive(Debug, Serialize)]
pub(crate) struct Seccomp {
    pub(crate) r#type: &'static str,
}

/// A name and a value.
#[derive(Debug, Serialize)]
pub(crate) struct Named {
    pub(crate) name: String,
    pub(crate) value: String,
}

/// Keeps replicas apart.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Spread {
    pub(crate) max_skew: u32,
    pub(crate) topology_key: &'static str,
    pub(crate) when_unsatisfiable: &'static str,
    pub(crate) label_selector: Selector,
}

/// core/v1 Container.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Container {
    pub(crate) name: String,
    pub(crate) image: String,
    pub(crate) command: Option<Vec<String>>,
    pub(crate) args: Option<Vec<String>>,
    /// `Always` makes an init container one that goes on beside the others.
    pub(crate) restart_policy: Option<&'static str>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(crate) env: Vec<EnvVar>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(crate) ports: Vec<ContainerPort>,
    pub(crate) resources: Requirements,
    pub(crate) startup_probe: Option<Probe>,
    pub(crate) readiness_probe: Option<Probe>,
    pub(crate) liveness_probe: Option<Probe>,
    pub(crate) security_context: ContainerSecurity,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(crate) volume_mounts: Vec<VolumeMount>,
}

/// What a container may not do.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct ContainerSecurity {
    pub(crate) allow_privilege_escalation: bool,
    pub(crate) read_only_root_filesystem: bool,
    pub(crate) run_as_non_root: bool,
    pub(crate) capabilities: Capabilities,
}

impl ContainerSecurity {
    /// As little as possible.
    pub(crate) fn strict() -> ContainerSecurity {
        ContainerSecurity {
            allow_privilege_escalation: false,
            read_only_root_filesystem: true,
            run_as_non_root: true,
            capabilities: Capabilities { drop: vec!["ALL"] },
        }
    }
}

/// Rights of the superuser.
#[derive(Debug, Serialize)]
pub(crate) struct Capabilities {
    pub(crate) drop: Vec<&'static str>,
}

/// A variable: a value, or where it comes from.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct EnvVar {
    pub(crate) name: String,
    pub(crate) value: Option<String>,
    pub(crate) value_from: Option<ValueFrom>,
}

impl EnvVar {
    /// A variable with its value.
    pub(crate) fn plain(name: impl Into<String>, value: impl Into<String>) -> EnvVar {
        EnvVar { name: name.into(), value: Some(value.into()), value_from: None }
    }

    /// A variable from a Secret.
    pub(crate) fn secret(name: impl Into<String>, key: SecretKey) -> EnvVar {
        EnvVar { name: name.into(), value: None, value_from: Some(ValueFrom { secret_key_ref: key }) }
    }
}

/// Where a variable comes from.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct ValueFrom {
    pub(crate) secret_key_ref: SecretKey,
}

/// A key of a Secret.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub(crate) struct SecretKey {
    pub(crate) name: String,
    pub(crate) key: String,
}

/// A port that the program listens on.
#[derive(Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct ContainerPort {
    pub(crate) container_port: u16,
    pub(crate) protocol: &'static str,
}

/// What a container is given and may take.
#[derive(Debug, Default, Serialize)]
pub(crate) struct Requirements {
    pub(crate) requests: BTreeMap<&'static str, String>,
    pub(crate) limits: BTreeMap<&'static str, String>,
}

/// A check and its rhythm.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Probe {
    #[serde(flatten)]
    pub(crate) check: Check,
    pub(crate) period_seconds: u64,
    pub(crate) timeout_seconds: u64,
    pub(crate) failure_threshold: u64,
}

/// What a probe does.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) enum Check {
    HttpGet(HttpGet),
    TcpSocket { port: u16 },
    Exec { command: Vec<String> },
}

/// A GET that answers 200 to 399.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct HttpGet {
    pub(crate) path: String,
    pub(crate) port: u16,
    pub(crate) scheme: String,
    pub(crate) host: Option<String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(crate) http_headers: Vec<HttpHeader>,
}

/// A header of a probe.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct HttpHeader {
    pub(crate) name: String,
    pub(crate) value: String,
}

/// Something to mount.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct Volume {
    pub(crate) name: String,
    #[serde(flatten)]
    pub(crate) source: Source,
}

/// Where a volume comes from.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) enum Source {
    EmptyDir {},
    ConfigMap {
        name: String,
        #[serde(skip_serializing_if = "Vec::is_empty")]
        items: Vec<Item>,
    },
    Secret {
        #[serde(rename = "secretName")]
        name: String,
        items: Vec<Item>,
    },
    PersistentVolumeClaim {
        #[serde(rename = "claimName")]
        claim: String,
    },
}

/// A key as a file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(crate) struct Item {
    pub(crate) key: String,
    pub(crate) path: String,
    pub(crate) mode: Option<u32>,
}

/// A volume at a path.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct VolumeMount {
    pub(crate) name: String,
    pub(crate) mount_path: String,
    pub(crate) sub_path: Option<String>,
    pub(crate) read_only: Option<bool>,
}
