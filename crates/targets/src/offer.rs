//! How a target writes down what it offers: short, so that a list of offerings reads as a table.
//!
//! Called by each target's `offerings.rs`; it decides nothing.

use std::borrow::Cow;

use appia_intent::WorkloadKind;
use appia_plan::{Fact, Offering, Output, ParamKind, ParamSpec, Provides};

/// The type that stands for what exists already.
pub(crate) const EXTERNAL: &str = "external";

/// Offers every kind of workload, each in a sentence.
pub(crate) fn workloads(
    target: &'static str,
    summary: fn(WorkloadKind) -> &'static str,
) -> impl Iterator<Item = Offering> {
    WorkloadKind::ALL.iter().map(move |(word, kind)| Offering {
        name: Cow::Owned(format!("{target}/{word}")),
        provides: Provides::Workload(*kind),
        class: None,
        outputs: Vec::new(),
        params: Vec::new(),
        summary: Cow::Borrowed(summary(*kind)),
    })
}

/// Offers a type of resource.
pub(crate) fn resource(target: &'static str, kind: &'static str, summary: &'static str) -> Offering {
    Offering {
        name: Cow::Owned(format!("{target}/{kind}")),
        provides: Provides::Resource(Cow::Borrowed(kind)),
        class: None,
        outputs: Vec::new(),
        params: Vec::new(),
        summary: Cow::Borrowed(summary),
    }
}

/// Adds to an offering what its users may read and its authors may say.
pub(crate) trait Describe: Sized {
    /// Outputs that hold no secret.
    #[must_use]
    fn open(self, names: &[&'static str]) -> Self;

    /// Outputs that are a secret or hold one.
    #[must_use]
    fn secret(self, names: &[&'static str]) -> Self;

    /// A parameter without a default.
    #[must_use]
    fn param(self, name: &'static str, kind: ParamKind, summary: &'static str) -> Self;

    /// A default for the parameter added last, with its source.
    #[must_use]
    fn default(self, value: &'static str, source: &'static str) -> Self;
}

impl Describe for Offering {
    fn open(mut self, names: &[&'static str]) -> Offering {
        self.outputs.extend(names.iter().map(|name| Output { name: Cow::Borrowed(name), secret: false }));
        self
    }

    fn secret(mut self, names: &[&'static str]) -> Offering {
        self.outputs.extend(names.iter().map(|name| Output { name: Cow::Borrowed(name), secret: true }));
        self
    }

    fn param(mut self, name: &'static str, kind: ParamKind, summary: &'static str) -> Offering {
        let (name, summary) = (Cow::Borrowed(name), Cow::Borrowed(summary));
        self.params.push(ParamSpec { name, kind, default: None, summary });
        self
    }

    fn default(mut self, value: &'static str, source: &'static str) -> Offering {
        if let Some(param) = self.params.last_mut() {
            param.default = Some(Fact::new(Cow::Borrowed(value), source));
        }
        self
    }
}

/// What exists already: any parameter, and the outputs that are stated.
pub(crate) fn external(target: &'static str, summary: &'static str) -> Offering {
    resource(target, EXTERNAL, summary).param("*", ParamKind::Any, "kept for whoever provides it")
}

/// A server with one database; its version and its room have defaults, the room's with a source.
pub(crate) fn database(
    target: &'static str,
    (kind, summary): (&'static str, &'static str),
    version: &'static str,
    (room, source): (&'static str, &'static str),
) -> Offering {
    resource(target, kind, summary)
        .open(&["host", "port", "name", "database", "username"])
        .secret(&["password", "url"])
        .param("version", ParamKind::Version, "the engine's version")
        .default(version, "Appia's default, chosen as a version with years of support left")
        .param("storage", ParamKind::Storage, "room for its data")
        .default(room, source)
        .param(
            "max_connections",
            ParamKind::Count,
            "connections at the same time; that of its size without it",
        )
}

/// A server of Redis that keeps everything in memory, of a version with its source.
pub(crate) fn redis(
    target: &'static str,
    summary: &'static str,
    (version, source): (&'static str, &'static str),
) -> Offering {
    resource(target, "redis", summary)
        .open(&["host", "port", "username"])
        .secret(&["password", "url"])
        .param("version", ParamKind::Version, "the engine's version")
        .default(version, source)
        .param("storage", ParamKind::Storage, "not used: everything is in memory")
}

/// A place for files, with the outputs that users may read.
pub(crate) fn bucket(target: &'static str, summary: &'static str, outputs: &[&'static str]) -> Offering {
    resource(target, "bucket", summary)
        .open(outputs)
        .param("storage", ParamKind::Storage, "how much it is expected to hold, for its price")
        .default(
            "10Gi",
            "Appia's default, chosen as a small collection of files; it is a guess for the price and no limit",
        )
}

/// A host name that leads to the application from outside.
pub(crate) fn dns(target: &'static str, summary: &'static str) -> Offering {
    resource(target, "dns", summary)
        .open(&["host", "url"])
        .param("host", ParamKind::Text, "the host name to use instead of a made one")
        .param("workload", ParamKind::Text, "the workload that it leads to")
}

/// A path of a host that leads to a workload.
pub(crate) fn route(target: &'static str, summary: &'static str) -> Offering {
    resource(target, "route", summary)
        .param("host", ParamKind::Text, "the host name")
        .param("path", ParamKind::Text, "the path prefix")
        .default("/", "everything below the host, as in the Score examples")
        .param("port", ParamKind::Text, "the workload's port, by number or name")
        .param("workload", ParamKind::Text, "the workload that it leads to")
}

/// Where another workload's port is.
pub(crate) fn service_port(target: &'static str, summary: &'static str) -> Offering {
    resource(target, "service-port", summary)
        .open(&["hostname", "port"])
        .param("workload", ParamKind::Text, "the workload to find")
        .param("port", ParamKind::Text, "its port, by number or name")
}
