//! What every cloud has in common: being a target, the walk over an application, how objects name each other, how much
//! comes by use.
//!
//! Called by the folders of the clouds, which bring their tables and their words: each is a [`Cloud`]. It knows no cloud
//! and no price. Start reading at [`Cloud`], then [`lower`].

pub(crate) mod bill;
pub(crate) mod lower;
pub(crate) mod terraform;
pub(crate) mod values;

use std::collections::BTreeMap;
use std::sync::LazyLock;

use appia_diag::Diagnostics;
use appia_intent::units::{Cpu, Duration};
use appia_intent::{Address, Container, Workload, WorkloadKind};
use appia_plan::phase::{ResolvedApp, SizedApp};
use appia_plan::{
    BodyText, Capacity, Charge, Fact, Facts, Failures, Object, ObjectId, Offering, Outline, Per, Prices,
    Rate, Region, RenderedFiles, Retention, Target, Usage,
};
use rust_decimal::Decimal;
use serde::Serialize;

use crate::book::{Book, Texts};
use crate::containers;

use self::terraform::Terraform;
pub(crate) use self::terraform::marks::{Block, Part, Reference, Variable, refer};

/// A cloud: what makes one differ from another.
pub(crate) struct Cloud {
    /// The word after `--target`.
    pub(crate) name: &'static str,
    /// What is known about it.
    pub(crate) facts: LazyLock<Facts>,
    /// Its regions, by name.
    pub(crate) capacities: LazyLock<Vec<Capacity>>,
    /// What it provides.
    pub(crate) offerings: LazyLock<Vec<Offering>>,
    /// Makes the objects of an application in a region.
    pub(crate) lower: fn(&SizedApp, Option<&Capacity>, &mut Diagnostics) -> Vec<Object>,
    /// What stands around workloads and servers, and what comes by use.
    pub(crate) around: fn(&Outline<'_>) -> Vec<Charge>,
    /// What the objects are charged by.
    pub(crate) charges: fn(&SizedApp, &[Capacity], &[Object]) -> Vec<Charge>,
    /// How the objects are written.
    pub(crate) terraform: Option<Terraform>,
}

impl Target for Cloud {
    fn name(&self) -> &'static str {
        self.name
    }

    fn facts(&self) -> &Facts {
        &self.facts
    }

    fn capacities(&self) -> &[Capacity] {
        &self.capacities
    }

    fn offerings(&self) -> &[Offering] {
        &self.offerings
    }

    fn lower(&self, app: &SizedApp, sink: &mut Diagnostics) -> Vec<Object> {
        (self.lower)(app, capacity(&self.capacities, app), sink)
    }

    fn around(&self, outline: &Outline<'_>) -> Vec<Charge> {
        (self.around)(outline)
    }

    fn charges(&self, app: &SizedApp, objects: &[Object]) -> Vec<Charge> {
        (self.charges)(app, &self.capacities, objects)
    }

    fn unrendered(&self) -> Option<&'static str> {
        self.terraform.is_none().then_some("Terraform files are not rendered yet")
    }

    fn render(&self, app: &SizedApp, objects: &[Object]) -> RenderedFiles {
        let region = capacity(&self.capacities, app).map_or("", region);
        let files = |terraform| terraform::render(terraform, app, region, objects);
        self.terraform.as_ref().map_or_else(RenderedFiles::new, files)
    }
}

/// Replicas of a workload where nothing says more.
pub(crate) const REPLICAS: Fact<u32> =
    Fact::new(1, "Appia's default, chosen as the least that runs: what has to survive a zone states more");

/// Where what all share is told.
pub(crate) const APP: &str = "app";

/// Containers that run all the time.
pub(crate) const ALWAYS: &[WorkloadKind] = &[WorkloadKind::Service, WorkloadKind::Worker];

/// Containers that run to their end.
pub(crate) const ONCE: &[WorkloadKind] = &[WorkloadKind::Job, WorkloadKind::Cron];

/// Requests that come on one connection.
pub(crate) const REQUESTS_A_CONNECTION: u64 = 10;

/// GiB of logs that a workload writes in a month, where nobody says more.
pub(crate) const LOG_GIB: u32 = 1;

/// GiB of the files of a site, where nobody says more.
pub(crate) const SITE_GIB: u32 = 1;

/// Zones that things are spread over: with fewer, losing one takes too much; more gain little.
pub(crate) fn zones(spread: bool, of_region: u32) -> u32 {
    if spread { of_region.min(3) } else { of_region.min(2) }
}

/// How a region fails.
pub(crate) fn failures(zones: u32, repair: Option<Fact<Duration>>) -> Failures {
    Failures {
        zones: Fact::new(zones.min(3), "zones of the region, at most three: replicas are spread over them"),
        zone: Fact::new(0.999, "unconfirmed: the 99.9 % that large clouds design one zone for"),
        zone_repair: Fact::new(
            Duration::from_seconds(3_600),
            "Appia's default, chosen as an hour; how long it takes moves no result, only how often it happens",
        ),
        between: Fact::new(
            Duration::from_seconds(30 * 24 * 3_600),
            "Appia's default, chosen as one failure of a replica or its host a month",
        ),
        repair: repair.unwrap_or_else(|| {
            Fact::new(
                Duration::from_seconds(120),
                "Appia's default, chosen as two minutes until a new replica answers",
            )
        }),
    }
}

/// Rates of these lines of a table; what has no price is left out, and the test of the catalogue finds it.
pub(crate) fn rates(prices: &Prices, lines: &[(&str, Per)]) -> Vec<Rate> {
    lines.iter().filter_map(|(sku, per)| Some(Rate::new(prices.first(sku)?, *per))).collect()
}

/// The whole of a share of processors that may burst: what it earns all the time.
pub(crate) fn sustained(size: &str, cpu: Cpu, baselines: &[(&str, u64)]) -> Cpu {
    let found = baselines.iter().find(|(name, _)| size.ends_with(name));
    found.map_or(cpu, |(_, millis)| Cpu::from_millis(*millis))
}

/// Every region of the tables with its zones, by name.
pub(crate) fn regions(texts: &Texts, of: fn(&Book, Region, u32) -> Capacity) -> Vec<Capacity> {
    let book = Book::read(texts);
    let mut all: Vec<Capacity> = book.regions().map(|(region, zones)| of(&book, region, zones)).collect();
    all.sort_by(|a, b| region(a).cmp(region(b)));
    all
}

/// The region that an application goes to; the first where nothing was chosen.
pub(crate) fn capacity<'a>(all: &'a [Capacity], app: &SizedApp) -> Option<&'a Capacity> {
    let name = app.region.as_ref().map(|region| region.get().as_str());
    let is = |capacity: &&Capacity| capacity.region.as_ref().map(|region| region.name.as_ref()) == name;
    all.iter().find(is).or(all.first())
}

/// The name of the region that an application goes to.
pub(crate) fn region(capacity: &Capacity) -> &str {
    capacity.region.as_ref().map_or("", |region| region.name.as_ref())
}

/// What is said on everything that an application owns.
pub(crate) fn tags(app: &SizedApp) -> BTreeMap<&'static str, String> {
    let frame = &app.frame;
    let own = [("app", frame.app.to_string()), ("environment", frame.environment.to_string())];
    let owner = frame.owner.as_ref().map(|owner| ("owner", owner.to_string()));
    own.into_iter().chain(owner).chain([("managed-by", "appia".to_owned())]).collect()
}

/// An image that is named by its content.
const BY_DIGEST: (&str, &str) =
    ("@sha256:[0-9a-f]{64}$", "Name the image by its digest: REGISTRY/NAME@sha256:...");

/// The image as stated or given, else a variable of whoever applies, who has to name it by its digest.
pub(crate) fn image(app: &SizedApp, workload: &Workload, container: &Container) -> Part {
    if let Some(image) = containers::image(&app.frame, workload, container) {
        return image.into();
    }
    let (name, part) = (workload.name.value.as_str(), container.name.value.as_str());
    let several = workload.containers.len() > 1;
    let whole = if several { format!("{name}_{part}") } else { name.to_owned() };
    Part::Variable(Variable {
        name: format!("image_{}", whole.replace('-', "_")),
        why: format!("The image of `{name}`, built from its source and pushed, by its digest"),
        form: Some(BY_DIGEST),
        default: None,
    })
}

/// A name inside of a configuration: letters, digits, `-` and `_`, and no digit first.
pub(crate) fn word(name: &str) -> String {
    if name.starts_with(|first: char| first.is_ascii_digit()) { format!("_{name}") } else { name.to_owned() }
}

/// The type of a resource at an address; none: it is no resource's.
pub(crate) fn kind_at<'a>(app: &'a SizedApp, address: &Address) -> Option<&'a str> {
    let name = address.as_str().strip_prefix("resources.")?;
    app.resources.get(name).map(|found| found.resolved.stated.kind.value.as_str())
}

/// An object; whatever it refers to comes first.
pub(crate) fn object(
    id: &ObjectId,
    address: &Address,
    needs: &[&ObjectId],
    attributes: &impl Serialize,
) -> Object {
    Object {
        id: id.clone(),
        address: address.clone(),
        needs: needs.iter().map(|id| (*id).clone()).collect(),
        body: BodyText::of_set(attributes),
        retention: Retention::Nothing,
    }
}

/// The same, and what it holds outlives it.
pub(crate) fn keeper(object: Object) -> Object {
    Object { retention: Retention::Data, ..object }
}

/// Public workloads of these kinds, by address.
pub(crate) fn public(app: &ResolvedApp, kinds: &[WorkloadKind]) -> Vec<Address> {
    let of = app.workloads.iter().filter(|(_, workload)| {
        workload.stated.public.is_some() && kinds.contains(&workload.stated.kind.value)
    });
    of.map(|(name, _)| Address::workload(name)).collect()
}

/// As a number of GiB.
pub(crate) fn gib(bytes: u64) -> Decimal {
    Decimal::from(bytes) / Decimal::from(1_u64 << 30)
}

/// What comes to several of them together.
pub(crate) fn total(usage: &Usage, addresses: &[Address]) -> (u64, u64) {
    let uses = addresses.iter().map(|address| usage.of(address));
    uses.fold((0, 0), |(requests, bytes), one| (requests + one.requests, bytes + one.bytes_out))
}
