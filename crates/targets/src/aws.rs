//! Amazon Web Services: containers on Fargate behind a load balancer, functions, sites at the edge, managed databases.
//!
//! Objects are what Terraform calls them (`aws_ecs_service`), with its attributes; they are priced from the tables in
//! `data/`. Nothing here talks to the cloud. Start reading at [`catalogue`], then [`lower`].

mod bill;
mod catalogue;
mod certificates;
mod containers;
mod entrance;
mod footprint;
mod functions;
mod identity;
mod lower;
mod names;
mod network;
mod offerings;
mod servers;
mod sites;
mod storage;
mod tasks;
mod values;
mod watching;
mod written;

use std::sync::LazyLock;

use appia_intent::units::{Bytes, Cpu};
use appia_plan::{Digest, Fact, Facts, NameRule};

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
    terraform: Some(written::TERRAFORM),
};

/// At most so many characters; what is cut off is told apart by a digest.
fn short(name: &str, most: usize) -> String {
    if name.chars().count() <= most {
        return name.to_owned();
    }
    let digest = Digest::of(name.as_bytes());
    let end: String = digest.short().chars().take(8).collect();
    let start: String = name.chars().take(most.saturating_sub(9)).collect();
    format!("{}-{end}", start.trim_end_matches('-'))
}
