//! What a target has to be able to do, and what it offers.

use std::borrow::Cow;
use std::collections::BTreeMap;

use appia_diag::Diagnostics;
use appia_intent::units::{Bytes, Cpu};
use appia_intent::{Address, WorkloadKind};

use crate::phase::{ResolvedApp, SizedApp};
use crate::{Capacity, Charge, Object};

/// Files that a target renders, by path relative to the output folder.
pub type RenderedFiles = BTreeMap<String, Vec<u8>>;

/// A place that a plan can go to. Pure: facts, objects and text; drivers do the rest.
pub trait Target: Sync {
    /// The word after `--target`.
    fn name(&self) -> &'static str;

    /// What is known about the place.
    fn facts(&self) -> &Facts;

    /// What it can give, what that costs and how it fails: one for each of its regions, and at least one.
    fn capacities(&self) -> &[Capacity];

    /// What it provides.
    fn offerings(&self) -> &[Offering];

    /// Makes its objects; what it cannot do goes to `sink`.
    fn lower(&self, app: &SizedApp, sink: &mut Diagnostics) -> Vec<Object>;

    /// What its objects are charged by.
    fn charges(&self, app: &SizedApp, objects: &[Object]) -> Vec<Charge>;

    /// What is charged beside workloads and servers: what stands around them, and what comes by use. Sizing asks before
    /// there are objects; the price pass counts those, and the two have to agree.
    fn around(&self, _outline: &Outline<'_>) -> Vec<Charge> {
        Vec::new()
    }

    /// Why it cannot be turned into files yet; none: it can.
    fn unrendered(&self) -> Option<&'static str> {
        None
    }

    /// Turns objects into the files a person would keep.
    fn render(&self, app: &SizedApp, objects: &[Object]) -> RenderedFiles;
}

/// What is known of an application before its objects are made.
#[derive(Debug, Clone, Copy)]
pub struct Outline<'a> {
    /// The application.
    pub app: &'a ResolvedApp,
    /// Where it goes.
    pub capacity: &'a Capacity,
    /// What requests come to.
    pub usage: &'a Usage,
    /// Losing a zone has to be possible.
    pub spread: bool,
}

/// What requests come to in a month, by workload and resource.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Usage(pub BTreeMap<Address, Use>);

impl Usage {
    /// Of one; nothing where no requests come.
    pub fn of(&self, address: &Address) -> Use {
        self.0.get(address).copied().unwrap_or_default()
    }
}

/// What requests come to in a month.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Use {
    /// Requests.
    pub requests: u64,
    /// Bytes that leave for people and programs outside.
    pub bytes_out: u64,
    /// Billionths of a second that one request is served.
    pub service_nanos: u64,
}

/// A figure with its source.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fact<T> {
    /// The figure.
    pub value: T,
    /// Where it comes from, for people.
    pub source: Cow<'static, str>,
}

impl<T> Fact<T> {
    /// A figure with its source.
    pub const fn new(value: T, source: &'static str) -> Fact<T> {
        Fact { value, source: Cow::Borrowed(source) }
    }
}

/// What is known about a place.
#[derive(Debug, Clone, PartialEq)]
pub struct Facts {
    /// Replicas of a workload where nothing says more.
    pub replicas: Fact<u32>,
    /// Processor share of a container where nothing says more.
    pub cpu: Fact<Cpu>,
    /// Memory of a container where nothing says more.
    pub memory: Fact<Bytes>,
    /// Names that it accepts beyond the naming rule.
    pub names: NameRule,
    /// Whether a workload that is built runs there without an image.
    pub runs_builds: bool,
}

/// What a target asks of names.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct NameRule {
    /// Most characters.
    pub max_length: usize,
    /// A name has to begin with a letter.
    pub starts_with_letter: bool,
}

/// A paved way to provide something somewhere.
#[derive(Debug, Clone, PartialEq)]
pub struct Offering {
    /// Its name, `local/postgres`.
    pub name: Cow<'static, str>,
    /// What it provides.
    pub provides: Provides,
    /// Only resources of this class, when stated.
    pub class: Option<Cow<'static, str>>,
    /// What a resource's users may read.
    pub outputs: Vec<Output>,
    /// What a resource's author may say.
    pub params: Vec<ParamSpec>,
    /// One sentence for people.
    pub summary: Cow<'static, str>,
}

/// What an offering provides.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Provides {
    /// Resources of this type.
    Resource(Cow<'static, str>),
    /// Workloads of this kind.
    Workload(WorkloadKind),
}

/// A value that users of a resource may read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Output {
    /// `host`.
    pub name: Cow<'static, str>,
    /// It is a secret or holds one.
    pub secret: bool,
}

/// A parameter that a resource takes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ParamSpec {
    /// `version`.
    pub name: Cow<'static, str>,
    /// What it takes.
    pub kind: ParamKind,
    /// What it is when nothing is stated, as a person would write it.
    pub default: Option<Fact<Cow<'static, str>>>,
    /// One sentence for people.
    pub summary: Cow<'static, str>,
}

/// What a parameter takes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ParamKind {
    /// A version: `16`, `16.2`.
    Version,
    /// An amount of storage.
    Storage,
    /// A text.
    Text,
    /// A number of things.
    Count,
    /// Anything.
    Any,
}
