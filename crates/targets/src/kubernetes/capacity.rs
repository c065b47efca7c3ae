//! What a cluster can give: replicas of any share of a node, spread over three zones.
//!
//! Nobody knows what a node of yours costs, so its price is a stand-in until the platform file states one.

use appia_intent::WorkloadKind;
use appia_intent::units::{Cpu, Duration};
use appia_plan::{
    Capacity, Class, Day, Discipline, Fact, Failures, Form, Per, Price, Prices, Rate, Runner, Server, Size,
};
use rust_decimal::Decimal;

use super::servers::SERVERS;

/// Shares of a common node of 8 processors; the smaller ones are what requests are usually written as.
const MILLIS: &[u64] = &[100, 250, 500, 1_000, 2_000, 4_000, 8_000];

/// Shares of a database's pod, up to a node of its own.
const SERVER_MILLIS: &[u64] = &[250, 500, 1_000, 2_000, 4_000, 8_000, 16_000, 32_000];

/// What runs all the time.
const KINDS: &[WorkloadKind] =
    &[WorkloadKind::Service, WorkloadKind::Worker, WorkloadKind::Function, WorkloadKind::Site];

/// A processor of a node.
pub(super) const VCPU: &str = "node-vcpu";

/// Memory of a node.
pub(super) const MEMORY: &str = "node-memory";

/// 2026-01-19.
const AS_OF: Day = Day::from_number(20_472);

const PRICE_SOURCE: &str = "unconfirmed stand-in: near the on-demand price of general-purpose nodes of large clouds; state the price of yours in the platform file";

/// Everything that sizing may choose from.
pub(super) fn all() -> Capacity {
    let prices = [price(VCPU, "vcpu-hour", 316), price(MEMORY, "gib-hour", 42)];
    let [vcpu, memory] = &prices;
    let rates = [Rate::new(vcpu, Per::Vcpu), Rate::new(memory, Per::Gib)];
    Capacity {
        region: None,
        runners: vec![runner(&rates)],
        network: Fact::new(
            Duration::from_millis(1),
            "Appia's default, chosen as a round trip between two zones of a region",
        ),
        failures: Some(failures()),
        servers: SERVERS.iter().map(|server| self::server(server, &rates)).collect(),
        entrance: Vec::new(),
        prices: Prices::new(prices),
    }
}

fn runner(rates: &[Rate]) -> Runner {
    let size = |millis: &u64| Size { name: "".into(), cpu: Cpu::from_millis(*millis), memory: None };
    Runner {
        kinds: KINDS,
        sizes: MILLIS.iter().map(size).collect(),
        rates: rates.into(),
        discipline: Fact::new(
            Discipline::Random,
            "kube-proxy in its usual mode picks a replica at random (https://kubernetes.io/docs/reference/networking/virtual-ips/)",
        ),
        most: 10_000,
        form: Form::Replicas,
        availability: None,
    }
}

fn server(server: &super::servers::Server, rates: &[Rate]) -> Server {
    let class = |millis: &u64| Class {
        name: "".into(),
        cpu: Cpu::from_millis(*millis),
        memory: server.memory.clone(),
        connections: None,
        // One pod with one volume: no standby and no backup.
        standby: false,
        rates: rates.into(),
        availability: None,
        recovery_point: None,
        recovery_time: None,
    };
    Server { kind: server.kind, classes: SERVER_MILLIS.iter().map(class).collect() }
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

/// Of so many ten-thousandths of a USD.
fn price(sku: &'static str, unit: &'static str, parts: i64) -> Price {
    Price {
        sku: sku.into(),
        unit: unit.into(),
        from: Decimal::ZERO,
        usd: Decimal::new(parts, 4),
        as_of: AS_OF,
        confirmed: false,
        source: PRICE_SOURCE.into(),
    }
}
