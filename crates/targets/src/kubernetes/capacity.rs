//! What a cluster can give: replicas of any share of a node, spread over three zones.
//!
//! Nobody knows what a node of yours costs, so its price is a stand-in until the platform file states one.

use appia_intent::units::{Cpu, Duration};
use appia_plan::{Capacity, Discipline, Fact, Failures, Price, ReplicaPrice, Server};

use super::servers::SERVERS;

/// Shares of a common node of 8 processors; the smaller ones are what requests are usually written as.
const MILLIS: &[u64] = &[100, 250, 500, 1_000, 2_000, 4_000, 8_000];

/// Shares of a database's pod, up to a node of its own.
const SERVER_MILLIS: &[u64] = &[250, 500, 1_000, 2_000, 4_000, 8_000, 16_000, 32_000];

const AS_OF: &str = "2026-01-19";

const PRICE_SOURCE: &str = "unconfirmed stand-in: near the on-demand price of general-purpose nodes of large clouds; state the price of yours in the platform file";

/// Everything that sizing may choose from.
pub(super) fn all() -> Capacity {
    let millis = |millis: &[u64]| millis.iter().map(|millis| Cpu::from_millis(*millis)).collect::<Vec<_>>();
    let server = |server: &super::servers::Server| Server {
        kind: server.kind,
        sizes: millis(SERVER_MILLIS),
        memory: server.memory.clone(),
        // One pod with one volume: no standby and no backup.
        recovery_point: None,
        recovery_time: None,
    };
    Capacity {
        sizes: millis(MILLIS),
        discipline: Fact::new(
            Discipline::Random,
            "kube-proxy in its usual mode picks a replica at random (https://kubernetes.io/docs/reference/networking/virtual-ips/)",
        ),
        network: Fact::new(
            Duration::from_millis(1),
            "Appia's default, chosen as a round trip between two zones of a region",
        ),
        failures: Some(failures()),
        price: Some(ReplicaPrice {
            cpu: price("node-vcpu", "vcpu-hour", 31_600_000),
            memory: price("node-memory", "GiB-hour", 4_200_000),
        }),
        servers: SERVERS.iter().map(server).collect(),
    }
}

fn failures() -> Failures {
    Failures {
        zones: Fact::new(
            3,
            "Appia's default, chosen as the zones of most regions; replicas are spread over them",
        ),
        zone: Fact::new(0.999, "unconfirmed: the 99.9 % that large clouds design one zone for"),
        zone_repair: Fact::new(
            Duration::from_seconds(3_600),
            "Appia's default, chosen as an hour; how long it takes moves no result, only how often it happens",
        ),
        between: Fact::new(
            Duration::from_seconds(30 * 24 * 3_600),
            "Appia's default, chosen as one failure of a replica or its node a month, updates of nodes included",
        ),
        repair: Fact::new(
            Duration::from_seconds(370),
            "Kubernetes' defaults: 40 s until a silent node counts as lost, 300 s until its pods are replaced, and 30 s to start",
        ),
    }
}

fn price(sku: &'static str, unit: &'static str, nano_usd: u64) -> Price {
    Price { sku: sku.into(), unit: unit.into(), nano_usd, as_of: AS_OF.into(), source: PRICE_SOURCE.into() }
}
