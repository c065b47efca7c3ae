//! The schema of a provider, derived from the typed bindings that were generated from it.
//!
//! `cargo xtask setup` unpacks the bindings (public packages, one folder a resource) and hands the text over; nothing here
//! reads files. What the bindings leave out cannot come back: legal values, conflicts between attributes, and which rare
//! blocks are needed at least twice. A line that the generator writes in a new way is an error, never a guess.
//! Start at [`derive`].

mod blocks;
mod script;

use std::collections::BTreeMap;

use self::blocks::Resource;
use self::script::{Kind, Script};
use crate::schema::{Schema, Versioned};

/// Why bindings cannot be understood.
#[derive(Debug, thiserror::Error)]
pub enum DeriveError {
    /// Something refers to a class that is not there.
    #[error("`{0}` is in no file of the bindings")]
    Class(String),
    /// The generator writes a type that is new to us.
    #[error("attribute `{attribute}` of `{class}` has the type `{kind}`, which is not known")]
    Type {
        /// In which class.
        class: String,
        /// Which attribute.
        attribute: String,
        /// What was read.
        kind: String,
    },
    /// An attribute that is written and has no flags, or the other way round.
    #[error("attribute `{attribute}` of `{class}` is half told")]
    Half {
        /// In which class.
        class: String,
        /// Which attribute.
        attribute: String,
    },
    /// No resource at all.
    #[error("the bindings have no resource")]
    Empty,
}

/// Counted up with each change to what is derived: what was derived before is then derived anew.
pub const VERSION: u32 = 1;

/// The files of one folder of bindings: `index.js` and what it was split into.
pub type Folder = Vec<String>;

/// Derives the schema of the provider with that source.
pub fn derive(source: &str, folders: impl IntoIterator<Item = Folder>) -> Result<Schema, DeriveError> {
    let mut schema = Schema { source: source.to_owned(), ..Schema::default() };
    for folder in folders {
        let mut script = Script::default();
        folder.iter().for_each(|text| script.read(text));
        script.finish();
        add(&mut schema, &script)?;
    }
    if schema.resource_schemas.is_empty() { Err(DeriveError::Empty) } else { Ok(schema) }
}

fn add(schema: &mut Schema, script: &Script) -> Result<(), DeriveError> {
    for root in &script.roots {
        let block = Resource(script).root(&root.class)?;
        let found = Versioned { version: 0, block };
        match root.kind {
            Kind::Resource => insert(&mut schema.resource_schemas, &root.name, found),
            Kind::Data => insert(&mut schema.data_source_schemas, &root.name, found),
            Kind::Provider => schema.provider = blocks::given_only(found),
        }
        if !script.version.is_empty() {
            schema.version.clone_from(&script.version);
        }
    }
    Ok(())
}

fn insert(all: &mut BTreeMap<String, Versioned>, name: &str, found: Versioned) {
    all.insert(name.to_owned(), found);
}

#[cfg(test)]
mod tests;
