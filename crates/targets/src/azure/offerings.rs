//! What Microsoft Azure offers.

use appia_intent::WorkloadKind;
use appia_plan::Offering;

use super::NAME;
use crate::offer::{self, Describe};

/// The least room that a database has.
const ROOM: (&str, &str) = (
    "32Gi",
    "the least that a Flexible Server has (https://learn.microsoft.com/azure/postgresql/flexible-server/concepts-storage)",
);

/// Every offering.
pub(super) fn all() -> Vec<Offering> {
    let mut all: Vec<Offering> = offer::workloads(NAME, summary).collect();
    all.extend([
        offer::database(
            NAME,
            ("postgres", "a Flexible Server of PostgreSQL, zone-redundant where outcomes ask for it"),
            "16",
            ROOM,
        ),
        offer::database(
            NAME,
            ("mysql", "a Flexible Server of MySQL, zone-redundant where outcomes ask for it"),
            "8.4",
            ROOM,
        ),
        offer::redis(
            NAME,
            "Azure Managed Redis, with a second node where outcomes ask for it",
            ("7.4", "what Azure Managed Redis runs"),
        ),
        offer::bucket(
            NAME,
            "a container of Blob Storage in all zones: versioned, closed to the public",
            &["name", "url"],
        ),
        offer::resource(NAME, "queue", "a queue of Service Bus, which keeps apart what cannot be read")
            .open(&["name", "url"]),
        offer::resource(NAME, "topic", "a topic of Service Bus").open(&["name"]),
        offer::dns(NAME, "a zone of Azure DNS"),
        offer::route(NAME, "a route of the environment"),
        offer::service_port(NAME, "the address of another workload"),
        offer::resource(NAME, "secret", "a secret of Key Vault, which you fill")
            .open(&["name"])
            .secret(&["value"]),
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
