//! Blocks and attributes out of what a script says.
//!
//! Called by `derive.rs` for each root; walks from its class to the classes behind its attributes. It never fills in what
//! the script does not say. Start at [`Resource::root`].

use std::collections::BTreeMap;

use super::DeriveError;
use super::script::{Behind, Flagged, Script, Written};
use crate::schema::{Attribute, Block, Nested, NestedType, Nesting, Type, Versioned};

/// The files of one resource.
pub(super) struct Resource<'a>(pub(super) &'a Script);

/// A class and how its HCL is written.
struct Class<'a> {
    name: &'a str,
    flagged: &'a [Flagged],
    written: Option<&'a BTreeMap<String, Written>>,
    /// In what it stands.
    above: Option<&'a Class<'a>>,
}

impl Resource<'_> {
    /// The block of a resource, data source or provider.
    pub(super) fn root(&self, name: &str) -> Result<Block, DeriveError> {
        let flagged = self.0.classes.get(&name.to_lowercase()).map_or(&[] as &[_], Vec::as_slice);
        let class = Class {
            name,
            flagged,
            written: self.0.written.get(&format!("class {}", name.to_lowercase())),
            above: None,
        };
        self.block(&class)
    }

    /// The class of one object: `BucketRule` for `BucketRuleOutputReference`. The generator gives alike classes one name,
    /// so that one may stand in itself; there it ends, without attributes.
    fn class<'b>(&'b self, name: &'b str, above: &'b Class<'b>) -> Result<Class<'b>, DeriveError> {
        let flagged = self.0.classes.get(&format!("{}outputreference", name.to_lowercase()));
        let flagged = flagged.ok_or_else(|| DeriveError::Class(name.to_owned()))?;
        let above = Some(above);
        if std::iter::successors(above, |class| class.above).any(|class| class.name == name) {
            return Ok(Class { name, flagged: &[], written: None, above });
        }
        Ok(Class { name, flagged, written: self.0.written.get(&name.to_lowercase()), above })
    }

    fn block(&self, class: &Class<'_>) -> Result<Block, DeriveError> {
        let mut block = Block::default();
        for flagged in class.flagged {
            match class.written.and_then(|all| all.get(&flagged.name)) {
                Some(written) if written.block => {
                    block.block_types.insert(flagged.name.clone(), self.nested(class, flagged, written)?);
                }
                written => {
                    let attribute = self.attribute(class, flagged, written)?;
                    block.attributes.insert(flagged.name.clone(), attribute);
                }
            }
        }
        match class.written.into_iter().flatten().find(|(name, _)| !has(&block, name)) {
            Some((name, _)) => Err(half(class, name)),
            None => Ok(block),
        }
    }

    fn nested(&self, class: &Class<'_>, flagged: &Flagged, written: &Written) -> Result<Nested, DeriveError> {
        let (inner, at_most) = match &flagged.behind {
            Behind::One(inner) => (inner, 1),
            Behind::Many(inner) | Behind::Named(inner) => (inner, 0),
            Behind::Plain(_) | Behind::Unknown => return Err(half(class, &flagged.name)),
        };
        let nesting_mode = nesting(class, flagged, written)?;
        let mut block = self.block(&self.class(inner, class)?)?;
        if nesting_mode == Nesting::Set {
            without_dynamic(&mut block);
        }
        let max_items = if nesting_mode == Nesting::Single { 0 } else { at_most };
        Ok(Nested { nesting_mode, block, min_items: u64::from(flagged.required), max_items })
    }

    fn attribute(
        &self,
        class: &Class<'_>,
        flagged: &Flagged,
        written: Option<&Written>,
    ) -> Result<Attribute, DeriveError> {
        let Flagged { computed, optional, required, .. } = *flagged;
        let attribute = Attribute { required, optional, computed, ..Attribute::default() };
        let inner = match &flagged.behind {
            Behind::One(inner) | Behind::Many(inner) | Behind::Named(inner) => inner,
            Behind::Plain(_) | Behind::Unknown => {
                return Ok(Attribute { kind: Some(plain(class, flagged, written)?), ..attribute });
            }
        };
        match written.filter(|_| !computed && inner_is_written(self, inner)) {
            Some(written) => {
                let attributes = self.block(&self.class(inner, class)?)?.attributes;
                let nesting_mode = nesting(class, flagged, written)?;
                Ok(Attribute { nested_type: Some(NestedType { attributes, nesting_mode }), ..attribute })
            }
            None => Ok(Attribute { kind: Some(self.objects(class, &flagged.behind, written)?), ..attribute }),
        }
    }

    /// The type of objects that the provider fills in, or that are given as values and not as blocks.
    fn objects(
        &self,
        class: &Class<'_>,
        behind: &Behind,
        written: Option<&Written>,
    ) -> Result<Type, DeriveError> {
        match behind {
            Behind::One(inner) if written.is_none_or(|written| written.collection == "struct") => {
                self.object(inner, class)
            }
            Behind::One(inner) | Behind::Many(inner) => {
                let is_set = written.is_some_and(|written| written.collection == "set");
                Ok(Type::of(if is_set { "set" } else { "list" }, self.item(inner, class)?))
            }
            Behind::Named(inner) => Ok(Type::of("map", self.object(inner, class)?)),
            Behind::Plain(_) | Behind::Unknown => Ok(Type::plain("dynamic")),
        }
    }

    /// One of several: an object, or a list of them where the class is one of a list of lists.
    fn item(&self, name: &str, above: &Class<'_>) -> Result<Type, DeriveError> {
        match (self.object(name, above), name.strip_suffix("List")) {
            (Err(DeriveError::Class(_)), Some(inner)) => Ok(Type::of("list", self.object(inner, above)?)),
            (found, _) => found,
        }
    }

    fn object(&self, name: &str, above: &Class<'_>) -> Result<Type, DeriveError> {
        let class = self.class(name, above)?;
        let mut members = BTreeMap::new();
        for flagged in class.flagged {
            let written = class.written.and_then(|all| all.get(&flagged.name));
            let kind = match &flagged.behind {
                Behind::Plain(_) | Behind::Unknown => plain(&class, flagged, written)?,
                behind => self.objects(&class, behind, written)?,
            };
            members.insert(flagged.name.clone(), kind);
        }
        Ok(Type::object(members))
    }
}

/// The block `provider` without what it would compute: Terraform refuses that there.
pub(super) fn given_only(found: Versioned) -> Versioned {
    let mut found = found;
    found.block.attributes.values_mut().for_each(|attribute| {
        attribute.computed = false;
        attribute.optional = !attribute.required;
    });
    found
}

fn inner_is_written(resource: &Resource<'_>, inner: &str) -> bool {
    resource.0.written.contains_key(&inner.to_lowercase())
}

fn has(block: &Block, name: &str) -> bool {
    block.attributes.contains_key(name) || block.block_types.contains_key(name)
}

fn half(class: &Class<'_>, attribute: &str) -> DeriveError {
    DeriveError::Half { class: class.name.to_owned(), attribute: attribute.to_owned() }
}

fn nesting(class: &Class<'_>, flagged: &Flagged, written: &Written) -> Result<Nesting, DeriveError> {
    match (written.collection.as_str(), &flagged.behind) {
        ("list", _) => Ok(Nesting::List),
        ("set", _) => Ok(Nesting::Set),
        ("map", _) => Ok(Nesting::Map),
        ("struct", Behind::One(_)) => Ok(Nesting::Single),
        _ => Err(unknown(class, flagged, &written.collection)),
    }
}

fn unknown(class: &Class<'_>, flagged: &Flagged, kind: &str) -> DeriveError {
    DeriveError::Type { class: class.name.to_owned(), attribute: flagged.name.clone(), kind: kind.to_owned() }
}

/// The type of a value without classes: from how it is written, else from what is given back.
fn plain(class: &Class<'_>, flagged: &Flagged, written: Option<&Written>) -> Result<Type, DeriveError> {
    let found = match (written, &flagged.behind) {
        (Some(written), _) => storage(&written.storage, written.collection == "set"),
        (None, Behind::Plain(kind)) => {
            let (kind, is_set) = kind.strip_suffix("Set").map_or((kind.as_str(), false), |kind| (kind, true));
            storage(if kind == "List" { "StringList" } else { kind }, is_set)
        }
        (None, _) => Some(Type::plain("dynamic")),
    };
    found.ok_or_else(|| unknown(class, flagged, &format!("{written:?} {:?}", flagged.behind)))
}

/// `stringListMap`: from the outermost collection, which stands last, to the plain word that stands first.
fn storage(kind: &str, is_set: bool) -> Option<Type> {
    if let Some(inner) = kind.strip_suffix("List") {
        return Some(Type::of(if is_set { "set" } else { "list" }, storage(inner, false)?));
    }
    if let Some(inner) = kind.strip_suffix("Map") {
        return Some(Type::of("map", storage(inner, false)?));
    }
    let name = match kind.to_lowercase().as_str() {
        "string" => "string",
        "number" | "numeric" => "number",
        "boolean" => "bool",
        "any" => "dynamic",
        _ => return None,
    };
    Some(Type::plain(name))
}

/// Terraform has no `dynamic` in sets of blocks: there it becomes a text.
fn without_dynamic(block: &mut Block) {
    for attribute in block.attributes.values_mut() {
        if attribute.kind == Some(Type::plain("dynamic")) {
            attribute.kind = Some(Type::plain("string"));
        }
    }
    block.block_types.values_mut().for_each(|nested| without_dynamic(&mut nested.block));
}
