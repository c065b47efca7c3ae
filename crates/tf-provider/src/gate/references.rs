//! What one object says of another: `TYPE.NAME.ATTRIBUTE` has to be there and to be of a type that fits.
//!
//! Called by `values.rs` for each expression, and for each text, since a reference inside of a text is one that nobody will
//! ever put a value in for. Start at [`References::resolve`].

use super::Thing;
use crate::schema::{Block, Schema, Type};

/// What can be referred to.
pub(super) struct References<'a> {
    pub(super) schemas: &'a [Schema],
    pub(super) things: &'a [Thing],
}

/// `cloud_subnet.private["a"].id` in its parts.
struct Named<'e> {
    /// As written.
    whole: &'e str,
    /// `data.` or `ephemeral.` belongs to it.
    kind: String,
    name: &'e str,
    /// `id`; empty: the whole object.
    attribute: &'e str,
    /// Nothing comes behind the attribute.
    ends: bool,
}

impl<'a> References<'a> {
    /// What may stand in a resource of that type; `data.TYPE` for one that is only read, `ephemeral.TYPE` for
    /// one that nobody keeps.
    pub(super) fn block(&self, kind: &str) -> Option<&'a Block> {
        self.schemas.iter().find_map(|schema| {
            let found = match kind.split_once('.') {
                Some(("data", kind)) => schema.data_source_schemas.get(kind),
                Some(("ephemeral", kind)) => schema.ephemeral_resource_schemas.get(kind),
                _ => schema.resource_schemas.get(kind),
            };
            found.map(|found| &found.block)
        })
    }

    /// True for what no schema here tells of.
    pub(super) fn is_unknowable(&self, kind: &str) -> bool {
        let told = |schema: &Schema| !schema.ephemeral_resource_schemas.is_empty();
        kind.starts_with("ephemeral.") && !self.schemas.iter().any(told)
    }

    /// Why what an expression refers to leads nowhere, or to something of another type.
    pub(super) fn resolve(&self, expression: &str, wanted: Option<&Type>) -> Vec<String> {
        let named = self.named(expression);
        let alone = |named: &Named<'_>| named.whole == expression;
        named.iter().filter_map(|one| self.wrong(one, wanted.filter(|_| alone(one)))).collect()
    }

    fn wrong(&self, named: &Named<'_>, wanted: Option<&Type>) -> Option<String> {
        let Named { whole, kind, name, attribute, ends } = named;
        if !self.things.iter().any(|thing| thing.kind == *kind && base(&thing.name) == *name) {
            return Some(format!("`{whole}` refers to an object that is not there"));
        }
        let block = self.block(kind)?;
        if attribute.is_empty() || block.block_types.contains_key(*attribute) {
            return None;
        }
        let Some(found) = block.attributes.get(*attribute) else {
            return Some(format!("`{kind}` has no `{attribute}`"));
        };
        let (found, wanted) = (found.kind.as_ref()?, wanted.filter(|_| *ends)?);
        (!fits(found, wanted)).then(|| format!("`{whole}` is a {}, which does not fit", word(found)))
    }

    /// The object that a text names as if it were code.
    pub(super) fn named_in(&self, text: &str) -> Option<String> {
        let named = self.named(text);
        let there = |named: &&Named<'_>| {
            self.things.iter().any(|thing| thing.kind == named.kind && base(&thing.name) == named.name)
        };
        named.iter().find(there).map(|named| named.whole.to_owned())
    }

    /// Every `TYPE.NAME...` of an expression.
    fn named<'e>(&self, expression: &'e str) -> Vec<Named<'e>> {
        let mut found = Vec::new();
        let mut rest = expression;
        while let Some(start) = rest.find(is_word) {
            let (_, from) = rest.split_at(start);
            let length = length(from);
            let (whole, behind) = from.split_at(length);
            rest = behind;
            found.extend(self.parts(whole));
        }
        found
    }

    fn parts<'e>(&self, whole: &'e str) -> Option<Named<'e>> {
        let roles = ["data.", "ephemeral."];
        let role = roles.into_iter().find(|role| whole.starts_with(role)).unwrap_or_default();
        let (kind, rest) = whole.strip_prefix(role)?.split_once('.')?;
        let kind = format!("{role}{kind}");
        // A type that no provider has is looked at as well, when it sounds like one of a provider's.
        let of_provider = |schema: &Schema| {
            kind.trim_start_matches(role)
                .split_once('_')
                .is_some_and(|(provider, _)| provider == schema.name())
        };
        if self.block(&kind).is_none() && !self.schemas.iter().any(of_provider) {
            return None;
        }
        let (name, path) = match rest.find(['.', '[']) {
            Some(end) => rest.split_at(end),
            None => (rest, ""),
        };
        // An instance of several: `["a"]`, `[0]`, `[each.key]`, `[*]`.
        let path =
            path.strip_prefix('[').and_then(|path| path.split_once(']')).map_or(path, |(_, path)| path);
        let path = path.trim_start_matches('.');
        let attribute = path.split(['.', '[']).next().unwrap_or_default();
        let ends = attribute == path && !whole.contains("[*]");
        Some(Named { whole, kind, name, attribute, ends })
    }
}

/// `private["a"]` is an instance of `private`.
fn base(name: &str) -> &str {
    name.split('[').next().unwrap_or(name)
}

fn is_word(sign: char) -> bool {
    sign.is_ascii_alphanumeric() || sign == '_'
}

/// How far words, dots and instances go on.
fn length(text: &str) -> usize {
    let mut inside = false;
    let end = text.char_indices().find(|(_, sign)| {
        match sign {
            '[' => inside = true,
            ']' => inside = false,
            _ => {}
        }
        !(inside || is_word(*sign) || matches!(sign, '.' | '-' | ']'))
    });
    end.map_or(text.len(), |(at, _)| at)
}

fn fits(found: &Type, wanted: &Type) -> bool {
    match (found, wanted) {
        (Type::Plain(found), Type::Plain(wanted)) => {
            let converts = [found, wanted].into_iter().any(|name| name == "string" || name == "dynamic");
            found == wanted || converts
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
