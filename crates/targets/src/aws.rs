//! Amazon Web Services: containers on Fargate behind a load balancer, functions, sites at the edge, managed databases.
//!
//! Objects are what Terraform calls them (`aws_ecs_service`), with its attributes; they are priced from the tables in
//! `data/`. Nothing here talks to the cloud. Start reading at [`catalogue`], then [`lower`].

mod bill;
mod catalogue;
mod containers;
mod entrance;
mod lower;
mod network;
mod offerings;
mod servers;
mod storage;

use std::sync::LazyLock;

use appia_diag::Diagnostics;
use appia_intent::units::{Bytes, Cpu};
use appia_plan::phase::SizedApp;
use appia_plan::{Capacity, Charge, Fact, Facts, NameRule, Object, Offering, Outline, RenderedFiles, Target};

/// The word after `--target`.
const NAME: &str = "aws";

/// Amazon Web Services.
pub(crate) struct Aws;

static FACTS: LazyLock<Facts> = LazyLock::new(|| Facts {
    replicas: Fact::new(
        1,
        "Appia's default, chosen as the least that runs: what has to survive a zone states more",
    ),
    cpu: Fact::new(Cpu::from_millis(250), "the smallest task of Fargate"),
    memory: Fact::new(Bytes::from_mib(512), "the memory of the smallest task of Fargate"),
    // Of a load balancer and a target group: 32 characters, with what stands before the name.
    names: NameRule { max_length: 63, starts_with_letter: false },
    runs_builds: false,
});

static CAPACITIES: LazyLock<Vec<Capacity>> = LazyLock::new(catalogue::all);

static OFFERINGS: LazyLock<Vec<Offering>> = LazyLock::new(offerings::all);

impl Target for Aws {
    fn name(&self) -> &'static str {
        NAME
    }

    fn facts(&self) -> &Facts {
        &FACTS
    }

    fn capacities(&self) -> &[Capacity] {
        &CAPACITIES
    }

    fn offerings(&self) -> &[Offering] {
        &OFFERINGS
    }

    fn lower(&self, app: &SizedApp, sink: &mut Diagnostics) -> Vec<Object> {
        lower::lower(app, &CAPACITIES, sink)
    }

    fn around(&self, outline: &Outline<'_>) -> Vec<Charge> {
        bill::around(outline)
    }

    fn charges(&self, app: &SizedApp, objects: &[Object]) -> Vec<Charge> {
        bill::charges(app, &CAPACITIES, objects)
    }

    fn unrendered(&self) -> Option<&'static str> {
        Some("Terraform files are not rendered yet")
    }

    fn render(&self, _: &SizedApp, _: &[Object]) -> RenderedFiles {
        RenderedFiles::new()
    }
}
