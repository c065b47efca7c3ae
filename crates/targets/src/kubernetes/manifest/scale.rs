//! autoscaling/v2: how many pods there are by how busy they are.

use serde::Serialize;

/// autoscaling/v2 HorizontalPodAutoscaler.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct AutoscalerSpec {
    pub(crate) scale_target_ref: ScaleTarget,
    pub(crate) min_replicas: u32,
    pub(crate) max_replicas: u32,
    pub(crate) metrics: Vec<Metric>,
}

/// What is scaled.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct ScaleTarget {
    pub(crate) api_version: &'static str,
    pub(crate) kind: &'static str,
    pub(crate) name: String,
}

/// By what.
#[derive(Debug, Serialize)]
pub(crate) struct Metric {
    pub(crate) r#type: &'static str,
    pub(crate) resource: ResourceMetric,
}

/// A part of what pods ask for.
#[derive(Debug, Serialize)]
pub(crate) struct ResourceMetric {
    pub(crate) name: &'static str,
    pub(crate) target: MetricTarget,
}

/// The part, in hundredths.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct MetricTarget {
    pub(crate) r#type: &'static str,
    pub(crate) average_utilization: u32,
}
