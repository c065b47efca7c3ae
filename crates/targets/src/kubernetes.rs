//! A Kubernetes cluster: manifests that pass its strict schema and the restricted pod security standard.
//!
//! One namespace for each application and environment, one file for each workload and resource, secrets by reference
//! only. Nothing here talks to a cluster. Start reading at [`lower`], then `render`.

mod capacity;
mod charges;
mod env;
mod files;
mod images;
mod lower;
mod manifest;
mod names;
mod network;
mod offerings;
mod pod;
mod probes;
mod quantity;
mod reach;
mod render;
mod requirements;
mod scope;
mod servers;
mod service;
mod values;
mod volumes;
mod workload;
mod yaml;

use std::sync::LazyLock;

use appia_diag::Diagnostics;
use appia_intent::units::{Bytes, Cpu};
use appia_plan::phase::SizedApp;
use appia_plan::{Capacity, Charge, Fact, Facts, NameRule, Object, Offering, RenderedFiles, Target};

use crate::hosts::Domain;

/// The word after `--target`.
const NAME: &str = "kubernetes";

/// Stands in for the names that lead to a cluster; kept for examples (RFC 2606, section 3), so it never leads anywhere.
const DOMAIN: Domain = Domain("example.com");

/// A Kubernetes cluster.
pub(crate) struct Kubernetes;

static FACTS: LazyLock<Facts> = LazyLock::new(|| Facts {
    replicas: Fact::new(
        1,
        "Appia's default, chosen as the least that runs: what has to survive a node or an update states more",
    ),
    cpu: Fact::new(
        Cpu::from_millis(100),
        "Appia's default, chosen as a tenth of a core: it is reserved on a node whether used or not, and a share is no limit",
    ),
    memory: Fact::new(
        Bytes::from_mib(256),
        "Appia's default, chosen as what a small service of any common runtime starts in",
    ),
    // Longer names, and those that begin with a digit, are changed where Kubernetes does not take them.
    names: NameRule { max_length: 63, starts_with_letter: false },
    runs_builds: false,
});

static CAPACITY: LazyLock<[Capacity; 1]> = LazyLock::new(|| [capacity::all()]);

static OFFERINGS: LazyLock<Vec<Offering>> = LazyLock::new(offerings::all);

impl Target for Kubernetes {
    fn name(&self) -> &'static str {
        NAME
    }

    fn facts(&self) -> &Facts {
        &FACTS
    }

    fn capacities(&self) -> &[Capacity] {
        CAPACITY.as_slice()
    }

    fn offerings(&self) -> &[Offering] {
        &OFFERINGS
    }

    fn lower(&self, app: &SizedApp, sink: &mut Diagnostics) -> Vec<Object> {
        lower::lower(app, sink)
    }

    fn charges(&self, _: &SizedApp, objects: &[Object]) -> Vec<Charge> {
        charges::charges(objects)
    }

    fn render(&self, app: &SizedApp, objects: &[Object]) -> RenderedFiles {
        render::render(app, objects)
    }
}
