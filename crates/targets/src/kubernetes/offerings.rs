//! What a cluster offers without anything installed in it but an ingress controller and a default storage class.

use appia_intent::WorkloadKind;
use appia_plan::{Offering, ParamKind};

use super::NAME;
use crate::offer::{self, Describe};

/// Every offering.
pub(super) fn all() -> Vec<Offering> {
    let mut all: Vec<Offering> = offer::workloads(NAME, summary).collect();
    all.extend([
        postgres(),
        mysql(),
        redis(),
        volume(),
        offer::dns(NAME, "a host name of the ingress; a stand-in below `example.com` until you state yours"),
        offer::route(NAME, "a rule of an Ingress"),
        offer::service_port(NAME, "the Service name and port of another workload"),
        service(),
        offer::external(
            NAME,
            "something that exists already: outputs as stated, else from a Secret you create",
        ),
    ]);
    all
}

fn summary(kind: WorkloadKind) -> &'static str {
    match kind {
        WorkloadKind::Service => "a Deployment behind a Service",
        WorkloadKind::Worker => "a Deployment",
        WorkloadKind::Job => "a Job, run again when it changes",
        WorkloadKind::Cron => "a CronJob, in UTC",
        WorkloadKind::Function => "a Deployment behind a Service that runs all the time",
        WorkloadKind::Site => "a Deployment of a web server with the files in its image",
    }
}

fn postgres() -> Offering {
    let summary = "PostgreSQL as a StatefulSet of one pod: no standby and no backup, so for development and small loads";
    server("postgres", summary)
        .param("image", ParamKind::Text, "another image of the same program, best with its digest")
        .param("version", ParamKind::Version, "the version, as the image's tag has it")
        .default("16", "Appia's default, chosen as a version that PostgreSQL supports until November 2028")
        .param("storage", ParamKind::Storage, "the size of its volume")
        .default("10Gi", "Appia's default, chosen as small enough for any storage class and easy to enlarge")
        .param("max_connections", ParamKind::Count, "connections at the same time")
        .default("100", "PostgreSQL's own default for max_connections")
}

fn mysql() -> Offering {
    let summary =
        "MySQL as a StatefulSet of one pod: no standby and no backup, so for development and small loads";
    server("mysql", summary)
        .param("image", ParamKind::Text, "another image of the same program, best with its digest")
        .param("version", ParamKind::Version, "the version, as the image's tag has it")
        .default("8.4", "Appia's default, chosen as MySQL's long-term support release")
        .param("storage", ParamKind::Storage, "the size of its volume")
        .default("10Gi", "Appia's default, chosen as small enough for any storage class and easy to enlarge")
}

fn server(kind: &'static str, summary: &'static str) -> Offering {
    offer::resource(NAME, kind, summary)
        .open(&["host", "port", "name", "database", "username"])
        .secret(&["password", "url"])
}

fn redis() -> Offering {
    let summary = "Redis as a StatefulSet of one pod that keeps its data on a volume: no replica";
    offer::resource(NAME, "redis", summary)
        .open(&["host", "port", "username"])
        .secret(&["password", "url"])
        .param("image", ParamKind::Text, "another image of the same program, best with its digest")
        .param("version", ParamKind::Version, "the version, as the image's tag has it")
        .default("7", "Appia's default, chosen as a major version that every common client speaks to")
        .param("storage", ParamKind::Storage, "the size of its volume")
        .default("1Gi", "Appia's default, chosen as several times the memory that it gets")
}

fn volume() -> Offering {
    offer::resource(NAME, "volume", "a PersistentVolumeClaim of the default storage class")
        .open(&["source"])
        .param("size", ParamKind::Storage, "how much it holds")
        .default("1Gi", "Appia's default, chosen as the least that every common storage class gives")
        .param("class", ParamKind::Text, "the storage class")
}

/// Score's `service`: the name by which another workload is found. Its users write the port behind it themselves,
/// which is right in a cluster only.
fn service() -> Offering {
    let offering = offer::resource(NAME, "service", "the Service of another workload, by its name")
        .open(&["name"])
        .param("workload", ParamKind::Text, "the workload to find; the one that the resource is called like");
    // `kubernetes/service` runs workloads of that kind.
    Offering { name: "kubernetes/service-name".into(), ..offering }
}
