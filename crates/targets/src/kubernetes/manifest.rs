//! The manifests that Appia writes, as types: the fields it uses of each Kubernetes kind, and no others.
//!
//! Field names and meanings are those of the Kubernetes API reference (apps/v1, autoscaling/v2,
//! batch/v1, core/v1, networking.k8s.io/v1, policy/v1). A type becomes JSON in [`body`]; nothing here decides a value.

mod network;
mod pod;
mod scale;

use std::collections::BTreeMap;

use appia_plan::BodyText;
use serde::Serialize;

pub(crate) use network::*;
pub(crate) use pod::*;
pub(crate) use scale::*;

/// Labels and annotations.
pub(crate) type Labels = BTreeMap<String, String>;

/// The part that every kind has.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Manifest<T> {
    pub(crate) api_version: &'static str,
    pub(crate) kind: &'static str,
    pub(crate) metadata: Metadata,
    #[serde(flatten)]
    pub(crate) rest: T,
}

/// Name, place and labels.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct Metadata {
    pub(crate) name: String,
    pub(crate) namespace: Option<String>,
    pub(crate) labels: Labels,
    #[serde(skip_serializing_if = "Labels::is_empty")]
    pub(crate) annotations: Labels,
}

/// Kinds whose wishes stand under `spec`.
#[derive(Debug, Serialize)]
pub(crate) struct Spec<T> {
    pub(crate) spec: T,
}

/// A kind without wishes.
#[derive(Debug, Serialize)]
pub(crate) struct Nothing {}

/// core/v1 ServiceAccount.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct ServiceAccount {
    pub(crate) automount_service_account_token: bool,
}

/// core/v1 ConfigMap.
#[derive(Debug, Default, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct ConfigMap {
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub(crate) data: BTreeMap<String, String>,
    /// Base64.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub(crate) binary_data: BTreeMap<String, String>,
}

/// core/v1 PersistentVolumeClaim.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct ClaimSpec {
    pub(crate) access_modes: Vec<&'static str>,
    pub(crate) resources: ClaimResources,
    pub(crate) storage_class_name: Option<String>,
}

/// How much a claim asks for.
#[derive(Debug, Serialize)]
pub(crate) struct ClaimResources {
    pub(crate) requests: BTreeMap<&'static str, String>,
}

/// Which pods.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Selector {
    pub(crate) match_labels: Labels,
}

/// A pod as a controller makes it.
#[derive(Debug, Serialize)]
pub(crate) struct PodTemplate {
    pub(crate) metadata: PodMetadata,
    pub(crate) spec: PodSpec,
}

/// Labels of pods; their names are the controller's matter.
#[derive(Debug, Serialize)]
pub(crate) struct PodMetadata {
    pub(crate) labels: Labels,
    #[serde(skip_serializing_if = "Labels::is_empty")]
    pub(crate) annotations: Labels,
}

/// apps/v1 Deployment.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct DeploymentSpec {
    pub(crate) replicas: u32,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) min_ready_seconds: Option<u64>,
    pub(crate) selector: Selector,
    pub(crate) strategy: Strategy,
    pub(crate) template: PodTemplate,
}

/// How a Deployment goes from one version to the next.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Strategy {
    pub(crate) r#type: &'static str,
    pub(crate) rolling_update: Option<RollingUpdate>,
}

/// How many pods more or fewer there may be meanwhile.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct RollingUpdate {
    pub(crate) max_surge: u32,
    pub(crate) max_unavailable: u32,
}

/// apps/v1 StatefulSet.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct StatefulSetSpec {
    pub(crate) replicas: u32,
    pub(crate) selector: Selector,
    pub(crate) service_name: String,
    pub(crate) template: PodTemplate,
}

/// batch/v1 Job.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct JobSpec {
    pub(crate) backoff_limit: u32,
    pub(crate) completions: Option<u32>,
    pub(crate) parallelism: Option<u32>,
    pub(crate) template: PodTemplate,
}

/// batch/v1 CronJob.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct CronJobSpec {
    pub(crate) schedule: String,
    pub(crate) time_zone: &'static str,
    pub(crate) concurrency_policy: &'static str,
    pub(crate) job_template: JobTemplate,
}

/// The Job that a CronJob makes.
#[derive(Debug, Serialize)]
pub(crate) struct JobTemplate {
    pub(crate) spec: JobSpec,
}

/// policy/v1 PodDisruptionBudget.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct DisruptionSpec {
    pub(crate) max_unavailable: u32,
    pub(crate) selector: Selector,
    pub(crate) unhealthy_pod_eviction_policy: &'static str,
}

/// The manifest as an object's body: fields that are not set are not there.
pub(crate) fn body<T: Serialize>(manifest: &Manifest<T>) -> BodyText {
    BodyText::of_set(manifest)
}
