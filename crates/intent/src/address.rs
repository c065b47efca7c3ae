//! Addresses: how every value of a plan is named, on the command line, in JSON and between crates.

use std::fmt;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::{ResourceName, WorkloadName};

/// A dotted path: `workloads.api`, `resources.db`, `routes.web`, `outcomes.latency_p95`, and fields of them, such as
/// `workloads.api.replicas`.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Address(Arc<str>);

impl Address {
    /// An address as a person typed it. Whether it names something is for the plan to say.
    pub fn parse(text: &str) -> Address {
        Address(text.trim().into())
    }

    /// `workloads.NAME`.
    pub fn workload(name: &WorkloadName) -> Address {
        Address(format!("workloads.{name}").into())
    }

    /// `resources.NAME`.
    pub fn resource(name: &ResourceName) -> Address {
        Address(format!("resources.{name}").into())
    }

    /// `routes.NAME`, the public route of a workload.
    pub fn route(name: &WorkloadName) -> Address {
        Address(format!("routes.{name}").into())
    }

    /// `outcomes.NAME`.
    pub fn outcome(name: &str) -> Address {
        Address(format!("outcomes.{name}").into())
    }

    /// A field of this address.
    #[must_use]
    pub fn field(&self, name: &str) -> Address {
        Address(format!("{}.{name}", self.0).into())
    }

    /// The address without its last field; `None` at the top.
    pub fn parent(&self) -> Option<Address> {
        self.0.rsplit_once('.').map(|(parent, _)| Address(parent.into()))
    }

    /// The last field.
    pub fn last(&self) -> &str {
        self.0.rsplit_once('.').map_or(&self.0, |(_, last)| last)
    }

    /// The address as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0)
    }
}

impl fmt::Debug for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", &self.0)
    }
}
