//! Google Cloud: containers and functions on Cloud Run, sites behind its content delivery, managed databases.
//!
//! Objects are what Terraform calls them (`google_cloud_run_v2_service`), with its attributes; they are priced from the
//! tables in `data/`. Nothing here talks to the cloud. Start reading at [`catalogue`], then [`lower`].

mod bill;
mod catalogue;
mod lower;
mod offerings;
mod run;
mod servers;
mod storage;

use std::sync::LazyLock;

use appia_diag::Diagnostics;
use appia_intent::units::{Bytes, Cpu};
use appia_plan::phase::SizedApp;
use appia_plan::{Capacity, Charge, Fact, Facts, NameRule, Object, Offering, Outline, RenderedFiles, Target};

/// The word after `--target`.
const NAME: &str = "gcp";

/// Google Cloud.
pub(crate) struct Gcp;

static FACTS: LazyLock<Facts> = LazyLock::new(|| Facts {
    replicas: Fact::new(
        1,
        "Appia's default, chosen as the least that runs: what has to survive a zone states more",
    ),
    cpu: Fact::new(Cpu::from_millis(250), "Appia's default, chosen as a quarter of a processor"),
    memory: Fact::new(
        Bytes::from_mib(512),
        "the default of Cloud Run (https://docs.cloud.google.com/run/docs/configuring/services/memory-limits)",
    ),
    names: NameRule { max_length: 49, starts_with_letter: true },
    runs_builds: false,
});

static CAPACITIES: LazyLock<Vec<Capacity>> = LazyLock::new(catalogue::all);

static OFFERINGS: LazyLock<Vec<Offering>> = LazyLock::new(offerings::all);

impl Target for Gcp {
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
