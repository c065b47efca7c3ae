//! The objects of a workload: its controller with its pods, and what finds, guards and feeds them.
//!
//! Called by `lower` for each workload. Start reading at [`objects`].

use std::collections::BTreeMap;

use appia_diag::{Diagnostic, Diagnostics, codes};
use appia_intent::{Address, WorkloadKind};
use appia_plan::phase::SizedWorkload;
use appia_plan::{Object, ObjectId};

use super::manifest::{
    AutoscalerSpec, CronJobSpec, DeploymentSpec, DisruptionSpec, JobSpec, JobTemplate, Metric, MetricTarget,
    PodTemplate, ResourceMetric, RollingUpdate, ScaleTarget, ServiceAccount, Spec, StatefulSetSpec, Strategy,
};
use super::names::shorten;
use super::pod::{Pod, pod};
use super::scope::{Kind, Part, Scope};
use super::{network, service};

/// Score's way to ask for another controller.
const KIND_ANNOTATION: &str = "k8s.score.dev/kind";

/// Kubernetes' own default is 6, which takes ten minutes to say that a program does not run.
const BACKOFF_LIMIT: u32 = 3;

/// Everything of a workload; `ids` are the objects that its neighbours' users wait for.
pub(super) fn objects(
    scope: &Scope<'_>,
    workload: &SizedWorkload,
    ids: &BTreeMap<Address, ObjectId>,
    sink: &mut Diagnostics,
) -> Vec<Object> {
    let part = scope.workload(workload);
    let mut pod = pod(scope, &part, workload, sink);
    let account = account(scope, &part);
    let policy = network::of_workload(scope, &part, workload);
    let config = pod.config.take();
    pod.needs.extend([account.id.clone(), network::id(&part)]);
    pod.needs.extend(workload.resolved.needs.iter().filter_map(|need| ids.get(need).cloned()));
    let mut objects = vec![account, policy];
    objects.extend(config);
    objects.extend(service::service(scope, &part, workload));
    let shared = !pod.exclusive;
    objects.extend(controller(scope, &part, workload, (pod, sink)));
    objects.extend(autoscaler(scope, &part, workload).filter(|_| shared));
    objects.extend(budget(scope, &part, workload));
    objects.extend(service::public(scope, &part, workload, sink));
    objects
}

/// The controller of a workload's pods.
pub(super) fn kind(workload: &SizedWorkload) -> Kind {
    let stated = &workload.resolved.stated;
    let annotated = stated.annotations.get(KIND_ANNOTATION).is_some_and(|kind| kind == "StatefulSet");
    match stated.kind.value {
        WorkloadKind::Job => Kind::JOB,
        WorkloadKind::Cron => Kind::CRON_JOB,
        WorkloadKind::Service | WorkloadKind::Worker | WorkloadKind::Function | WorkloadKind::Site => {
            if annotated {
                Kind::STATEFUL_SET
            } else {
                Kind::DEPLOYMENT
            }
        }
    }
}

/// An account of its own, without a token: what needs the API server says so to its platform team.
pub(super) fn account(scope: &Scope<'_>, part: &Part) -> Object {
    scope.object(part, Kind::SERVICE_ACCOUNT, ServiceAccount { automount_service_account_token: false })
}

fn controller(
    scope: &Scope<'_>,
    part: &Part,
    workload: &SizedWorkload,
    (pod, sink): (Pod, &mut Diagnostics),
) -> Option<Object> {
    let replicas = *workload.replicas.get();
    let Pod { template, needs, exclusive, .. } = pod;
    let mut object = match kind(workload) {
        Kind::JOB => job(scope, part, job_spec(template, replicas)),
        Kind::CRON_JOB => cron(scope, part, workload, (template, sink))?,
        Kind::STATEFUL_SET => {
            let selector = scope.selector(&part.name);
            let spec = StatefulSetSpec { replicas, selector, service_name: part.name.clone(), template };
            scope.object(part, Kind::STATEFUL_SET, Spec { spec })
        }
        kind => {
            let (selector, strategy) = (scope.selector(&part.name), strategy(exclusive));
            let watch = workload.resolved.stated.watch.as_ref();
            let min_ready_seconds = watch.map(|watch| watch.value.micros().div_ceil(1_000_000));
            let spec = DeploymentSpec { replicas, min_ready_seconds, selector, strategy, template };
            scope.object(part, kind, Spec { spec })
        }
    };
    object.needs.extend(needs);
    Some(object)
}

/// The new version starts before the old one stops, except where both would want the same volume.
fn strategy(exclusive: bool) -> Strategy {
    if exclusive {
        return Strategy { r#type: "Recreate", rolling_update: None };
    }
    Strategy {
        r#type: "RollingUpdate",
        rolling_update: Some(RollingUpdate { max_surge: 1, max_unavailable: 0 }),
    }
}

fn job_spec(template: PodTemplate, replicas: u32) -> JobSpec {
    let several = (replicas > 1).then_some(replicas);
    JobSpec { backoff_limit: BACKOFF_LIMIT, completions: several, parallelism: several, template }
}

/// A Job never changes, so its name carries a digest of what it runs: what is new runs, what is not does not.
fn job(scope: &Scope<'_>, part: &Part, spec: JobSpec) -> Object {
    let mut object = scope.object(part, Kind::JOB, Spec { spec });
    let digest: String = object.body.digest().short().chars().take(8).collect();
    let mut body = object.body.to_value();
    if let Some(name) = body.pointer_mut("/metadata/name") {
        *name = shorten(&format!("{}-{digest}", part.name), 63).into();
    }
    object.body = body.into();
    object
}

fn cron(
    scope: &Scope<'_>,
    part: &Part,
    workload: &SizedWorkload,
    (template, sink): (PodTemplate, &mut Diagnostics),
) -> Option<Object> {
    let stated = &workload.resolved.stated;
    let Some(schedule) = &stated.schedule else {
        let message = format!("`{}` runs on a schedule, and none is stated", stated.name.value);
        let error = Diagnostic::new(codes::TARGET_CANNOT, message).at(&stated.name.span);
        sink.push(error.help("write it in crontab form: `schedule: \"0 3 * * *\"`"));
        return None;
    };
    let spec = CronJobSpec {
        schedule: schedule.value.clone(),
        time_zone: "Etc/UTC",
        concurrency_policy: "Forbid",
        job_template: JobTemplate { spec: job_spec(template, *workload.replicas.get()) },
    };
    Some(scope.object(part, Kind::CRON_JOB, Spec { spec }))
}

/// Between floor and ceiling by how busy the processors are that pods ask for. The controller itself asks for the ceiling:
/// without figures of what pods take, and while a new version starts, there are as many as the peak needs.
fn autoscaler(scope: &Scope<'_>, part: &Part, workload: &SizedWorkload) -> Option<Object> {
    let scale = workload.scale.as_ref()?;
    let Kind(api_version, kind) = kind(workload);
    let target = MetricTarget { r#type: "Utilization", average_utilization: scale.busy_percent };
    let spec = AutoscalerSpec {
        scale_target_ref: ScaleTarget { api_version, kind, name: part.name.clone() },
        min_replicas: *scale.floor.get(),
        max_replicas: *workload.replicas.get(),
        metrics: vec![Metric { r#type: "Resource", resource: ResourceMetric { name: "cpu", target } }],
    };
    let mut object = scope.object(part, Kind::AUTOSCALER, Spec { spec });
    object.needs.push(ObjectId::new(kind, part.name.as_str()));
    Some(object)
}

/// With several replicas one may be taken away at a time; with one, a budget would either stop every drain or say
/// nothing.
fn budget(scope: &Scope<'_>, part: &Part, workload: &SizedWorkload) -> Option<Object> {
    let several = *workload.replicas.get() > 1 && !super::pod::runs_to_end(workload);
    let spec = DisruptionSpec {
        max_unavailable: 1,
        selector: scope.selector(&part.name),
        unhealthy_pod_eviction_policy: "AlwaysAllow",
    };
    several.then(|| scope.object(part, Kind::DISRUPTION_BUDGET, Spec { spec }))
}
