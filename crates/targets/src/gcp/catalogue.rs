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

/// Every region.
pub(super) fn all() -> Vec<Capacity> {
    cloud::regions(&TEXTS, of_region)
}

fn of_region(book: &Book, region: Region, zones: u32) -> Capacity {
    let prices = book.prices(&region.name);
    let entrance = book.promise("cloud-run", "multi-zone").zip(book.time("cloud-run", "rto-zone-loss"));
    let entrance = entrance.map(|(availability, repair)| Managed {
        name: "containers",
        kinds: ALWAYS,
        availability,
        repair,
    });
    Capacity {
        runners: runners(book, &prices),
        network: Fact::new(
            Duration::from_millis(1),
            "Appia's default, chosen as a round trip between two zones of a region",
        ),
        failures: Some(cloud::failures(zones, book.time("cloud-run", "rto-zone-loss"))),
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
        "EU" => "cdn-egress-europe",
        "US" => "cdn-egress-north-america",
        _ => "cdn-egress-asia",
    }
}

fn runners(book: &Book, prices: &Prices) -> Vec<Runner> {
    let rates = |lines: &[(&str, Per)]| cloud::rates(prices, lines).into();
    let containers = Runner {
        kinds: ALWAYS,
        sizes: book.sizes("cloud-run"),
        rates: rates(&[("cloud-run-instance-vcpu", Per::Vcpu), ("cloud-run-instance-memory", Per::Gib)]),
        discipline: Fact::new(
            Discipline::Pooled,
            "requests wait in one line for an instance that has room (https://docs.cloud.google.com/run/docs/about-instance-autoscaling)",
        ),
        most: book.most("cloud-run"),
        form: Form::Replicas,
        availability: None,
        start: None,
    };
    let function = Runner {
        kinds: &[WorkloadKind::Function],
        sizes: book.sizes("cloud-run-function"),
        rates: rates(&[
            ("cloud-run-request", Per::Request),
            ("cloud-run-request-vcpu", Per::BusyVcpu),
            ("cloud-run-request-memory", Per::BusyGib),
        ]),
        most: 1,
        form: Form::Elastic,
        availability: book.promise("cloud-run-function", "multi-zone"),
        ..containers.clone()
    };
    let site = Runner {
        kinds: &[WorkloadKind::Site],
        sizes: vec![Size { name: "".into(), cpu: Cpu::from_millis(1_000), memory: None }],
        rates: rates(&[("cdn-lookup", Per::Request)]),
        availability: book.promise("cdn", "global"),
        ..function.clone()
    };
    let once =
        Runner { kinds: ONCE, sizes: book.sizes("cloud-run-job"), form: Form::Once, ..containers.clone() };
    vec![containers, once, function, site]
}

fn servers(book: &Book, prices: &Prices) -> Vec<Server> {
    let sql = |kind: &'static str| {
        let editions = ["cloud-sql-enterprise", "cloud-sql-enterprise-plus"];
        let rows =
            editions.iter().flat_map(|edition| book.databases(edition, kind).map(|row| (*edition, row)));
        sorted(kind, rows.filter_map(|(edition, row)| database(book, prices, (edition, row))).collect())
    };
    let tiers = ["memorystore-redis-basic", "memorystore-redis-standard"];
    let rows = tiers.iter().flat_map(|tier| book.databases(tier, "redis").map(|row| (*tier, row)));
    let redis = rows.filter_map(|(tier, row)| redis(book, prices, (tier, row))).collect();
    vec![sql("postgres"), sql("mysql"), sorted("redis", redis)]
}

fn sorted(kind: &'static str, mut classes: Vec<Class>) -> Server {
    classes.sort_by_key(|class| (class.cpu, class.memory.value, class.standby));
    Server { kind, classes }
}

fn database(book: &Book, prices: &Prices, (edition, row): (&str, &Row)) -> Option<Class> {
    let (size, form) = (row.text("size"), row.text("ha"));
    let standby = form == "regional";
    let server = format!("cloud-sql-{}-{size}-{form}", row.text("engine"));
    let storage = format!("cloud-sql-storage-ssd-{form}");
    let lines = [
        (server.as_str(), Per::Replica),
        (storage.as_str(), Per::Storage),
        ("cloud-sql-backup", Per::Storage),
    ];
    // No agreement covers what shares processors.
    let shared = size == "db-f1-micro" || size == "db-g1-small";
    let promised = if standby && !shared { book.promise(edition, "multi-zone") } else { None };
    let time = |of_standby: &str, alone: &str| book.time(edition, if standby { of_standby } else { alone });
    Some(Class {
        name: row.owned("size"),
        cpu: row.cpu()?,
        memory: Fact { value: row.memory()?, source: row.owned("source") },
        connections: row.text("max_connections").parse().ok(),
        standby,
        rates: cloud::rates(prices, &lines).into(),
        availability: promised.or_else(|| book.promise("zonal-resource", "design-target")),
        recovery_point: time("rpo-zone-loss", "point-in-time-granularity"),
        recovery_time: time("rto-zone-loss", "restore")
            .or_else(|| book.time("cloud-sql-enterprise", "restore")),
    })
}

fn redis(book: &Book, prices: &Prices, (tier, row): (&str, &Row)) -> Option<Class> {
    let (size, standby) = (row.text("size"), row.text("ha") == "regional");
    let promised =
        book.promise(tier, "multi-zone").or_else(|| book.promise("zonal-resource", "design-target"));
    Some(Class {
        name: row.owned("size"),
        cpu: row.cpu()?,
        memory: Fact { value: row.memory()?, source: row.owned("source") },
        connections: row.text("max_connections").parse().ok(),
        standby,
        rates: cloud::rates(prices, &[(&format!("{tier}-{size}"), Per::Replica)]).into(),
        availability: promised,
        recovery_point: book.time(tier, "rpo-zone-loss"),
        recovery_time: book.time(tier, "rto-zone-loss"),
    })
}
