//! The plan itself: immutable, complete, the same bytes on every machine.

use std::collections::BTreeMap;
use std::fmt;

use appia_intent::{Address, AppName, ContainerName, EnvironmentName, WorkloadName};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::canonical::Hash;
use crate::measured::Measured;
use crate::model::{Carbon, Cost, Infeasible, Model};
use crate::{Digest, Object, ReasonId, Reasons, desired};

/// The version of the plan's file format.
pub const PLAN_FORMAT: u32 = 1;

/// Exactly how: what a target makes, with every number's reason. Leaves no choice to execution.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Plan {
    /// [`PLAN_FORMAT`] when it was made.
    pub format: u32,
    /// Of the desired state and the digests of its inputs; see [`Plan::compute_digest`].
    pub digest: Digest,
    /// The plan that was deployed when this one was made; `None`: none was, or nobody asked. Not part of the digest.
    pub parent: Option<Digest>,
    /// The application.
    pub app: AppName,
    /// The environment.
    pub environment: EnvironmentName,
    /// The target's name.
    pub target: String,
    /// What is deployed.
    pub release: Release,
    /// What it was made from.
    pub inputs: Inputs,
    /// Workloads, resources, routes and secrets, by address.
    pub nodes: Vec<Node>,
    /// Each promise and what becomes of it.
    pub outcomes: Vec<OutcomeResult>,
    /// What it costs; `None`: no outcomes asked for numbers.
    #[serde(default)]
    pub cost: Option<Cost>,
    /// What it emits; `None`: nobody knows what the place emits, or no outcomes asked for numbers.
    #[serde(default)]
    pub carbon: Option<Carbon>,
    /// Why outcomes cannot be met; `None`: they can, or none asked for numbers.
    #[serde(default)]
    pub infeasible: Option<Infeasible>,
    /// What its numbers were computed from; `None`: no outcomes asked for numbers.
    #[serde(default)]
    pub model: Option<Model>,
    /// What guardrails say of it.
    pub verdict: Verdict,
    /// Why each value is what it is.
    pub reasons: Reasons,
}

impl Plan {
    /// The digest over the desired state and the digests of its inputs: never over reasons, labels,
    /// actions, the parent or dates.
    pub fn compute_digest(&self) -> Digest {
        let mut hash = Hash::new();
        desired::write(self, &mut hash);
        hash.digest()
    }

    /// Every object, in the order of the nodes.
    pub fn objects(&self) -> impl Iterator<Item = &Object> {
        self.nodes.iter().flat_map(|node| &node.objects)
    }

    /// The node at an address.
    pub fn node(&self, address: &Address) -> Option<&Node> {
        self.nodes.iter().find(|node| node.address == *address)
    }
}

/// One thing the plan is about.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Node {
    /// `workloads.api`.
    pub address: Address,
    /// `service`, `postgres`, `route`, `secret`.
    #[serde(rename = "type")]
    pub kind: String,
    /// Addresses that come first.
    pub needs: Vec<Address>,
    /// The offering that provides it.
    pub offering: String,
    /// Its numbers and choices.
    pub values: BTreeMap<String, Value>,
    /// The reason of each value.
    pub why: BTreeMap<String, ReasonId>,
    /// What the target makes of it.
    pub objects: Vec<Object>,
}

/// What a plan was made from.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Inputs {
    /// Files and tables, by name.
    pub files: BTreeMap<String, InputFile>,
    /// What builds make, by workload and container.
    pub artifacts: BTreeMap<WorkloadName, BTreeMap<ContainerName, ArtifactId>>,
    /// Images given on the command line, by workload.
    pub images: BTreeMap<WorkloadName, String>,
    /// The application's version, as a label.
    pub version: Option<String>,
    /// The commit it was built from, as a label; with `-dirty` when there was more.
    pub commit: Option<String>,
    /// What was measured; its file is among [`Inputs::files`], so it is not kept twice.
    #[serde(skip)]
    pub measured: Option<Measured>,
}

/// One file or table.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct InputFile {
    /// Of its bytes.
    pub digest: Digest,
    /// For a table: the day it was right.
    pub date: Option<String>,
}

/// What a build makes, named by the content of everything that goes into it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct ArtifactId(pub String);

impl fmt::Display for ArtifactId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0)
    }
}

/// A built version of an application, the same in every environment. Version and commit are labels.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Release {
    /// Over the artefacts and images of all workloads.
    pub id: Digest,
    /// The application's own version.
    pub version: Option<String>,
    /// The commit it was built from.
    pub commit: Option<String>,
}

/// `0.3.1 (a1b2c3d, 3f9a1c2b7d4e)`.
impl fmt::Display for Release {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let labels = [self.version.as_deref(), self.commit.as_deref(), Some(self.id.short())];
        let text: Vec<&str> = labels.into_iter().flatten().collect();
        f.pad(&text.join(" "))
    }
}

/// A promise and what becomes of it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct OutcomeResult {
    /// `outcomes.latency_p95`.
    pub address: Address,
    /// As stated, with its unit.
    pub promised: String,
    /// As the plan computes it; `None`: not computed for this target yet.
    pub computed: Option<String>,
    /// How far from breaking, as a fraction of the promise.
    pub margin: Option<f64>,
    /// Whether it is kept; `None`: not known.
    pub met: Option<bool>,
}

/// What guardrails say of a plan.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Verdict {
    /// It may be applied.
    Apply,
    /// A person has to agree.
    Approve,
    /// It must not be applied.
    Deny,
}
