//! Objects as files of Terraform that a person would have written: by concern, with reasons, formatted.
//!
//! A cloud brings a [`Terraform`]: its provider, and for each kind of object the file it stands in and why it is there.
//! Bodies are written with hcl-edit from what `marks` says of them, never from text. Start reading at [`render`].

mod body;
mod comments;
mod expression;
mod instances;
pub(crate) mod marks;
mod needs;
mod readme;
mod settings;

use std::collections::BTreeMap;

use appia_intent::Address;
use appia_plan::phase::SizedApp;
use appia_plan::{Object, RenderedFiles};
use hcl_edit::structure::{Block, Body};
use serde_json::{Map, Value};

use self::needs::Needs;
use super::APP;

/// How a cloud is written.
pub(crate) struct Terraform {
    pub(crate) provider: Provider,
    /// Every kind of object, in the order in which a reader meets them in its file.
    pub(crate) kinds: &'static [Kind],
    /// What people ask for once it is there.
    pub(crate) outputs: &'static [Output],
    /// What files cannot do: said in the README, a sentence each.
    pub(crate) left: fn(&SizedApp) -> Vec<String>,
}

/// The plugin that makes the objects.
pub(crate) struct Provider {
    /// Its name in the files.
    pub(crate) name: &'static str,
    /// Where it comes from, `hashicorp/NAME`.
    pub(crate) source: &'static str,
    /// The very version that the files were made for.
    pub(crate) version: &'static str,
    /// What is set for all objects, from the application and its region.
    pub(crate) settings: fn(&SizedApp, &str) -> Value,
    /// What every object of a kind that is `tagged` has; none: the provider does that itself.
    pub(crate) tags: Option<fn(&SizedApp) -> Value>,
}

/// A kind of object.
#[derive(Clone, Copy)]
pub(crate) struct Kind {
    name: &'static str,
    file: &'static str,
    why: &'static str,
    numbers: bool,
    tagged: bool,
}

/// What an output shows of each object of a kind.
pub(crate) struct Output {
    /// Follows the object's name: `main_address`.
    pub(crate) name: &'static str,
    pub(crate) kind: &'static str,
    pub(crate) attribute: &'static str,
    pub(crate) why: &'static str,
}

pub(crate) const NETWORK: &str = "network.tf";
pub(crate) const DATA: &str = "data.tf";
pub(crate) const COMPUTE: &str = "compute.tf";
pub(crate) const EDGE: &str = "edge.tf";
pub(crate) const WATCHING: &str = "observability.tf";

impl Kind {
    /// Objects of a name, the file that they stand in, and why they are there.
    pub(crate) const fn new(name: &'static str, file: &'static str, why: &'static str) -> Kind {
        Kind { name, file, why, numbers: false, tagged: false }
    }

    /// The reasons of a workload's or resource's numbers stand above it.
    pub(crate) const fn with_numbers(self) -> Kind {
        Kind { numbers: true, ..self }
    }
}

/// Every file, by name.
pub(crate) fn render(
    terraform: &Terraform,
    app: &SizedApp,
    region: &str,
    objects: &[Object],
) -> RenderedFiles {
    let mut sorted: Vec<Placed<'_>> = objects.iter().map(|object| Placed::new(terraform, object)).collect();
    sorted.sort_by(|one, other| one.place().cmp(&other.place()));
    let needs = Needs::new(objects);
    let mut files = RenderedFiles::new();
    for (file, group) in by_file(&sorted) {
        let body = file_body(terraform, app, &needs, &group);
        files.insert(file.to_owned(), text(&body));
    }
    files.extend(settings::files(terraform, app, region, &sorted));
    let readme =
        readme::readme(terraform, app, &files, &settings::variables(terraform, app, region, &sorted));
    files.insert("README.md".to_owned(), readme.into_bytes());
    files
}

/// An object with its kind.
struct Placed<'a> {
    object: &'a Object,
    kind: Kind,
    rank: usize,
    body: Map<String, Value>,
}

impl<'a> Placed<'a> {
    fn new(terraform: &Terraform, object: &'a Object) -> Placed<'a> {
        let rank = terraform.kinds.iter().position(|kind| kind.name == object.id.kind);
        let known = rank.and_then(|rank| terraform.kinds.get(rank).copied());
        let body = object.body.to_value();
        Placed {
            object,
            kind: known.unwrap_or(Kind::new("", COMPUTE, "")),
            rank: rank.unwrap_or(terraform.kinds.len()),
            body: body.as_object().cloned().unwrap_or_default(),
        }
    }

    /// What all share comes before what belongs to one part.
    fn place(&self) -> (bool, &Address, usize, &appia_plan::ObjectId) {
        (self.object.address.as_str() != APP, &self.object.address, self.rank, &self.object.id)
    }
}

fn by_file<'a, 'b>(sorted: &'b [Placed<'a>]) -> BTreeMap<&'static str, Vec<&'b Placed<'a>>> {
    let mut files: BTreeMap<&'static str, Vec<&Placed<'_>>> = BTreeMap::new();
    for placed in sorted {
        files.entry(placed.kind.file).or_default().push(placed);
    }
    files
}

fn file_body(terraform: &Terraform, app: &SizedApp, needs: &Needs<'_>, group: &[&Placed<'_>]) -> Body {
    let mut body = Body::new();
    let mut comments = comments::Comments::new(app);
    // Instances of one resource stand side by side: they differ in the end of their names only.
    let same = |one: &&Placed<'_>, next: &&Placed<'_>| {
        let keyed = |placed: &Placed<'_>| instances::parts(&placed.object.id).1.is_some();
        let name = |placed: &Placed<'_>| instances::parts(&placed.object.id).0.to_owned();
        keyed(one) && keyed(next) && one.object.id.kind == next.object.id.kind && name(one) == name(next)
    };
    for run in group.chunk_by(same) {
        let Some(first) = run.first() else { continue };
        let mut inside = joined(run);
        if let Some(tags) = terraform.provider.tags.filter(|_| first.kind.tagged) {
            inside.insert("tags".to_owned(), tags(app));
        }
        if let Some(named) = needs.to_say(first.object) {
            inside.insert("depends_on".to_owned(), named);
        }
        let words = words(&first.object.id);
        let words: Vec<&str> = words.iter().map(String::as_str).collect();
        push(&mut body, body::block(&words, &comments.of(first), &inside));
    }
    body
}

fn joined(run: &[&Placed<'_>]) -> Map<String, Value> {
    let keyed = |placed: &&Placed<'_>| {
        let key = instances::parts(&placed.object.id).1?.to_owned();
        Some((key, placed.body.clone()))
    };
    let several: BTreeMap<String, Map<String, Value>> = run.iter().filter_map(keyed).collect();
    if several.is_empty() {
        return run.first().map(|placed| placed.body.clone()).unwrap_or_default();
    }
    instances::join(&several)
}

/// `resource KIND NAME`; `ephemeral KIND NAME` for what is made anew each time and kept nowhere.
fn words(id: &appia_plan::ObjectId) -> [String; 3] {
    let (role, kind) = id.kind.split_once('.').unwrap_or(("resource", &id.kind));
    [role.to_owned(), kind.to_owned(), instances::parts(id).0.to_owned()]
}

/// Adds a block with an empty line before it.
fn push(body: &mut Body, mut block: Block) {
    use hcl_edit::Decorate;
    if !body.is_empty() {
        let comment = block.decor().prefix().map(|prefix| prefix.to_string()).unwrap_or_default();
        block.decor_mut().set_prefix(format!("\n{comment}"));
    }
    body.push(block);
}

fn text(body: &Body) -> Vec<u8> {
    body.to_string().into_bytes()
}
