//! Databases: how many connections are kept to them, and what is told when the largest is not enough.

use appia_plan::Plan;

use super::promises::{plan, shop};

fn met(plan: &Plan) -> Vec<(&str, Option<bool>)> {
    plan.outcomes.iter().map(|outcome| (outcome.address.last(), outcome.met)).collect()
}

#[test]
fn pools_have_room_for_the_peak_and_never_more_than_helps() {
    for target in appia_targets::TARGETS {
        let plan = plan(&shop("rps: 900, availability: 99%, latency: { p95: 300ms }", ""), target.name());
        let model = plan.model.as_ref().unwrap();
        let [pool] = model.pools.as_slice() else { panic!("{:?}", model.pools) };
        assert_eq!((pool.from.as_str(), pool.to.as_str()), ("workloads.api", "resources.db"));
        let room = (pool.busy + 2.326 * pool.busy.sqrt()).ceil().max(1.0);
        assert!((pool.wanted as f64 - room).abs() < 0.5, "{pool:?}");
        let useful = pool.useful.unwrap();
        assert!((useful - (0.98_f64 / 0.0005).sqrt().floor()).abs() < 0.5, "N* of the default, rounded down");
        assert!(pool.size == 1 || f64::from(pool.size * pool.replicas) <= useful, "{pool:?}");
        let node = plan.nodes.iter().find(|node| node.address == pool.from).unwrap();
        assert_eq!(node.values.get("pools").unwrap().get("db").unwrap(), pool.size);
        assert!(node.why.contains_key("pools"));
    }
}

#[test]
fn stated_connections_are_shared() {
    let text = shop("rps: 3000, latency: { p95: 300ms }", ", replicas: 20, cpu: 4")
        .replace("type: postgres", "type: postgres, params: { max_connections: 21 }");
    let plan = plan(&text, "kubernetes");
    let pools = &plan.model.as_ref().unwrap().pools;
    assert_eq!(pools.first().map(|pool| (pool.size, pool.max_connections)), Some((1, Some(21.0))));
}

/// The largest there is, and what it cannot answer has to come from elsewhere.
#[test]
fn what_the_largest_cannot_answer_is_told() {
    let over =
        shop("rps: 20000, latency: { p95: 200ms }", "").replace("calls: { api: 2 }", "calls: { api: 3 }");
    for target in ["aws", "azure", "gcp", "kubernetes"] {
        let plan = plan(&over, target);
        let model = plan.model.as_ref().unwrap();
        let database =
            model.stations.iter().find(|station| station.address.as_str() == "resources.db").unwrap();
        assert!(database.cpu_millis >= 16_000, "{target}: {database:?}");
        assert_eq!(met(&plan), [("rps", Some(false)), ("latency_p95", Some(false))]);
        let infeasible = plan.infeasible.as_ref().unwrap();
        let told =
            infeasible.relaxations.iter().find(|one| one.address.as_str() == "resources.db.offered_rps");
        let to = told.unwrap().to.as_str().unwrap();
        assert!(to.contains("a cache or read replicas take"), "{to}");
        let queries: f64 = to.split(',').next().unwrap().parse().unwrap();
        // Asked as little as that, it keeps the promise.
        let eased = over.replace(
            "demand: 8ms",
            &format!("demand: 8ms, uses: {{ db: {{ visits: {} }} }}", queries / 60_000.0),
        );
        assert!(super::promises::plan(&eased, target).infeasible.is_none(), "{target}: {queries}");
    }
}

/// Slower than promised even alone, and too few: both are told, together.
#[test]
fn what_only_helps_together_is_told_together() {
    let plan = plan(
        &shop("rps: 20, latency: { p95: 200ms }", ", replicas: 2, cpu: 1")
            .replace("demand: 8ms", "demand: 900ms"),
        "kubernetes",
    );
    let infeasible = plan.infeasible.as_ref().unwrap();
    let changes = &infeasible.cheapest.as_ref().unwrap().changes;
    let told: Vec<&str> = changes.iter().map(|one| one.address.as_str()).collect();
    assert_eq!(told, ["workloads.api.replicas", "outcomes.latency_p95"]);
}

/// One station that cannot keep up makes nothing else dearer.
#[test]
fn what_keeps_up_is_not_made_larger_for_what_does_not() {
    let usd = |replicas: u32| {
        let outcomes = "rps: 500, latency: { p95: 400ms }";
        let plan = plan(&shop(outcomes, &format!(", replicas: {replicas}, cpu: 1")), "aws");
        (plan.infeasible.is_none(), plan.cost.unwrap().monthly_usd.parse::<f64>().unwrap())
    };
    let (few, enough) = (usd(2), usd(14));
    assert!(!few.0 && enough.0 && few.1 < enough.1, "{few:?} {enough:?}");
}
