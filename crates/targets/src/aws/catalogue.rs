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

/// Thousandths of a processor that classes that may burst earn all the time: 10, 20, 20 and 30 % of each of two
/// (<https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/burstable-credits-baseline-concepts.html>).
const BASELINES: &[(&str, u64)] =
    &[("t4g.micro", 200), ("t4g.small", 400), ("t4g.medium", 400), ("t4g.large", 600)];

/// Every region.
pub(super) fn all() -> Vec<Capacity> {
    cloud::regions(&TEXTS, of_region)
}

fn of_region(book: &Book, region: Region, zones: u32) -> Capacity {
    // Of what runs, each costs the same: sizing adds up what it chooses one by one.
    let prices = book.prices(&region.name).without_bulk("lambda-");
    Capacity {
        runners: runners(book, (&prices, edge(&region))),
        network: Fact::new(
            Duration::from_millis(1),
            "Appia's default, chosen as a round trip between two zones of a region",
        ),
        failures: Some(cloud::failures(zones, book.time("fargate", "cold-start"))),
        servers: servers(book, &prices),
        entrance: entrance(book),
        emissions: emissions(book, &region.name, &FIGURES),
        region: Some(region),
        prices,
    }
}

/// The part of the world whose prices for content delivery are taken: that of the region.
pub(super) fn edge(region: &Region) -> &'static str {
    match region.jurisdiction.as_ref() {
        "EU" => "eu",
        "US" => "us",
        _ => "asia",
    }
}

fn runners(book: &Book, (prices, edge): (&Prices, &str)) -> Vec<Runner> {
    let containers = |kinds, form| Runner {
        kinds,
        sizes: book.sizes("fargate-x86"),
        rates: cloud::rates(prices, &[("fargate-x86-vcpu", Per::Vcpu), ("fargate-x86-memory", Per::Gib)])
            .into(),
        discipline: Fact::new(
            Discipline::Random,
            "the load balancer takes replicas in turn; random is on the safe side of that (https://docs.aws.amazon.com/elasticloadbalancing/latest/application/load-balancer-target-groups.html)",
        ),
        most: book.most("fargate-x86"),
        form,
        availability: None,
        start: None,
    };
    let elastic = |kinds, offering: (&str, &str)| Runner {
        kinds,
        sizes: Vec::new(),
        rates: [].into(),
        discipline: Fact::new(Discipline::Pooled, "an instance for each request"),
        most: 1,
        form: Form::Elastic,
        availability: book.promise(offering.0, offering.1),
        start: None,
    };
    let function = [("lambda-x86-request", Per::Request), ("lambda-x86-duration", Per::BusyGib)];
    let site = format!("cloudfront-request-{edge}");
    vec![
        containers(ALWAYS, Form::Replicas),
        containers(ONCE, Form::Once),
        Runner {
            sizes: book.sizes("lambda-x86"),
            rates: cloud::rates(prices, &function).into(),
            ..elastic(&[WorkloadKind::Function], ("lambda", "region"))
        },
        Runner {
            sizes: vec![Size { name: "".into(), cpu: Cpu::from_millis(1_000), memory: None }],
            rates: cloud::rates(prices, &[(&site, Per::Request)]).into(),
            ..elastic(&[WorkloadKind::Site], ("cloudfront", "global"))
        },
    ]
}

fn entrance(book: &Book) -> Vec<Managed> {
    let part = |name, offering: &str, repair| {
        Some(Managed {
            name,
            kinds: ALWAYS,
            availability: book.promise(offering, "multi-zone")?,
            repair: book.time(offering, repair)?,
        })
    };
    [part("load-balancer", "alb", "target-removal"), part("containers", "fargate", "cold-start")]
        .into_iter()
        .flatten()
        .collect()
}

fn servers(book: &Book, prices: &Prices) -> Vec<Server> {
    let of = |kind, offering: &'static str| {
        let rows = book.databases(offering, kind);
        let mut classes: Vec<Class> = rows.filter_map(|row| class(book, prices, (offering, row))).collect();
        classes.sort_by_key(|class| (class.cpu, class.memory.value, class.standby));
        Server { kind, classes }
    };
    vec![of("postgres", "rds-postgres"), of("mysql", "rds-mysql"), of("redis", "elasticache-redis")]
}

fn class(book: &Book, prices: &Prices, (offering, row): (&str, &Row)) -> Option<Class> {
    let (size, standby) = (row.text("size"), row.text("ha") == "yes");
    let suffix = if standby { "-multi-az" } else { "" };
    let rates = if row.text("engine") == "redis" {
        // A node of its own for the standby, at the same price.
        cloud::rates(prices, &[(&format!("{offering}-{size}"), Per::Nodes(if standby { 2 } else { 1 }))])
    } else {
        let (server, storage) = (format!("{offering}-{size}{suffix}"), format!("rds-gp3-storage{suffix}"));
        cloud::rates(prices, &[(&server, Per::Replica), (&storage, Per::Storage)])
    };
    let condition = if standby { "multi-zone" } else { "single-zone" };
    let time = |of_standby: &str, alone: &str| book.time(offering, if standby { of_standby } else { alone });
    Some(Class {
        name: row.owned("size"),
        cpu: cloud::sustained(size, row.cpu()?, BASELINES),
        memory: Fact { value: row.memory()?, source: row.owned("source") },
        connections: row.text("max_connections").parse().ok(),
        standby,
        rates: rates.into(),
        availability: book.promise(offering, condition),
        recovery_point: time("multi-zone-rpo", "backup-rpo"),
        recovery_time: time("multi-zone-rto", "restore-rto").or(time("", "single-zone-rto")),
    })
}
