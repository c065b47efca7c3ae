//! The schemas of providers as a judge: `cargo xtask judge schemas` holds what every cloud makes of the examples and of the
//! golden intents against them.
//!
//! The tests that ask are those of `appia-targets` and `appia-compile`, which every test run has too. With `--derived` it
//! says how well deriving is done: what was derived of a provider beside what the real one prints. Start at `run`.

use std::process::ExitCode;

use anyhow::{Context, Result, bail};
use appia_tf_provider::{Block, Schema};

use crate::command;
use crate::setup::{self, Tools};

/// The tests that hold objects against schemas, by crate.
const TESTS: &[(&str, &str)] = &[
    ("appia-targets", "schemas::objects_are_what_providers_accept"),
    ("appia-compile", "schemas::plans_are_what_providers_accept"),
];

/// `cargo xtask judge schemas [--derived]`.
pub(crate) fn run(rest: &[&str]) -> Result<ExitCode> {
    let tools = Tools(vec![setup::schemas()]);
    print!("{}", tools.table());
    let folder = tools.path("schemas").context("there are no schemas")?;
    match rest {
        [] => ask(&tools),
        ["--derived"] => {
            let real = Schema::read(&std::fs::read_to_string(folder.join("aws.json"))?)?;
            Ok(compare(&real, &setup::derived("aws")?))
        }
        _ => bail!("write `judge schemas` or `judge schemas --derived`"),
    }
}

fn ask(tools: &Tools) -> Result<ExitCode> {
    let mut well = true;
    for (package, test) in TESTS {
        let mut cargo = command::command(
            "cargo",
            &["test", "--locked", "--package", package, "--", "--exact", "--nocapture", test],
        );
        tools.hand_to(&mut cargo)?;
        let mut ran = 0;
        well &= command::stream(&mut cargo, |line| ran += usize::from(line.ends_with("... ok")))?;
        if well && ran == 0 {
            bail!("no test of `{package}` asked the schemas");
        }
    }
    Ok(if well { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// How two schemas of one provider differ.
#[derive(Debug, Default, PartialEq, Eq)]
struct Difference {
    same: usize,
    missing: usize,
    extra: usize,
    /// One says that it has to be given.
    required: usize,
    /// One says that it is a block.
    block: usize,
}

/// Two versions of one provider: what moved between them differs as well.
fn compare(real: &Schema, derived: &Schema) -> ExitCode {
    let mut difference = Difference::default();
    let mut common = 0;
    for (kind, found) in &real.resource_schemas {
        let Some(other) = derived.resource_schemas.get(kind) else { continue };
        common += 1;
        difference.add(&found.block, &other.block);
    }
    let Difference { same, missing, extra, required, block } = difference;
    println!(
        "{common} of {} resource types of {} {} are in what was derived of {}; of their attributes and blocks {same} are the same, {missing} are not \
         there, {extra} are new, {required} differ in whether they are required, {block} in whether they are blocks",
        real.resource_schemas.len(),
        real.name(),
        real.version,
        derived.version
    );
    // A version moves some attributes; bindings that are misread lose most.
    if missing * 20 < same { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

impl Difference {
    /// What can be given is compared; what only the provider sets is not in the way of a configuration.
    fn add(&mut self, real: &Block, derived: &Block) {
        for (name, attribute) in real.attributes.iter().filter(|(_, found)| found.optional || found.required)
        {
            match (derived.attributes.get(name), derived.block_types.contains_key(name)) {
                (Some(other), _) if other.required == attribute.required => self.same += 1,
                (Some(_), _) => self.required += 1,
                (None, true) => self.block += 1,
                (None, false) => self.missing += 1,
            }
        }
        for (name, nested) in &real.block_types {
            match (derived.block_types.get(name), derived.attributes.contains_key(name)) {
                (Some(other), _) => {
                    let same = (other.min_items > 0) == (nested.min_items > 0);
                    *(if same { &mut self.same } else { &mut self.required }) += 1;
                    self.add(&nested.block, &other.block);
                }
                (None, true) => self.block += 1,
                (None, false) => self.missing += 1,
            }
        }
        let known = |name: &String| real.attributes.contains_key(name) || real.block_types.contains_key(name);
        self.extra +=
            derived.attributes.keys().chain(derived.block_types.keys()).filter(|name| !known(name)).count();
    }
}
