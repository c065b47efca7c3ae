//! What a cluster can give: replicas of any share of a node, spread over three zones.
//!
//! Nobody knows what a node of yours costs, so its price is a stand-in until the platform file states one.

use appia_intent::WorkloadKind;
use appia_intent::units::{Cpu, Duration};
use appia_plan::{
    Capacity, Class, Day, Discipline, Emissions, Fact, Failures, Form, Machine, Per, Price, Prices, Rate,
    Runner, Server, Size,
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

const CCF: &str = "https://www.cloudcarbonfootprint.org/docs/methodology (2024-12-13, confirmed)";

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
        emissions: Some(emissions()),
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
        start: Some(Fact::new(
            Duration::from_seconds(60),
            "Kubernetes' defaults: the autoscaler looks every 15 s (https://kubernetes.io/docs/tasks/run-application/horizontal-pod-autoscale/) at figures of up to 15 s ago, and 30 s to start",
        )),
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

/// Of nodes that nobody knows: the grid of the world and processors of large clouds, until the platform file says more.
fn emissions() -> Emissions {
    // A server of 32 processors that made 1,230.46 kg of CO2 equivalent lives for 35,040 hours.
    let node = Machine {
        word: "",
        idle_w: 0.74,
        full_w: 3.5,
        embodied_kg: 1_230.46 / 32.0 / 35_040.0,
        source: "unconfirmed stand-in for your nodes: average of a large cloud (https://www.cloudcarbonfootprint.org/docs/methodology, 2024-12-13); of making it: https://github.com/cloud-carbon-footprint/ccf-coefficients (2026-04-24)".to_owned(),
    };
    Emissions {
        grid: Fact::new(
            0.473,
            "unconfirmed stand-in: the world's electricity of 2024 (https://ember-energy.org, Global Electricity Review 2025, from memory); where your cluster stands decides more than anything else",
        ),
        pue: Fact::new(
            1.56,
            "unconfirmed stand-in: the average of the Uptime Institute's survey of 2024 (from memory)",
        ),
        memory: Fact::new(0.392, CCF),
        storage: Fact::new(0.0012, CCF),
        network: Fact::new(0.001, CCF),
        machines: vec![node],
        copies: Vec::new(),
        outward: &[],
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
