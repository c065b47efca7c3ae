//! What this machine offers.

use appia_intent::WorkloadKind;
use appia_plan::{Offering, ParamKind};

use super::NAME;
use crate::offer::{self, Describe};

/// Every offering.
pub(super) fn all() -> Vec<Offering> {
    let mut all: Vec<Offering> = offer::workloads(NAME, summary).collect();
    all.extend([
        postgres(),
        redis(),
        volume(),
        offer::dns(NAME, "a name below `localhost` in the gateway"),
        offer::route(NAME, "a path of a host in the gateway"),
        offer::service_port(NAME, "the loopback address of another workload's port"),
        offer::external(NAME, "something that exists already, with the outputs you state"),
    ]);
    all
}

fn summary(kind: WorkloadKind) -> &'static str {
    match kind {
        WorkloadKind::Service => "processes behind the gateway, restarted when they end",
        WorkloadKind::Worker => "processes that take work from somewhere, restarted when they end",
        WorkloadKind::Job => "a process that runs once at each deployment",
        WorkloadKind::Cron => "a process that runs on a schedule",
        WorkloadKind::Function => "a process behind the gateway that runs all the time",
        WorkloadKind::Site => "static files behind the gateway",
    }
}

fn postgres() -> Offering {
    offer::resource(NAME, "postgres", "a PostgreSQL server of this machine's own programs, with one database")
        .open(&["host", "port", "name", "database", "username", "socket"])
        .secret(&["password", "url"])
        .param("version", ParamKind::Version, "the major version; the machine's nearest one is used")
        .default("15", "the version of Debian 12, so that it is most often the one at hand")
        .param("storage", ParamKind::Storage, "room for its data; not enforced on this machine")
        .param("max_connections", ParamKind::Count, "connections at the same time")
        .default("100", "PostgreSQL's own default for max_connections")
}

fn redis() -> Offering {
    offer::resource(NAME, "redis", "a Redis server of this machine's own programs that keeps its data")
        .open(&["host", "port", "username"])
        .secret(&["password", "url"])
        .param("version", ParamKind::Version, "the major version; the machine's own one is used")
        .default("7", "the version of Debian 12, so that it is most often the one at hand")
        .param("storage", ParamKind::Storage, "room for its data; not enforced on this machine")
}

fn volume() -> Offering {
    offer::resource(NAME, "volume", "a folder that outlives its users").open(&["source"]).param(
        "size",
        ParamKind::Storage,
        "how much it should hold; not enforced on this machine",
    )
}
