//! The local machine as a platform: processes, a PostgreSQL server, folders and names in the gateway.
//!
//! Objects carry [`appia_plan::local`] bodies, which the runtime reads. Hosts, ports and passwords are filled in on
//! the machine and never stand here. Start reading at [`lower`].

mod capacity;
mod ignored;
mod lower;
mod offerings;
mod render;
mod workload;

use std::sync::LazyLock;

use appia_diag::Diagnostics;
use appia_intent::units::{Bytes, Cpu};
use appia_plan::phase::SizedApp;
use appia_plan::{Capacity, Charge, Fact, Facts, NameRule, Object, Offering, RenderedFiles, Target};

use crate::hosts::Domain;

/// The word after `--target`.
const NAME: &str = "local";

/// Names below `localhost` lead to this machine (RFC 6761, section 6.3).
const DOMAIN: Domain = Domain("localhost");

/// This machine.
pub(crate) struct Local;

static FACTS: LazyLock<Facts> = LazyLock::new(|| Facts {
    replicas: Fact::new(
        1,
        "Appia's default, chosen as one machine fails as a whole: more copies on it protect from little",
    ),
    cpu: Fact::new(
        Cpu::from_millis(250),
        "Appia's default, chosen as a quarter of a core: a dozen workloads fit a laptop, and a share is no limit",
    ),
    memory: Fact::new(
        Bytes::from_mib(256),
        "Appia's default, chosen as what a small service of any common runtime starts in",
    ),
    // A DNS label (RFC 1035, section 2.3.4), as workloads and applications stand in host names.
    names: NameRule { max_length: 63, starts_with_letter: false },
    runs_builds: true,
});

static CAPACITY: LazyLock<[Capacity; 1]> = LazyLock::new(|| [capacity::all()]);

static OFFERINGS: LazyLock<Vec<Offering>> = LazyLock::new(offerings::all);

impl Target for Local {
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

    /// This machine costs nothing.
    fn charges(&self, _: &SizedApp, _: &[Object]) -> Vec<Charge> {
        Vec::new()
    }

    fn render(&self, app: &SizedApp, objects: &[Object]) -> RenderedFiles {
        render::render(app, objects)
    }
}
