//! Service, Ingress and NetworkPolicy.

use serde::Serialize;

use super::{Labels, Selector};

/// core/v1 Service.
#[derive(Debug, Serialize)]
pub(crate) struct ServiceSpec {
    pub(crate) selector: Labels,
    pub(crate) ports: Vec<ServicePort>,
}

/// A port of a Service.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct ServicePort {
    pub(crate) name: String,
    pub(crate) port: u16,
    pub(crate) target_port: u16,
    pub(crate) protocol: &'static str,
}

/// networking.k8s.io/v1 Ingress.
#[derive(Debug, Serialize)]
pub(crate) struct IngressSpec {
    pub(crate) rules: Vec<IngressRule>,
}

/// What a host leads to.
#[derive(Debug, Serialize)]
pub(crate) struct IngressRule {
    pub(crate) host: String,
    pub(crate) http: IngressPaths,
}

/// Its paths.
#[derive(Debug, Serialize)]
pub(crate) struct IngressPaths {
    pub(crate) paths: Vec<IngressPath>,
}

/// One path.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct IngressPath {
    pub(crate) path: String,
    pub(crate) path_type: &'static str,
    pub(crate) backend: IngressBackend,
}

/// What answers.
#[derive(Debug, Serialize)]
pub(crate) struct IngressBackend {
    pub(crate) service: BackendService,
}

/// A Service and its port.
#[derive(Debug, Serialize)]
pub(crate) struct BackendService {
    pub(crate) name: String,
    pub(crate) port: BackendPort,
}

/// A port by its name.
#[derive(Debug, Serialize)]
pub(crate) struct BackendPort {
    pub(crate) name: String,
}

/// networking.k8s.io/v1 NetworkPolicy.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct PolicySpec {
    pub(crate) pod_selector: Selector,
    pub(crate) policy_types: Vec<&'static str>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(crate) ingress: Vec<PolicyRule>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(crate) egress: Vec<PolicyRule>,
}

/// What is let through. No peers: anybody; no ports: every port.
#[derive(Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub(crate) struct PolicyRule {
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(crate) from: Vec<Peer>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(crate) to: Vec<Peer>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(crate) ports: Vec<PolicyPort>,
}

/// Pods of this namespace.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Peer {
    pub(crate) pod_selector: PeerSelector,
}

/// Which pods.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct PeerSelector {
    pub(crate) match_labels: Labels,
}

/// A port of the pod, not of its Service.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub(crate) struct PolicyPort {
    pub(crate) port: u16,
    pub(crate) protocol: &'static str,
}
