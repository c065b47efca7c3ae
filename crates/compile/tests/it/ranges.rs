//! How far replicas come and go with the load: what is between floor and ceiling keeps what the ceiling keeps.

use appia_plan::Plan;
use appia_plan::model::ScaleRange;

use super::promises::{plan, shop};

fn range<'a>(plan: &'a Plan, address: &str) -> Option<&'a ScaleRange> {
    plan.model.as_ref().unwrap().ranges.iter().find(|range| range.address.as_str() == address)
}

/// The floor alone, at the load between peaks, is a plan that keeps every promise.
#[test]
fn the_floor_carries_the_base_with_a_zone_lost() {
    for (availability, zones) in [("availability: 99%, ", true), ("", false)] {
        let outcomes = |rate: u32, peak: u32| {
            format!("rps: {rate}, peak_to_mean: {peak}, {availability}latency: {{ p95: 150ms }}")
        };
        let whole = plan(&shop(&outcomes(2_000, 4), ""), "kubernetes");
        assert!(whole.infeasible.is_none());
        let told = range(&whole, "workloads.api").unwrap_or_else(|| panic!("{:?}", whole.model));
        assert!(told.floor * 2 < told.ceiling && told.floor * 5 > told.ceiling, "{told:?}");
        assert_eq!(told.counted, told.ceiling, "the price says which end it counts");
        // Three quarters of the peak come within ten minutes at most, a tenth of them while a replica starts.
        assert!((told.headroom - 1.3).abs() < 1e-9 && (told.base_rps * 4.0).floor() > 1_000.0, "{told:?}");
        let stated = format!(", replicas: {}, cpu: {}m", told.floor, cpu(&whole));
        let resting = plan(&shop(&outcomes(500, 1), &stated), "kubernetes");
        assert!(resting.infeasible.is_none(), "zones {zones}: {:?}", resting.infeasible);
    }
}

fn cpu(plan: &Plan) -> u64 {
    let stations = &plan.model.as_ref().unwrap().stations;
    stations.iter().find(|station| station.address.as_str() == "workloads.api").unwrap().cpu_millis
}

#[test]
fn what_is_stated_or_never_differs_has_no_range() {
    let stated = plan(&shop("rps: 2000, latency: { p95: 150ms }", ", replicas: 60"), "kubernetes");
    assert!(range(&stated, "workloads.api").is_none());
    let flat = plan(&shop("rps: 2000, peak_to_mean: 1, latency: { p95: 150ms }", ""), "kubernetes");
    assert!(flat.model.unwrap().ranges.is_empty());
    let here = plan(&shop("rps: 2000, latency: { p95: 150ms }", ""), "local");
    assert!(here.model.unwrap().ranges.is_empty(), "nothing here starts replicas by itself");
}

#[test]
fn a_cluster_is_told_to_keep_to_it() {
    let plan = plan(&shop("rps: 2000, latency: { p95: 150ms }", ""), "kubernetes");
    let told = range(&plan, "workloads.api").unwrap();
    let scaler =
        plan.objects().find(|object| object.id.to_string().contains("HorizontalPodAutoscaler")).unwrap();
    let body = scaler.body.to_value();
    let at = |pointer: &str| body.pointer(pointer).cloned().unwrap_or_default();
    assert_eq!((at("/spec/minReplicas"), at("/spec/maxReplicas")), (told.floor.into(), told.ceiling.into()));
    assert_eq!(at("/spec/metrics/0/resource/target/averageUtilization"), told.busy_percent);
    assert_eq!(at("/spec/scaleTargetRef/kind"), "Deployment");
    let station =
        plan.model.as_ref().unwrap().stations.iter().find(|one| one.address == told.address).unwrap();
    let busy = station.rate_rps * station.demand_ms
        / 10.0
        / f64::from(station.replicas)
        / (station.cpu_millis as f64 / 1e3);
    assert!(f64::from(told.busy_percent) <= busy, "more are there before the ceiling is as busy as at peak");
}
