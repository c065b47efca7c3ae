//! What Google Cloud offers.

use appia_intent::WorkloadKind;
use appia_plan::Offering;

use super::NAME;
use crate::offer::{self, Describe};

/// The least room that a database has.
const ROOM: (&str, &str) =
    ("10Gi", "the least that Cloud SQL has (https://cloud.google.com/sql/docs/postgres/instance-settings)");

/// Every offering.
pub(super) fn all() -> Vec<Offering> {
    let mut all: Vec<Offering> = offer::workloads(NAME, summary).collect();
    all.extend([
        offer::database(
            NAME,
            ("postgres", "PostgreSQL on Cloud SQL, regional where outcomes ask for it"),
            "16",
            ROOM,
        ),
        offer::database(
            NAME,
            ("mysql", "MySQL on Cloud SQL, regional where outcomes ask for it"),
            "8.4",
            ROOM,
        ),
        offer::redis(
            NAME,
            "Redis on Memorystore, with a replica where outcomes ask for it",
            ("7.2", "the newest of Memorystore for Redis"),
        ),
        offer::bucket(NAME, "a bucket of Cloud Storage: versioned, closed to the public", &["name", "url"]),
        offer::resource(
            NAME,
            "queue",
            "a topic of Pub/Sub with one subscription, and another topic for what cannot be read",
        )
        .open(&["name", "url"]),
        offer::resource(NAME, "topic", "a topic of Pub/Sub").open(&["name"]),
        offer::dns(NAME, "a zone of Cloud DNS"),
        offer::route(NAME, "a rule of the load balancer"),
        offer::service_port(NAME, "the address of another workload"),
        offer::resource(NAME, "secret", "a secret of Secret Manager, which you fill")
            .open(&["name"])
            .secret(&["value"]),
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
