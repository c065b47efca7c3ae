//! What every part of the lowering needs: the application, its namespace, its names, and how an object is made.
//!
//! Made once by [`super::lower`]. It decides names and labels and nothing else.

use appia_intent::Address;
use appia_plan::phase::{SizedApp, SizedResource, SizedWorkload};
use appia_plan::{Object, ObjectId, Retention};
use serde::Serialize;

use super::manifest::{Labels, Manifest, Metadata, Selector, body};
use super::names::{Names, shorten};
use super::reach::Reach;
use crate::hosts;

/// A kind with its API version.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Kind(pub(super) &'static str, pub(super) &'static str);

impl Kind {
    pub(super) const NAMESPACE: Kind = Kind("v1", "Namespace");
    pub(super) const SERVICE_ACCOUNT: Kind = Kind("v1", "ServiceAccount");
    pub(super) const CONFIG_MAP: Kind = Kind("v1", "ConfigMap");
    pub(super) const CLAIM: Kind = Kind("v1", "PersistentVolumeClaim");
    pub(super) const SERVICE: Kind = Kind("v1", "Service");
    pub(super) const DEPLOYMENT: Kind = Kind("apps/v1", "Deployment");
    pub(super) const STATEFUL_SET: Kind = Kind("apps/v1", "StatefulSet");
    pub(super) const JOB: Kind = Kind("batch/v1", "Job");
    pub(super) const CRON_JOB: Kind = Kind("batch/v1", "CronJob");
    pub(super) const INGRESS: Kind = Kind("networking.k8s.io/v1", "Ingress");
    pub(super) const NETWORK_POLICY: Kind = Kind("networking.k8s.io/v1", "NetworkPolicy");
    pub(super) const AUTOSCALER: Kind = Kind("autoscaling/v2", "HorizontalPodAutoscaler");
    pub(super) const DISRUPTION_BUDGET: Kind = Kind("policy/v1", "PodDisruptionBudget");
}

/// A workload or resource, as its objects know it.
#[derive(Debug, Clone)]
pub(super) struct Part {
    /// The name of its objects.
    pub(super) name: String,
    /// What it is: `service`, `postgres`.
    pub(super) component: String,
    /// Its node in the plan.
    pub(super) address: Address,
}

/// The application on its way to a cluster.
#[derive(Debug)]
pub(super) struct Scope<'a> {
    pub(super) app: &'a SizedApp,
    pub(super) names: Names,
    pub(super) namespace: String,
    pub(super) reach: Reach<'a>,
}

/// The namespace of an application's environment: the application's own name for the environment `local`.
pub(super) fn namespace(app: &SizedApp) -> String {
    let frame = &app.frame;
    let whole = match frame.environment.as_str() {
        "local" => frame.app.to_string(),
        environment => format!("{}-{environment}", frame.app),
    };
    shorten(&whole, 63)
}

impl<'a> Scope<'a> {
    pub(super) fn new(app: &'a SizedApp) -> Scope<'a> {
        Scope { app, names: Names::of(app), namespace: namespace(app), reach: Reach::of(app) }
    }

    /// A workload's part.
    pub(super) fn workload(&self, workload: &SizedWorkload) -> Part {
        let stated = &workload.resolved.stated;
        Part {
            name: self.names.workload(&stated.name.value).to_owned(),
            component: stated.kind.value.as_str().to_owned(),
            address: Address::workload(&stated.name.value),
        }
    }

    /// A resource's part.
    pub(super) fn resource(&self, resource: &SizedResource) -> Part {
        let stated = &resource.resolved.stated;
        Part {
            name: self.names.resource(&stated.name.value).to_owned(),
            component: shorten(&stated.kind.value.as_str().to_lowercase(), 63),
            address: Address::resource(&stated.name.value),
        }
    }

    /// Labels that find a part's pods; they never change.
    pub(super) fn selector(&self, name: &str) -> Selector {
        Selector { match_labels: pairs(&[(NAME_LABEL, name), (PART_OF_LABEL, self.app.frame.app.as_str())]) }
    }

    /// Labels that find every pod of the application.
    pub(super) fn all_pods(&self) -> Selector {
        Selector { match_labels: pairs(&[(PART_OF_LABEL, self.app.frame.app.as_str())]) }
    }

    /// Labels of a part's objects.
    pub(super) fn labels(&self, part: &Part) -> Labels {
        let mut labels = self.selector(&part.name).match_labels;
        labels
            .extend(pairs(&[(MANAGED_BY_LABEL, "appia"), ("app.kubernetes.io/component", &part.component)]));
        labels
    }

    /// An object of a part, called like the part, after the namespace.
    pub(super) fn object<T: Serialize>(&self, part: &Part, kind: Kind, rest: T) -> Object {
        let metadata = Metadata {
            name: part.name.clone(),
            namespace: Some(self.namespace.clone()),
            labels: self.labels(part),
            annotations: Labels::new(),
        };
        Object {
            id: ObjectId::new(kind.1, part.name.as_str()),
            address: part.address.clone(),
            needs: vec![ObjectId::new(Kind::NAMESPACE.1, self.namespace.as_str())],
            body: body(&Manifest { api_version: kind.0, kind: kind.1, metadata, rest }),
            retention: if kind == Kind::CLAIM { Retention::Data } else { Retention::Nothing },
        }
    }

    /// The workload and port that a `service-port` resource leads to.
    pub(super) fn service_port(&self, resource: &SizedResource) -> Option<(&'a SizedWorkload, u16)> {
        let (workload, port) = hosts::service_port(self.app, resource)?;
        Some((workload, workload.resolved.stated.ports.get(port)?.port.value))
    }
}

const NAME_LABEL: &str = "app.kubernetes.io/name";
const PART_OF_LABEL: &str = "app.kubernetes.io/part-of";
const MANAGED_BY_LABEL: &str = "app.kubernetes.io/managed-by";

/// Labels of what belongs to the whole application.
pub(super) fn app_labels(app: &SizedApp) -> Labels {
    pairs(&[(PART_OF_LABEL, app.frame.app.as_str()), (MANAGED_BY_LABEL, "appia")])
}

fn pairs(pairs: &[(&str, &str)]) -> Labels {
    pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
}
