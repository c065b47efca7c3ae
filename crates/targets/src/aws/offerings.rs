//! What Amazon Web Services offers.

use appia_intent::WorkloadKind;
use appia_plan::Offering;

use super::NAME;
use crate::offer::{self, Describe};

/// The least room that a database has.
const ROOM: (&str, &str) = (
    "20Gi",
    "the least that gp3 storage of RDS has (https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/CHAP_Storage.html)",
);

/// Every offering.
pub(super) fn all() -> Vec<Offering> {
    let mut all: Vec<Offering> = offer::workloads(NAME, summary).collect();
    all.extend([
        offer::database(
            NAME,
            ("postgres", "PostgreSQL on RDS, with a standby in another zone where outcomes ask for it"),
            "16",
            ROOM,
        ),
        offer::database(
            NAME,
            ("mysql", "MySQL on RDS, with a standby in another zone where outcomes ask for it"),
            "8.4",
            ROOM,
        ),
        offer::redis(
            NAME,
            "Redis on ElastiCache, with a replica in another zone where outcomes ask for it",
            ("7.1", "the newest of ElastiCache for Redis OSS"),
        ),
        offer::bucket(
            NAME,
            "a bucket of S3: encrypted, versioned, closed to the public",
            &["name", "arn", "region"],
        ),
        offer::resource(NAME, "queue", "a queue of SQS with a second one for what cannot be read")
            .open(&["name", "url", "arn"]),
        offer::resource(NAME, "topic", "a topic of SNS").open(&["name", "arn"]),
        offer::dns(NAME, "a record in a zone of Route 53"),
        offer::route(NAME, "a rule of the load balancer"),
        offer::service_port(NAME, "the name and port of another workload inside of the network"),
        offer::resource(NAME, "secret", "a secret of Secrets Manager, which you fill")
            .open(&["name", "arn"])
            .secret(&["value"]),
        offer::external(NAME, "something that exists already, with the outputs you state"),
    ]);
    all
}

fn summary(kind: WorkloadKind) -> &'static str {
    match kind {
        WorkloadKind::Service => "tasks of ECS on Fargate, behind a load balancer where public",
        WorkloadKind::Worker => "tasks of ECS on Fargate",
        WorkloadKind::Job => "a task of ECS on Fargate, run at each deployment",
        WorkloadKind::Cron => "a task of ECS on Fargate, started by EventBridge Scheduler",
        WorkloadKind::Function => "a function of Lambda with an address of its own",
        WorkloadKind::Site => "files in S3 behind CloudFront",
    }
}
