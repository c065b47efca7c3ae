//! Amazon Web Services: containers on Fargate behind a load balancer, functions, sites at the edge, managed databases.
//!
//! Objects are what Terraform calls them (`aws_ecs_service`), with its attributes; they are priced from the tables in
//! `data/`. Nothing here talks to the cloud. Start reading at [`catalogue`], then [`lower`].

mod bill;
mod catalogue;
mod containers;
mod entrance;
mod footprint;
mod lower;
mod network;
mod offerings;
mod servers;
mod storage;

use std::sync::LazyLock;

use appia_intent::units::{Bytes, Cpu};
use appia_plan::{Fact, Facts, NameRule};

use crate::cloud::{Cloud, REPLICAS};

/// The word after `--target`.
const NAME: &str = "aws";

/// Amazon Web Services.
pub(crate) static CLOUD: Cloud = Cloud {
    name: NAME,
    facts: LazyLock::new(|| Facts {
        replicas: REPLICAS,
        cpu: Fact::new(Cpu::from_millis(250), "the smallest task of Fargate"),
        memory: Fact::new(Bytes::from_mib(512), "the memory of the smallest task of Fargate"),
        // Of a load balancer and a target group: 32 characters, with what stands before the name.
        names: NameRule { max_length: 63, starts_with_letter: false },
        runs_builds: false,
    }),
    capacities: LazyLock::new(catalogue::all),
    offerings: LazyLock::new(offerings::all),
    lower: lower::lower,
    around: bill::around,
    charges: bill::charges,
};
