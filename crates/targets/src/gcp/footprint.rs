//! The names of the figures in `data/carbon.csv`.

use crate::footprint::{Figures, Power};

/// What is behind containers and databases is not published, so the median of the cloud stands for all of them.
pub(super) const FIGURES: Figures = Figures {
    memory: "memory",
    storage: "storage-ssd",
    network: "network",
    life: "server-lifetime",
    machines: &[(
        "",
        Power {
            idle: "watts-idle-default",
            full: "watts-full-default",
            server: "embodied-server-default",
            vcpus: "embodied-server-vcpu-default",
        },
    )],
    copies: &[
        ("cloud-sql-storage-ssd-regional", "replication-cloud-sql-regional"),
        ("gcs-", "replication-bucket"),
        ("", "replication-default"),
    ],
    outward: &["egress"],
};
