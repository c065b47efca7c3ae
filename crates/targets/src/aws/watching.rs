//! What is watched: a log for each workload, alarms that follow from outcomes, one dashboard.
//!
//! Called for each workload and once for the application. Start reading at [`alarms`].

use appia_intent::{Outcomes, WorkloadKind};
use appia_plan::phase::{Frame, SizedWorkload};
use appia_plan::{Object, ObjectId};
use serde::Serialize;
use serde_json::{Value, json};

use super::containers::{cluster_id, names};
use super::entrance::{balancer_id, is_behind_balancer, target_group_id};
use super::lower::{Scope, id};
use crate::cloud::terraform::marks::{Compact, Json};
use crate::cloud::{Block, Part, Reference, Variable, object, refer};

/// Days that logs are kept.
const RETENTION: u32 = 30;

/// Seconds that one figure of an alarm stands for, and how many of them have to be bad.
const PERIOD: u32 = 60;
const PERIODS: u32 = 5;

#[derive(Serialize)]
struct LogGroup {
    name: String,
    retention_in_days: u32,
}

#[derive(Serialize)]
struct Alarm {
    alarm_name: String,
    alarm_description: String,
    comparison_operator: &'static str,
    evaluation_periods: u32,
    threshold: f64,
    treat_missing_data: &'static str,
    alarm_actions: Compact,
    ok_actions: Compact,
    metric_query: Block<Vec<Query>>,
}

#[derive(Serialize)]
struct Query {
    id: &'static str,
    label: Option<&'static str>,
    expression: Option<&'static str>,
    return_data: bool,
    metric: Option<Block<Metric>>,
}

#[derive(Serialize)]
struct Metric {
    namespace: &'static str,
    metric_name: &'static str,
    stat: &'static str,
    period: u32,
    dimensions: Dimensions,
}

#[derive(Serialize, Clone)]
#[serde(rename_all = "PascalCase")]
struct Dimensions {
    load_balancer: Reference,
    target_group: Reference,
}

#[derive(Serialize)]
struct Dashboard {
    dashboard_name: String,
    dashboard_body: Json<Value>,
}

/// The log of a workload.
pub(super) fn log_group(scope: &Scope<'_>, workload: &SizedWorkload, folder: &str) -> Object {
    let (name, address) = names(workload);
    let group = LogGroup { name: format!("{folder}/{}", scope.name(name)), retention_in_days: RETENTION };
    object(&id("aws_cloudwatch_log_group", name), &address, &[], &group)
}

/// Metrics that the alarms of a workload behind the load balancer read: errors and requests, and times.
pub(super) fn alarm_metrics(frame: &Frame) -> u32 {
    2 * u32::from(frame.outcomes.availability.is_some()) + u32::from(slowest(&frame.outcomes).is_some())
}

/// The response time to watch: seconds, the statistic, and how to say it.
fn slowest(outcomes: &Outcomes) -> Option<(f64, &'static str)> {
    let latency = &outcomes.latency;
    let stated = [(&latency.p95, "p95"), (&latency.p99, "p99"), (&latency.p50, "p50")];
    stated
        .into_iter()
        .find_map(|(stated, name)| Some((stated.as_ref()?.value.as_millis_f64() / 1_000.0, name)))
}

/// Who is told: nobody until a topic is named.
fn told(frame: &Frame) -> Compact {
    Compact(vec![Part::Variable(Variable {
        name: "alarm_topic_arn".to_owned(),
        why: format!(
            "The topic of SNS that alarms of `{}` go to; empty: they are shown and nobody is told",
            frame.app
        ),
        form: None,
        default: Some(""),
    })])
}

/// Alarms of a workload that people reach: too many errors for its availability, answers slower than promised.
pub(super) fn alarms(scope: &Scope<'_>, workload: &SizedWorkload) -> Vec<Object> {
    if !is_behind_balancer(workload) {
        return Vec::new();
    }
    let (name, address) = names(workload);
    let (frame, target) = (&scope.place.app.frame, target_group_id(name));
    let dimensions = Dimensions {
        load_balancer: refer(&balancer_id(), "arn_suffix"),
        target_group: refer(&target, "arn_suffix"),
    };
    let mut found = Vec::new();
    if let Some(availability) = &frame.outcomes.availability {
        let share = 100.0 * (1.0 - availability.value.fraction());
        let why = format!(
            "more than {share:.4} % of the answers of `{name}` are errors, which breaks the promised availability"
        );
        found.push(("errors", share, why, errors(&dimensions)));
    }
    if let Some((seconds, statistic)) = slowest(&frame.outcomes) {
        let why = format!("{statistic} of the answers of `{name}` is above the promised {seconds} s");
        found.push(("slow", seconds, why, vec![slow(statistic, &dimensions)]));
    }
    let alarm = |(what, threshold, why, queries): (&str, f64, String, Vec<Query>)| {
        let alarm = Alarm {
            alarm_name: scope.name(&format!("{name}-{what}")),
            alarm_description: why,
            comparison_operator: "GreaterThanThreshold",
            evaluation_periods: PERIODS,
            threshold: (threshold * 1e6).round() / 1e6,
            treat_missing_data: "notBreaching",
            alarm_actions: told(frame),
            ok_actions: told(frame),
            metric_query: Block(queries),
        };
        let id = id("aws_cloudwatch_metric_alarm", &format!("{name}_{what}"));
        object(&id, &address, &[&target, &balancer_id()], &alarm)
    };
    found.into_iter().map(alarm).collect()
}

fn metric(name: &'static str, stat: &'static str, dimensions: &Dimensions) -> Option<Block<Metric>> {
    let dimensions = dimensions.clone();
    Some(Block(Metric {
        namespace: "AWS/ApplicationELB",
        metric_name: name,
        stat,
        period: PERIOD,
        dimensions,
    }))
}

fn errors(dimensions: &Dimensions) -> Vec<Query> {
    let plain = |id, metric| Query { id, label: None, expression: None, return_data: false, metric };
    vec![
        Query {
            id: "share",
            label: Some("errors in 100 answers"),
            expression: Some("100 * FILL(errors, 0) / requests"),
            return_data: true,
            metric: None,
        },
        plain("errors", metric("HTTPCode_Target_5XX_Count", "Sum", dimensions)),
        plain("requests", metric("RequestCount", "Sum", dimensions)),
    ]
}

fn slow(statistic: &'static str, dimensions: &Dimensions) -> Query {
    let metric = metric("TargetResponseTime", statistic, dimensions);
    Query { id: "slowest", label: None, expression: None, return_data: true, metric }
}

/// True where an outcome asks to be watched.
pub(super) fn is_watched(frame: &Frame) -> bool {
    alarm_metrics(frame) > 0
}

/// One dashboard where an outcome asks for it: what each service uses, and what people see of it.
pub(super) fn dashboard(scope: &Scope<'_>) -> Option<Object> {
    let app = scope.place.app;
    if !is_watched(&app.frame) {
        return None;
    }
    let runs = |kind| matches!(kind, WorkloadKind::Service | WorkloadKind::Worker);
    let services = app.workloads.values().filter(|found| runs(found.resolved.stated.kind.value));
    let mut needs: Vec<ObjectId> = Vec::new();
    let mut widgets = Vec::new();
    for (row, workload) in services.enumerate() {
        let (name, service) = (names(workload).0, id("aws_ecs_service", names(workload).0));
        let used = |metric: &str| {
            json!([
                "AWS/ECS",
                metric,
                "ClusterName",
                refer(&cluster_id(), "name"),
                "ServiceName",
                refer(&service, "name")
            ])
        };
        let used = json!([used("CPUUtilization"), used("MemoryUtilization")]);
        widgets.push(widget(scope, (0, row), (&format!("{name}: used, %"), used)));
        if is_behind_balancer(workload) {
            let target = target_group_id(name);
            let of = |metric: &str, statistic: &str| {
                json!(["AWS/ApplicationELB", metric, "LoadBalancer", refer(&balancer_id(), "arn_suffix"),
                    "TargetGroup", refer(&target, "arn_suffix"), { "stat": statistic }])
            };
            let seen = json!([
                of("RequestCount", "Sum"),
                of("HTTPCode_Target_5XX_Count", "Sum"),
                of("TargetResponseTime", "p95")
            ]);
            widgets.push(widget(scope, (12, row), (&format!("{name}: requests, errors, p95"), seen)));
            needs.extend([target, balancer_id()]);
        }
        needs.extend([service, cluster_id()]);
    }
    let dashboard =
        Dashboard { dashboard_name: scope.name("main"), dashboard_body: Json(json!({ "widgets": widgets })) };
    let needs: Vec<&ObjectId> = needs.iter().collect();
    Some(object(&id("aws_cloudwatch_dashboard", "main"), &scope.place.shared, &needs, &dashboard))
}

fn widget(scope: &Scope<'_>, (left, row): (u32, usize), (title, metrics): (&str, Value)) -> Value {
    json!({
        "type": "metric", "x": left, "y": row * 6, "width": 12, "height": 6,
        "properties": { "title": title, "metrics": metrics, "region": scope.place.region, "period": PERIOD },
    })
}
