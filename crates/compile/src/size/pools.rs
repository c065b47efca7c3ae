//! How many connections each replica keeps to each database: enough that a request hardly ever waits for one, and
//! never so many that all together do less.
//!
//! Called by `promise` once a decision stands. Where requests wait, in a pool or in the database, changes no time, so this
//! chooses nothing else. Start reading at [`pools`].

use appia_intent::Address;
use appia_plan::model::Pool;
use appia_plan::{Derived, Input, Origin, Reason, Reasons};
use serde_json::{Value, json};

use super::decide::{Case, Decision};
use super::load::{Edge, Known, Thing};
use super::shown;

/// Standard deviations above the mean that a pool has room for: of a normal variable 1 % is beyond.
const ROOM: f64 = 2.326;

/// Of every workload that uses a database whose connections are kept.
pub(super) fn pools(decision: &Decision, case: Case<'_>) -> Vec<Pool> {
    let pairs = decision.graph.things.iter().enumerate();
    let all = pairs.flat_map(|(place, thing)| {
        thing.edges.iter().filter_map(move |edge| pool((decision, case), (place, thing), edge))
    });
    all.collect()
}

fn pool(
    (decision, case): (&Decision, Case<'_>),
    (place, user): (usize, &Thing),
    edge: &Edge,
) -> Option<Pool> {
    let (database, chosen) = (decision.graph.things.get(edge.to)?, decision.chosen.get(edge.to)?);
    let name = database.address.as_str().strip_prefix("resources.")?;
    let kind = case.app.resources.get(name)?.stated.kind.value.as_str();
    if !super::defaults::POOLED.contains(&kind) {
        return None;
    }
    let replicas = decision.chosen.get(place).map_or(1, |chosen| chosen.left.max(1));
    let response = chosen.queue(chosen.left).response().mean;
    // Little's law: queries a second of one replica, a zone lost, times how long each has its connection.
    let busy = user.rate * edge.visits.value / f64::from(replicas) * response;
    if !busy.is_finite() {
        return None;
    }
    let wanted = libm::ceil(busy + ROOM * libm::sqrt(busy)).max(1.0);
    let peak = libm::floor(database.work.scalability.peak());
    let most = connections(database, chosen.fit.connections);
    // All users of a database share what it bears, by how much they ask of it.
    let share = user.rate * edge.visits.value / database.rate.max(1e-9);
    let bears = libm::floor(peak.min(most.unwrap_or(f64::INFINITY)) * share / f64::from(replicas));
    let size = wanted.min(bears.max(1.0)).min(1e6) as u32;
    Some(Pool {
        from: user.address.clone(),
        to: database.address.clone(),
        replicas,
        busy: shown::quantised(busy),
        wanted: wanted.min(1e9) as u64,
        useful: shown::finite(peak),
        max_connections: most,
        size,
    })
}

/// The most connections: as stated, else as many as the class takes.
fn connections(database: &Thing, of_class: Option<u32>) -> Option<f64> {
    let stated = database.work.threads.as_ref().map(|threads: &Known| threads.value);
    [stated, of_class.map(f64::from)].into_iter().flatten().reduce(f64::min)
}

/// The sizes of a workload's pools, by database, with their reason.
pub(super) fn values(pools: &[Pool], reasons: &mut Reasons) -> Vec<(Address, Derived<Value>)> {
    let mut by_user: std::collections::BTreeMap<&Address, Vec<&Pool>> = std::collections::BTreeMap::new();
    for pool in pools {
        by_user.entry(&pool.from).or_default().push(pool);
    }
    let told = by_user.into_iter().map(|(user, pools)| {
        let sizes: serde_json::Map<String, Value> =
            pools.iter().map(|pool| (pool.to.last().to_owned(), json!(pool.size))).collect();
        (user.clone(), reasons.derive(Value::Object(sizes), reason(&pools)))
    });
    told.collect()
}

fn reason(pools: &[&Pool]) -> Reason {
    let one = |pool: &&Pool| {
        let useful = pool.useful.map_or_else(String::new, |useful| {
            format!(
                "; all together more than {} connections would do less (Universal Scalability Law)",
                shown::number(useful)
            )
        });
        let most = pool
            .max_connections
            .map_or_else(String::new, |most| format!(", and there are {} at most", shown::number(most)));
        format!(
            "`{}`: each of {} replicas, those that a lost zone leaves, keeps {} connections busy on average at peak, and {} but for one moment in a hundred{useful}{most}",
            pool.to.last(),
            pool.replicas,
            shown::number(pool.busy),
            pool.wanted,
        )
    };
    let mut reason = Reason::new("size/pool", pools.iter().map(one).collect::<Vec<_>>().join("; "));
    reason.inputs = pools
        .iter()
        .map(|pool| Input {
            name: pool.to.field("scalability"),
            value: json!(pool.useful),
            origin: Origin::Default(super::defaults::DATABASE_SCALABILITY.1.into()),
        })
        .collect();
    reason
}
