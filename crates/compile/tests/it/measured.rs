//! What was measured goes before what is stated, and says where it comes from.

use appia_compile::{Request, compile};
use appia_diag::Diagnostics;
use appia_intent::{Address, EnvironmentName};
use appia_plan::measured::Measured;
use appia_plan::{Inputs, Origin, Plan, explain};
use appia_sources::MemoryFiles;
use serde_json::json;

use super::promises::shop;

fn measured(release: &str) -> Measured {
    let work = |demand: f64, scv: Option<f64>, more: serde_json::Value| {
        let mut work = json!({"demand_ms": demand, "demand_error_ms": 0.1, "idle_cpu_millis": 1.0, "scv": scv, "requests": 100});
        work.as_object_mut().unwrap().extend(more.as_object().cloned().unwrap_or_default());
        work
    };
    let web = work(1.5, Some(2.0), json!({"release": release, "calls": {"api": 4.0}}));
    let value = json!({
        "format": 1, "app": "shop", "environment": "local", "measured_at": "2026-03-01T10:00:00Z",
        "machine": {"cpu": "a processor", "cores": 2}, "load": {"paths": ["web/"], "seed": 1, "steps": []},
        "workloads": {"web": web}, "resources": {"db": work(0.3, None, json!({}))},
    });
    serde_json::from_value(value).unwrap()
}

fn plan(text: &str, measured: Option<Measured>) -> (Plan, Diagnostics) {
    let mut found = Diagnostics::new();
    let files = MemoryFiles::new().with("appia.yaml", text);
    let intent = appia_sources::read(&files, &["appia.yaml".to_owned()], &mut found).unwrap();
    let request = Request {
        intent,
        environment: EnvironmentName::new("local").unwrap(),
        target: appia_targets::find("kubernetes").unwrap(),
        inputs: Inputs { measured, ..Inputs::default() },
        today: None,
    };
    (compile(request, &mut found).unwrap(), found)
}

/// `demand_ms` and where it comes from.
fn demand(plan: &Plan, address: &str) -> (f64, String) {
    let explanation = explain(plan, &Address::parse(&format!("{address}.demand_ms"))).unwrap();
    let origin = match &explanation.because.first().unwrap().inputs.first().unwrap().origin {
        Origin::Measured { file, date } => format!("{file} {date}"),
        Origin::Stated(_) => "stated".to_owned(),
        Origin::Default(_) | Origin::Table { .. } | Origin::Computed(_) => "default".to_owned(),
    };
    (explanation.value.as_f64().unwrap(), origin)
}

const OUTCOMES: &str = "rps: 100, latency: { p95: 200ms }";

#[test]
fn measured_goes_before_stated_before_default() {
    let (before, _) = plan(&shop(OUTCOMES, ""), None);
    assert_eq!(demand(&before, "workloads.web"), (2.0, "stated".to_owned()));
    assert_eq!(demand(&before, "resources.db"), (1.0, "default".to_owned()));
    let (after, _) = plan(&shop(OUTCOMES, ""), Some(measured("unbuilt")));
    let there = "appia.measured.json 2026-03-01".to_owned();
    assert_eq!(demand(&after, "workloads.web"), (1.5, there.clone()));
    assert_eq!(demand(&after, "resources.db"), (0.3, there));
    assert_eq!(demand(&after, "workloads.api"), (8.0, "stated".to_owned()), "nothing was measured of it");
    let stations = &after.model.as_ref().unwrap().stations;
    let scv = |name: &str| stations.iter().find(|one| one.address.last() == name).unwrap().scv;
    assert_eq!((scv("web"), scv("api"), scv("db")), (2.0, 1.0, 1.0));
    let rate =
        |plan: &Plan| plan.node(&Address::parse("workloads.api")).unwrap().values["offered_rps"].as_f64();
    assert_eq!((rate(&before), rate(&after)), (Some(200.0), Some(400.0)), "calls were counted too");
    assert_ne!(before.model, after.model);
}

#[test]
fn another_release_is_said_and_used() {
    let told = |release: &str| {
        let (plan, found) = plan(&shop(OUTCOMES, ""), Some(measured(release)));
        assert_eq!(demand(&plan, "workloads.web").0, 1.5);
        found.iter().any(|finding| finding.code.id == "APP0511" && finding.message.contains("`web`"))
    };
    let image = "example/web@sha256:0";
    assert!(told("another") && !told(image));
}
