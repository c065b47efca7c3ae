//! Holds objects against the schema of their provider: what `terraform validate` would say, without Terraform.
//!
//! Tests of targets call it with what a cloud lowers: the type of a resource, its name and its attributes as JSON, in which
//! [marks](Mark) stand for what JSON cannot say. It knows no legal values: that an attribute takes `"POST"` and not
//! `"post"` is in no schema. Start at [`check`].

mod marks;
mod references;
mod values;

use std::collections::BTreeSet;
use std::fmt;

use serde_json::{Map, Value};

use self::marks::Mark;
use self::references::References;
use crate::schema::{Block, Nested, Nesting, Schema};

/// An object to be: a resource of Terraform.
#[derive(Debug, Clone, PartialEq)]
pub struct Thing {
    /// `google_storage_bucket`.
    pub kind: String,
    /// What others call it.
    pub name: String,
    /// Its attributes and blocks.
    pub body: Value,
}

/// Something that Terraform would refuse.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Finding {
    /// `google_storage_bucket.files`.
    pub thing: String,
    /// `rule[0].action`; empty for the object itself.
    pub place: String,
    /// What is wrong.
    pub message: String,
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let dot = if self.place.is_empty() { "" } else { "." };
        write!(f, "{}{dot}{}: {}", self.thing, self.place, self.message)
    }
}

/// What may stand in every resource beside its own attributes.
const META: &[&str] = &["depends_on", "lifecycle", "count", "for_each", "provider"];

/// Everything that is wrong with the objects of one configuration.
pub fn check(schemas: &[Schema], things: &[Thing]) -> Vec<Finding> {
    let references = References { schemas, things };
    let mut findings = Vec::new();
    let mut seen = BTreeSet::new();
    for thing in things {
        let mut look = Look {
            references: &references,
            thing: format!("{}.{}", thing.kind, thing.name),
            findings: &mut findings,
        };
        if !seen.insert((&thing.kind, &thing.name)) {
            look.say("", "there are two of that name");
        }
        match references.block(&thing.kind) {
            Some(block) => look.top(block, &thing.body),
            // Bindings tell of no ephemeral ones: only a schema that knows some can say that one is missing.
            None if references.is_unknowable(&thing.kind) => {}
            None => look.say("", "no provider has such a resource"),
        }
    }
    findings.sort();
    findings
}

/// A look at one object.
struct Look<'a> {
    references: &'a References<'a>,
    thing: String,
    findings: &'a mut Vec<Finding>,
}

impl Look<'_> {
    fn say(&mut self, place: &str, message: impl Into<String>) {
        let (thing, place) = (self.thing.clone(), place.to_owned());
        self.findings.push(Finding { thing, place, message: message.into() });
    }

    fn top(&mut self, block: &Block, body: &Value) {
        let Value::Object(body) = body else { return self.say("", "its body is no set of attributes") };
        let own = body.iter().filter(|(name, _)| !META.contains(&name.as_str()));
        self.block(block, &own.map(|(name, value)| (name.clone(), value.clone())).collect(), "");
    }

    fn block(&mut self, block: &Block, body: &Map<String, Value>, place: &str) {
        for (name, value) in body.iter().filter(|(_, value)| !value.is_null()) {
            let place = join(place, name);
            let (marked, value) = match Mark::of(value) {
                Mark::Block(inside) => (true, inside),
                _ => (false, value),
            };
            let attribute_only = block.attributes.get(name).is_some_and(|found| !found.may_be_a_block());
            if marked && !block.block_types.contains_key(name) && attribute_only {
                self.say(&place, "it is an attribute, not a block");
            } else if let Some(attribute) = block.attributes.get(name) {
                self.attribute(attribute, value, &place);
            } else if let Some(nested) = block.block_types.get(name) {
                self.nested(nested, value, &place);
            } else {
                self.say(&place, "there is no such attribute");
            }
        }
        let given = |name: &str| body.get(name).is_some_and(|value| !value.is_null());
        let required = block.attributes.iter().filter(|(_, attribute)| attribute.required);
        let needed = block.block_types.iter().filter(|(_, nested)| nested.min_items > 0);
        let names = required.map(|(name, _)| name).chain(needed.map(|(name, _)| name));
        names
            .filter(|name| !given(name))
            .for_each(|name| self.say(&join(place, name), "it is required and missing"));
    }

    /// One block is an object, several are a list of them; by name, they are an object of objects.
    fn nested(&mut self, nested: &Nested, value: &Value, place: &str) {
        let blocks: Vec<(String, &Value)> = match value {
            Value::Array(all) => numbered(all, place),
            Value::Object(named) if nested.nesting_mode == Nesting::Map => {
                named.iter().map(|(name, value)| (join(place, name), value)).collect()
            }
            one => vec![(place.to_owned(), one)],
        };
        let (count, most) = (u64::try_from(blocks.len()).unwrap_or(u64::MAX), self.most(nested));
        if count < nested.min_items || count > most {
            let most = if most == u64::MAX { "any number".to_owned() } else { most.to_string() };
            self.say(place, format!("there are {count} of it; allowed are {} to {most}", nested.min_items));
        }
        for (place, value) in blocks {
            match value {
                Value::Object(body) => self.block(&nested.block, body, &place),
                _ => self.say(&place, "it is a block, not a value"),
            }
        }
    }

    fn most(&self, nested: &Nested) -> u64 {
        match (nested.nesting_mode, nested.max_items) {
            (Nesting::Single | Nesting::Group, _) => 1,
            (_, 0) => u64::MAX,
            (_, most) => most,
        }
    }
}

fn numbered<'v>(all: &'v [Value], place: &str) -> Vec<(String, &'v Value)> {
    all.iter().enumerate().map(|(index, value)| (format!("{place}[{index}]"), value)).collect()
}

fn join(place: &str, name: &str) -> String {
    if place.is_empty() { name.to_owned() } else { format!("{place}.{name}") }
}

#[cfg(test)]
mod tests;
