//! Google Cloud: containers and functions on Cloud Run, sites behind its content delivery, managed databases.
//!
//! Objects are what Terraform calls them (`google_cloud_run_v2_service`), with its attributes; they are priced from the
//! tables in `data/`. Nothing here talks to the cloud. Start reading at [`catalogue`], then [`lower`].

mod bill;
mod catalogue;
mod footprint;
mod lower;
mod offerings;
mod run;
mod servers;
mod storage;

use std::sync::LazyLock;

use appia_intent::units::{Bytes, Cpu};
use appia_plan::{Fact, Facts, NameRule};

use crate::cloud::{Cloud, REPLICAS};

/// The word after `--target`.
const NAME: &str = "gcp";

/// Google Cloud.
pub(crate) static CLOUD: Cloud = Cloud {
    name: NAME,
    facts: LazyLock::new(|| Facts {
        replicas: REPLICAS,
        cpu: Fact::new(Cpu::from_millis(250), "Appia's default, chosen as a quarter of a processor"),
        memory: Fact::new(
            Bytes::from_mib(512),
            "the default of Cloud Run (https://docs.cloud.google.com/run/docs/configuring/services/memory-limits)",
        ),
        names: NameRule { max_length: 49, starts_with_letter: true },
        runs_builds: false,
    }),
    capacities: LazyLock::new(catalogue::all),
    offerings: LazyLock::new(offerings::all),
    lower: lower::lower,
    around: bill::around,
    charges: bill::charges,
    terraform: None,
};
