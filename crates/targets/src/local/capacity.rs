//! What one machine can give: any share of its processors to one process of each workload, for nothing, and no promise
//! that it stays on.

use appia_intent::WorkloadKind;
use appia_intent::units::{Bytes, Cpu, Duration};
use appia_plan::{Capacity, Class, Discipline, Fact, Form, Prices, Runner, Server, Size};

/// Shares up to the largest machines that stand on or below a desk. A share is no limit here.
const MILLIS: &[u64] = &[
    250, 500, 1_000, 2_000, 3_000, 4_000, 6_000, 8_000, 12_000, 16_000, 24_000, 32_000, 48_000, 64_000,
    96_000, 128_000,
];

/// What runs all the time.
const KINDS: &[WorkloadKind] =
    &[WorkloadKind::Service, WorkloadKind::Worker, WorkloadKind::Function, WorkloadKind::Site];

/// Everything that sizing may choose from.
pub(super) fn all() -> Capacity {
    Capacity {
        region: None,
        runners: vec![runner()],
        network: Fact::new(
            Duration::from_micros(100),
            "Appia's default, chosen as more than a round trip over the loopback device takes",
        ),
        failures: None,
        servers: vec![server("postgres", 256), server("mysql", 512), server("redis", 128)],
        entrance: Vec::new(),
        prices: Prices::default(),
        emissions: None,
    }
}

fn runner() -> Runner {
    let size = |millis: &u64| Size { name: "".into(), cpu: Cpu::from_millis(*millis), memory: None };
    Runner {
        kinds: KINDS,
        sizes: MILLIS.iter().map(size).collect(),
        rates: [].into(),
        discipline: Fact::new(
            Discipline::Random,
            "the gateway takes replicas in turn; random is on the safe side of that",
        ),
        most: 10_000,
        form: Form::Replicas,
        availability: None,
        start: None,
    }
}

fn server(kind: &'static str, mib: u64) -> Server {
    let class = |millis: &u64| Class {
        name: "".into(),
        cpu: Cpu::from_millis(*millis),
        memory: Fact::new(
            Bytes::from_mib(mib),
            "Appia's default, chosen as what it starts in with its own settings",
        ),
        connections: None,
        standby: false,
        rates: [].into(),
        availability: None,
        recovery_point: None,
        recovery_time: None,
    };
    Server { kind, classes: MILLIS.iter().map(class).collect() }
}
