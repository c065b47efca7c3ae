//! Whether a value has the type of its attribute, as far as Terraform would not convert it.
//!
//! Called by `gate.rs` for each attribute. Start at [`Look::attribute`].

use std::collections::BTreeMap;

use serde_json::{Map, Value};

use super::marks::Mark;
use super::{Look, join, numbered};
use crate::schema::{Attribute, NestedType, Nesting, Type};

impl Look<'_> {
    pub(super) fn attribute(&mut self, attribute: &Attribute, value: &Value, place: &str) {
        if attribute.computed && !attribute.optional && !attribute.required {
            return self.say(place, "only the provider sets it");
        }
        match (&attribute.kind, &attribute.nested_type) {
            (Some(kind), _) => self.value(kind, value, place),
            (None, Some(nested)) => self.objects(nested, value, place),
            (None, None) => {}
        }
    }

    fn value(&mut self, kind: &Type, value: &Value, place: &str) {
        if self.elsewhere(Some(kind), value, place) {
            return;
        }
        match (kind, value) {
            (Type::Plain(name), value) => self.plain(name, value, place),
            (Type::Of(collection, of), Value::Array(all)) if collection != "map" => {
                numbered(all, place).into_iter().for_each(|(place, value)| self.value(of, value, &place));
            }
            (Type::Of(collection, of), Value::Object(all)) if collection == "map" => {
                all.iter().for_each(|(name, value)| self.value(of, value, &join(place, name)));
            }
            // Written as a block: one stands for a list of one.
            (Type::Of(_, of), Value::Object(_)) if matches!(**of, Type::Object(..)) => {
                self.value(of, value, place)
            }
            (Type::Object(_, members), Value::Object(given)) => self.members(members, given, place),
            (Type::Tuple(..), Value::Array(_)) => {}
            (Type::Of(collection, _), _) => self.say(place, format!("it is to be a {collection}")),
            (Type::Object(..), _) => self.say(place, "it is to be an object"),
            (Type::Tuple(..), _) => self.say(place, "it is to be a list"),
        }
    }

    fn plain(&mut self, kind: &str, value: &Value, place: &str) {
        let fits = match (kind, value) {
            ("dynamic", _) => true,
            (_, Value::Array(_) | Value::Object(_) | Value::Null) => false,
            ("string", _) | ("number", Value::Number(_)) | ("bool", Value::Bool(_)) => true,
            ("number", Value::String(text)) => text.parse::<f64>().is_ok(),
            ("bool", Value::String(text)) => matches!(text.as_str(), "true" | "false"),
            _ => false,
        };
        if !fits {
            self.say(place, format!("it is to be a {kind}"));
        }
        if let Value::String(text) = value
            && let Some(name) = self.references.named_in(text)
        {
            self.say(place, format!("`{name}` stands in a text, where nothing puts its value in"));
        }
    }

    fn members(&mut self, members: &BTreeMap<String, Type>, given: &Map<String, Value>, place: &str) {
        for (name, value) in given.iter().filter(|(_, value)| !value.is_null()) {
            match members.get(name) {
                Some(kind) => self.value(kind, value, &join(place, name)),
                None => self.say(&join(place, name), "there is no such attribute"),
            }
        }
    }

    fn objects(&mut self, nested: &NestedType, value: &Value, place: &str) {
        if self.elsewhere(None, value, place) {
            return;
        }
        let all = match (nested.nesting_mode, value) {
            (Nesting::List | Nesting::Set, Value::Array(all)) => numbered(all, place),
            (Nesting::Map, Value::Object(all)) => {
                all.iter().map(|(name, value)| (join(place, name), value)).collect()
            }
            (_, one) => vec![(place.to_owned(), one)],
        };
        for (place, value) in all {
            match value {
                Value::Object(given) => self.inner(nested, given, &place),
                _ => self.say(&place, "it is to be an object"),
            }
        }
    }

    fn inner(&mut self, nested: &NestedType, given: &Map<String, Value>, place: &str) {
        let block = crate::schema::Block { attributes: nested.attributes.clone(), ..Default::default() };
        self.block(&block, given, place);
    }

    /// Looks at a value that is made of others: a reference, a variable, a text of parts. False: it is none.
    fn elsewhere(&mut self, kind: Option<&Type>, value: &Value, place: &str) -> bool {
        match Mark::of(value) {
            Mark::Reference(to) => {
                self.references.resolve(to, kind).into_iter().for_each(|why| self.say(place, why));
                true
            }
            Mark::Text(parts) => {
                let text = Type::plain("string");
                parts.iter().for_each(|part| self.value(&text, part, place));
                true
            }
            Mark::Compact(list) => {
                match kind {
                    Some(kind) => self.value(kind, list, place),
                    None => self.inside(list, place),
                }
                true
            }
            Mark::Json(inside) => {
                self.inside(inside, place);
                true
            }
            Mark::Block(_) => {
                self.say(place, "a block stands where a value belongs");
                true
            }
            Mark::Variable => true,
            Mark::Plain => false,
        }
    }

    /// What a text of JSON says is no matter of the schema; what it refers to is.
    fn inside(&mut self, value: &Value, place: &str) {
        if self.elsewhere(None, value, place) {
            return;
        }
        match value {
            Value::Array(all) => all.iter().for_each(|value| self.inside(value, place)),
            Value::Object(all) => all.values().for_each(|value| self.inside(value, place)),
            value => self.plain("string", value, place),
        }
    }
}
