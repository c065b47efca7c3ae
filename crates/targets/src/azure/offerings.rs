//! What Microsoft Azure offers.

use appia_intent::WorkloadKind;
use appia_plan::{Offering, ParamKind};

use super::NAME;
use crate::offer::{self, Describe};

/// Every offering.
pub(super) fn all() -> Vec<Offering> {
    let mut all: Vec<Offering> = offer::workloads(NAME, summary).collect();
    all.extend([
        database("postgres", "a Flexible Server of PostgreSQL, zone-redundant where outcomes ask for it", "16"),
        database("mysql", "a Flexible Server of MySQL, zone-redundant where outcomes ask for it", "8.4"),
        offer::resource(NAME, "redis", "Azure Managed Redis, with a second node where outcomes ask for it")
            .open(&["host", "port", "username"])
            .secret(&["password", "url"])
            .param("version", ParamKind::Version, "the engine's version")
            .default("7.4", "what Azure Managed Redis runs")
            .param("storage", ParamKind::Storage, "not used: everything is in memory"),
        offer::resource(NAME, "bucket", "a container of Blob Storage in all zones: versioned, closed to the public")
            .open(&["name", "url"])
            .param("storage", ParamKind::Storage, "how much it is expected to hold, for its price")
            .default("10Gi", "Appia's default, chosen as a small collection of files; it is a guess for the price and no limit"),
        offer::resource(NAME, "queue", "a queue of Service Bus, which keeps apart what cannot be read")
            .open(&["name", "url"]),
        offer::resource(NAME, "topic", "a topic of Service Bus").open(&["name"]),
        offer::dns(NAME, "a zone of Azure DNS"),
        offer::route(NAME, "a route of the environment"),
        offer::service_port(NAME, "the address of another workload"),
        offer::resource(NAME, "secret", "a secret of Key Vault, which you fill").open(&["name"]).secret(&["value"]),
        offer::external(NAME, "something that exists already, with the outputs you state"),
    ]);
    all
}

fn summary(kind: WorkloadKind) -> &'static str {
    match kind {
        WorkloadKind::Service => "a container app with so many replicas",
        WorkloadKind::Worker => "a container app that nobody calls",
        WorkloadKind::Job => "a container app job, run at each deployment",
        WorkloadKind::Cron => "a container app job with a schedule",
        WorkloadKind::Function => "a function app on the consumption plan",
        WorkloadKind::Site => "files in Blob Storage behind Front Door",
    }
}

fn database(kind: &'static str, summary: &'static str, version: &'static str) -> Offering {
    offer::resource(NAME, kind, summary)
        .open(&["host", "port", "name", "database", "username"])
        .secret(&["password", "url"])
        .param("version", ParamKind::Version, "the engine's version")
        .default(version, "Appia's default, chosen as a version with years of support left")
        .param("storage", ParamKind::Storage, "room for its data")
        .default("32Gi", "the least that a Flexible Server has (https://learn.microsoft.com/azure/postgresql/flexible-server/concepts-storage)")
        .param("max_connections", ParamKind::Count, "connections at the same time; that of the size without it")
}
