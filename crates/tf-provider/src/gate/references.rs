//! What one object says of another: `TYPE.NAME.ATTRIBUTE` has to be there and to be of a type that fits.
//!
//! Called by `values.rs` for each reference, and for each text, since a reference inside of a text is one that nobody will
//! ever put a value in for. Start at [`References::resolve`].

use super::Thing;
use crate::schema::{Block, Schema, Type};

/// What can be referred to.
pub(super) struct References<'a> {
    pub(super) schemas: &'a [Schema],
    pub(super) things: &'a [Thing],
}

impl<'a> References<'a> {
    /// What may stand in a resource of that type; `data.TYPE` for one that is only read.
    pub(super) fn block(&self, kind: &str) -> Option<&'a Block> {
        self.schemas.iter().find_map(|schema| {
            let found = match kind.strip_prefix("data.") {
                Some(kind) => schema.data_source_schemas.get(kind),
                None => schema.resource_schemas.get(kind),
            };
            found.map(|found| &found.block)
        })
    }

    /// Why a reference leads nowhere, or to something of another type.
    pub(super) fn resolve(&self, to: &str, wanted: Option<&Type>) -> Result<(), String> {
        let (kind, name, path) = parts(to).ok_or_else(|| format!("`{to}` is no TYPE.NAME.ATTRIBUTE"))?;
        if !self.things.iter().any(|thing| thing.kind == kind && thing.name == name) {
            return Err(format!("`{to}` refers to an object that is not there"));
        }
        let block = self.block(&kind).ok_or_else(|| format!("no provider has `{kind}`"))?;
        let mut steps = path.split('.').map(|step| step.split('[').next().unwrap_or_default());
        let first = steps.next().unwrap_or_default();
        match (block.attributes.get(first), block.block_types.contains_key(first)) {
            (Some(attribute), _) if path == first => match (&attribute.kind, wanted) {
                (Some(found), Some(wanted)) if !fits(found, wanted) => {
                    Err(format!("`{to}` is a {}, which does not fit", word(found)))
                }
                _ => Ok(()),
            },
            (Some(_), _) | (None, true) => Ok(()),
            (None, false) => Err(format!("`{kind}` has no `{first}`")),
        }
    }

    /// The object that a text names as if it were code.
    pub(super) fn named_in(&self, text: &str) -> Option<String> {
        let names = self.things.iter().map(|thing| format!("{}.{}.", thing.kind, thing.name));
        let mut bare =
            names.filter(|name| text.contains(name.as_str()) && !text.contains(&format!("${{{name}")));
        bare.next()
    }
}

/// `data.` belongs to the type.
fn parts(reference: &str) -> Option<(String, &str, &str)> {
    let (data, rest) = reference.strip_prefix("data.").map_or(("", reference), |rest| ("data.", rest));
    let (kind, rest) = rest.split_once('.')?;
    let (name, path) = rest.split_once('.')?;
    (!path.is_empty()).then(|| (format!("{data}{kind}"), name.split('[').next().unwrap_or(name), path))
}

fn fits(found: &Type, wanted: &Type) -> bool {
    match (found, wanted) {
        (Type::Plain(found), Type::Plain(wanted)) => {
            found == wanted
                || wanted == "string"
                || found == "string"
                || [found, wanted].contains(&&"dynamic".to_owned())
        }
        (Type::Plain(dynamic), _) | (_, Type::Plain(dynamic)) => dynamic == "dynamic",
        (Type::Of(found, of), Type::Of(wanted, inner)) => {
            (found == "map") == (wanted == "map") && fits(of, inner)
        }
        _ => true,
    }
}

fn word(kind: &Type) -> &str {
    match kind {
        Type::Plain(word) | Type::Of(word, _) | Type::Object(word, _) | Type::Tuple(word, _) => word,
    }
}
