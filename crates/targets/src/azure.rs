//! Microsoft Azure: containers on Container Apps, functions, sites behind Front Door, managed databases.
//!
//! Objects are what Terraform calls them (`azurerm_container_app`), with its attributes; they are priced from the
//! tables in `data/`. Nothing here talks to the cloud. Start reading at [`catalogue`], then [`lower`].

mod apps;
mod bill;
mod catalogue;
mod footprint;
mod lower;
mod offerings;
mod servers;
mod storage;

use std::sync::LazyLock;

use appia_intent::units::{Bytes, Cpu};
use appia_plan::{Fact, Facts, NameRule};

use crate::cloud::{Cloud, REPLICAS};

/// The word after `--target`.
const NAME: &str = "azure";

/// Microsoft Azure.
pub(crate) static CLOUD: Cloud = Cloud {
    name: NAME,
    facts: LazyLock::new(|| Facts {
        replicas: REPLICAS,
        cpu: Fact::new(Cpu::from_millis(250), "the smallest container app"),
        memory: Fact::new(Bytes::from_mib(512), "the memory of the smallest container app"),
        names: NameRule { max_length: 32, starts_with_letter: true },
        runs_builds: false,
    }),
    capacities: LazyLock::new(catalogue::all),
    offerings: LazyLock::new(offerings::all),
    lower: lower::lower,
    around: bill::around,
    charges: bill::charges,
    terraform: None,
};
