//! The names of the figures in `data/carbon.csv`.

use crate::footprint::{Figures, Power};

/// What is behind what is bought: the family where its name tells it, else the average of the cloud.
pub(super) const FIGURES: Figures = Figures {
    memory: "memory-watts",
    storage: "ssd-energy",
    network: "network-energy",
    life: "embodied-server-lifespan",
    machines: &[("ds_v5", D5), ("ads_v5", EPYC), ("", AVERAGE)],
    copies: &[("blob-hot-zrs", "storage-copies-zrs"), ("blob-", "storage-copies-lrs")],
    outward: &["internet-egress", "front-door-standard-egress"],
};

const SERVER: &str = "embodied-server";
const VCPUS: &str = "embodied-server-vcpus";

const D5: Power =
    Power { idle: "watts-idle-vcpu-dsv5", full: "watts-full-vcpu-dsv5", server: SERVER, vcpus: VCPUS };

/// `Dads` have processors of AMD, of the third generation.
const EPYC: Power = Power {
    idle: "watts-idle-vcpu-epyc-3rd-gen",
    full: "watts-full-vcpu-epyc-3rd-gen",
    server: SERVER,
    vcpus: VCPUS,
};

const AVERAGE: Power =
    Power { idle: "watts-idle-vcpu-average", full: "watts-full-vcpu-average", server: SERVER, vcpus: VCPUS };
