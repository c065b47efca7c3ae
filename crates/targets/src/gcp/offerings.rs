//! What Google Cloud offers.

use appia_intent::WorkloadKind;
use appia_plan::{Offering, ParamKind};

use super::NAME;
use crate::offer::{self, Describe};

/// Every offering.
pub(super) fn all() -> Vec<Offering> {
    let mut all: Vec<Offering> = offer::workloads(NAME, summary).collect();
    all.extend([
        database("postgres", "PostgreSQL on Cloud SQL, regional where outcomes ask for it", "16"),
        database("mysql", "MySQL on Cloud SQL, regional where outcomes ask for it", "8.4"),
        offer::resource(NAME, "redis", "Redis on Memorystore, with a replica where outcomes ask for it")
            .open(&["host", "port", "username"])
            .secret(&["password", "url"])
            .param("version", ParamKind::Version, "the engine's version")
            .default("7.2", "the newest of Memorystore for Redis")
            .param("storage", ParamKind::Storage, "not used: everything is in memory"),
        offer::resource(NAME, "bucket", "a bucket of Cloud Storage: versioned, closed to the public")
            .open(&["name", "url"])
            .param("storage", ParamKind::Storage, "how much it is expected to hold, for its price")
            .default("10Gi", "Appia's default, chosen as a small collection of files; it is a guess for the price and no limit"),
        offer::resource(NAME, "queue", "a topic of Pub/Sub with one subscription, and another topic for what cannot be read")
            .open(&["name", "url"]),
        offer::resource(NAME, "topic", "a topic of Pub/Sub").open(&["name"]),
        offer::dns(NAME, "a zone of Cloud DNS"),
        offer::route(NAME, "a rule of the load balancer"),
        offer::service_port(NAME, "the address of another workload"),
        offer::resource(NAME, "secret", "a secret of Secret Manager, which you fill").open(&["name"]).secret(&["value"]),
        offer::external(NAME, "something that exists already, with the outputs you state"),
    ]);
    all
}

fn summary(kind: WorkloadKind) -> &'static str {
    match kind {
        WorkloadKind::Service => "a service of Cloud Run whose instances always run",
        WorkloadKind::Worker => "a service of Cloud Run that nobody calls",
        WorkloadKind::Job => "a job of Cloud Run, run at each deployment",
        WorkloadKind::Cron => "a job of Cloud Run, started by Cloud Scheduler",
        WorkloadKind::Function => "a service of Cloud Run, billed by request",
        WorkloadKind::Site => "files in Cloud Storage behind a load balancer with content delivery",
    }
}

fn database(kind: &'static str, summary: &'static str, version: &'static str) -> Offering {
    offer::resource(NAME, kind, summary)
        .open(&["host", "port", "name", "database", "username"])
        .secret(&["password", "url"])
        .param("version", ParamKind::Version, "the engine's version")
        .default(version, "Appia's default, chosen as a version with years of support left")
        .param("storage", ParamKind::Storage, "room for its data")
        .default(
            "10Gi",
            "the least that Cloud SQL has (https://cloud.google.com/sql/docs/postgres/instance-settings)",
        )
        .param(
            "max_connections",
            ParamKind::Count,
            "connections at the same time; that of the size without it",
        )
}
