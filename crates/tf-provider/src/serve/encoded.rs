//! A schema as the protocol wants it (`GetProviderSchema.Response` of version 6).
//!
//! Called once by `answers.rs`. Start at [`schemas`].

use std::collections::BTreeMap;

use super::wire::Writer;
use crate::schema::{Attribute, Block, NestedType, Nesting, Schema, Versioned};

/// The whole answer.
pub(super) fn schemas(schema: &Schema) -> Vec<u8> {
    let writer = Writer::default().message(1, &versioned(&schema.provider));
    let writer = named(writer, 2, &schema.resource_schemas);
    named(writer, 3, &schema.data_source_schemas).done()
}

/// A map: each entry is a message of key and value.
fn named(writer: Writer, field: u32, all: &BTreeMap<String, Versioned>) -> Writer {
    all.iter().fold(writer, |writer, (name, one)| {
        let entry = Writer::default().bytes(1, name.as_bytes()).message(2, &versioned(one));
        writer.message(field, &entry.done())
    })
}

fn versioned(one: &Versioned) -> Vec<u8> {
    let version = u64::try_from(one.version).unwrap_or(0);
    Writer::default().number(1, version).message(2, &block(&one.block)).done()
}

fn block(block: &Block) -> Vec<u8> {
    let writer = block
        .attributes
        .iter()
        .fold(Writer::default(), |writer, (name, one)| writer.message(2, &attribute(name, one)));
    let writer = block.block_types.iter().fold(writer, |writer, (name, nested)| {
        let inner = Writer::default()
            .bytes(1, name.as_bytes())
            .message(2, &self::block(&nested.block))
            .number(3, nesting(nested.nesting_mode))
            .number(4, nested.min_items)
            .number(5, nested.max_items);
        writer.message(3, &inner.done())
    });
    writer.done()
}

fn attribute(name: &str, one: &Attribute) -> Vec<u8> {
    let kind = one.kind.as_ref().and_then(|kind| serde_json::to_vec(kind).ok()).unwrap_or_default();
    let writer = Writer::default()
        .bytes(1, name.as_bytes())
        .bytes(2, &kind)
        .flag(4, one.required)
        .flag(5, one.optional)
        .flag(6, one.computed);
    match &one.nested_type {
        Some(nested) => writer.message(10, &object(nested)).done(),
        None => writer.done(),
    }
}

fn object(nested: &NestedType) -> Vec<u8> {
    let writer = nested
        .attributes
        .iter()
        .fold(Writer::default(), |writer, (name, one)| writer.message(1, &attribute(name, one)));
    writer.number(3, nesting(nested.nesting_mode)).done()
}

fn nesting(mode: Nesting) -> u64 {
    match mode {
        Nesting::Single => 1,
        Nesting::List => 2,
        Nesting::Set => 3,
        Nesting::Map => 4,
        Nesting::Group => 5,
    }
}
