//! The names of the figures in `data/carbon.csv`.

use crate::footprint::{Figures, Power};

/// What is behind what is bought: the family where its name tells it, else the average of the cloud.
pub(super) const FIGURES: Figures = Figures {
    memory: "memory",
    storage: "storage-ssd",
    network: "network",
    life: "server-life",
    machines: &[
        ("fargate-x86", FARGATE),
        ("lambda-x86", LAMBDA),
        (".m6g.", M6G),
        (".m7g.", M7G),
        (".r7g.", R7G),
        (".t4g.", T4G),
        ("", AVERAGE),
    ],
    copies: &[
        ("rds-gp3-storage-multi-az", "copies-rds-multi-az"),
        ("rds-backup", "copies-rds-backup"),
        ("rds-", "copies-ebs"),
        ("s3-", "copies-s3"),
    ],
    outward: &["cloudfront-egress", "transfer-internet"],
};

const FARGATE: Power = Power {
    idle: "fargate-x86-idle",
    full: "fargate-x86-full",
    server: "fargate-x86-embodied",
    vcpus: "fargate-x86-server-vcpu",
};

const LAMBDA: Power = Power {
    idle: "lambda-x86-idle",
    full: "lambda-x86-full",
    server: "lambda-x86-embodied",
    vcpus: "lambda-x86-server-vcpu",
};

const M6G: Power =
    Power { idle: "m6g-idle", full: "m6g-full", server: "m6g-embodied", vcpus: "m6g-server-vcpu" };

const M7G: Power =
    Power { idle: "m7g-idle", full: "m7g-full", server: "m7g-embodied", vcpus: "m7g-server-vcpu" };

const R7G: Power =
    Power { idle: "r7g-idle", full: "r7g-full", server: "r7g-embodied", vcpus: "r7g-server-vcpu" };

const T4G: Power =
    Power { idle: "t4g-idle", full: "t4g-full", server: "t4g-embodied", vcpus: "t4g-server-vcpu" };

/// Of making an unknown machine: that of a common one.
const AVERAGE: Power =
    Power { idle: "default-idle", full: "default-full", server: "m6a-embodied", vcpus: "m6a-server-vcpu" };
