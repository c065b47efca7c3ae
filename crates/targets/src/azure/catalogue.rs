//! What a region can give and what it costs, put together from the tables in `data/`.

use appia_intent::WorkloadKind;
use appia_intent::units::{Cpu, Duration};
use appia_plan::{
    Capacity, Class, Discipline, Fact, Form, Managed, Per, Prices, Region, Runner, Server, Size,
};

use super::footprint::FIGURES;
use crate::book::{Book, Row, Texts};
use crate::cloud::{self, ALWAYS, ONCE};
use crate::footprint::emissions;

const TEXTS: Texts = Texts {
    prices: include_str!("data/prices.csv"),
    compute: include_str!("data/compute.csv"),
    databases: include_str!("data/databases.csv"),
    regions: include_str!("data/regions.csv"),
    promises: include_str!("data/sla.csv"),
    failovers: include_str!("data/failover.csv"),
    carbon: include_str!("data/carbon.csv"),
};

/// Thousandths of a processor that sizes that may burst earn all the time
/// (<https://learn.microsoft.com/azure/virtual-machines/sizes/general-purpose/bv1-series>).
const BASELINES: &[(&str, u64)] = &[("B1ms", 200), ("B2s", 400), ("B2ms", 600)];

/// Every region.
pub(super) fn all() -> Vec<Capacity> {
    cloud::regions(&TEXTS, of_region)
}

fn of_region(book: &Book, region: Region, zones: u32) -> Capacity {
    // Of what runs, each costs the same: sizing adds up what it chooses one by one.
    let bulk = ["functions-", "container-apps-", "front-door-standard-requests"];
    let prices = bulk.iter().fold(book.prices(&region.name), |prices, prefix| prices.without_bulk(prefix));
    let entrance = book.promise("container-apps", "any").zip(book.time("container-apps", "zone-failover"));
    let entrance = entrance.map(|(availability, repair)| Managed {
        name: "containers",
        kinds: ALWAYS,
        availability,
        repair,
    });
    Capacity {
        runners: runners(book, (&prices, edge(&region))),
        network: Fact::new(
            Duration::from_millis(1),
            "Appia's default, chosen as a round trip between two zones of a region",
        ),
        failures: Some(cloud::failures(zones, book.time("container-apps", "restart"))),
        servers: servers(book, &prices),
        entrance: entrance.into_iter().collect(),
        emissions: emissions(book, &region.name, &FIGURES),
        region: Some(region),
        prices,
    }
}

/// The part of the world whose prices for content delivery are taken: that of the region.
pub(super) fn edge(region: &Region) -> &'static str {
    match region.jurisdiction.as_ref() {
        "EU" | "US" => "zone1",
        _ => "zone2",
    }
}

fn runners(book: &Book, (prices, edge): (&Prices, &str)) -> Vec<Runner> {
    let rates = |lines: &[(&str, Per)]| cloud::rates(prices, lines).into();
    let containers = Runner {
        kinds: ALWAYS,
        sizes: book.sizes("container-apps"),
        rates: rates(&[("container-apps-vcpu", Per::Vcpu), ("container-apps-memory", Per::Gib)]),
        discipline: Fact::new(
            Discipline::Random,
            "Envoy before each app spreads requests over its replicas; random is on the safe side of that (https://learn.microsoft.com/azure/container-apps/ingress-overview)",
        ),
        most: book.most("container-apps"),
        form: Form::Replicas,
        availability: None,
        start: None,
    };
    let function = Runner {
        kinds: &[WorkloadKind::Function],
        sizes: book.sizes("functions-consumption"),
        rates: rates(&[
            ("functions-consumption-executions", Per::Request),
            ("functions-consumption-duration", Per::BusyGib),
        ]),
        discipline: Fact::new(Discipline::Pooled, "an instance for each request"),
        most: 1,
        form: Form::Elastic,
        availability: book.promise("functions-consumption", "any"),
        start: None,
    };
    let site = Runner {
        kinds: &[WorkloadKind::Site],
        sizes: vec![Size { name: "".into(), cpu: Cpu::from_millis(1_000), memory: None }],
        rates: rates(&[(&format!("front-door-standard-requests-{edge}"), Per::Request)]),
        availability: book.promise("front-door-standard", "any"),
        ..function.clone()
    };
    let once = Runner {
        kinds: ONCE,
        sizes: book.sizes("container-apps-job"),
        form: Form::Once,
        ..containers.clone()
    };
    vec![containers, once, function, site]
}

fn servers(book: &Book, prices: &Prices) -> Vec<Server> {
    let of = |kind, offering: &'static str| {
        let rows = book.databases(offering, kind);
        let mut classes: Vec<Class> = rows.flat_map(|row| classes(book, prices, (offering, row))).collect();
        classes.sort_by_key(|class| (class.cpu, class.memory.value, class.standby));
        Server { kind, classes }
    };
    vec![of("postgres", "postgres-flexible"), of("mysql", "mysql-flexible"), of("redis", "managed-redis")]
}

/// A row stands for one server, and where it may be for a second one beside it.
fn classes(book: &Book, prices: &Prices, place: (&'static str, &Row)) -> Vec<Class> {
    let forms: &[bool] = if place.1.text("ha") == "yes" { &[false, true] } else { &[false] };
    forms.iter().filter_map(|standby| class(book, prices, (place, *standby))).collect()
}

fn class(book: &Book, prices: &Prices, ((offering, row), standby): ((&str, &Row), bool)) -> Option<Class> {
    let (size, suffix) = (row.text("size"), if standby { "-ha" } else { "" });
    let (server, storage) = (format!("{offering}-{size}{suffix}"), format!("{offering}-storage{suffix}"));
    let rates = cloud::rates(prices, &[(&server, Per::Replica), (&storage, Per::Storage)]);
    let promised = if standby { "multi-zone" } else { "single-zone" };
    let time = |of_standby: &str, alone: &str| book.time(offering, if standby { of_standby } else { alone });
    Some(Class {
        name: row.owned("size"),
        cpu: cloud::sustained(size, row.cpu()?, BASELINES),
        memory: Fact { value: row.memory()?, source: row.owned("source") },
        connections: row.text("max_connections").parse().ok(),
        standby,
        rates: rates.into(),
        availability: book.promise(offering, promised),
        recovery_point: time("ha-data-loss", "point-in-time-granularity"),
        recovery_time: time("ha-failover", "point-in-time-restore"),
    })
}
