//! The schema of a provider, as `terraform providers schema -json` prints it.
//!
//! Written by [`derive`](crate::derive), read by the [gate](crate::check) and the stand-in provider. It keeps what
//! decides whether a configuration is valid and leaves descriptions out. Start at [`Schema`].

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use serde::{Deserialize, Serialize};
use serde_json::Value;

/// Why a schema cannot be read.
#[derive(Debug, thiserror::Error)]
pub enum SchemaError {
    /// No JSON, or not that of a schema.
    #[error("the schema cannot be read")]
    Unreadable(#[from] serde_json::Error),
    /// A file cannot be read.
    #[error("a schema's file cannot be read")]
    File(#[from] std::io::Error),
    /// There is no provider, or more than one.
    #[error("the schema tells of {0} providers instead of one")]
    Providers(usize),
}

/// Everything that one provider accepts.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Schema {
    /// `registry.terraform.io/hashicorp/random`.
    #[serde(skip)]
    pub source: String,
    /// Of the provider, where it is known.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub version: String,
    /// The block `provider`.
    pub provider: Versioned,
    /// By type.
    #[serde(default)]
    pub resource_schemas: BTreeMap<String, Versioned>,
    /// By type.
    #[serde(default)]
    pub data_source_schemas: BTreeMap<String, Versioned>,
    /// By type: what is opened when something is applied, and kept nowhere.
    #[serde(default)]
    pub ephemeral_resource_schemas: BTreeMap<String, Versioned>,
}

/// A block and the version of its state.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Versioned {
    /// Of the state; a provider counts it up when it moves attributes.
    #[serde(default)]
    pub version: i64,
    /// What stands in it.
    #[serde(default)]
    pub block: Block,
}

/// What may stand in a block.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Block {
    /// `name = value`.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub attributes: BTreeMap<String, Attribute>,
    /// `name { ... }`.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub block_types: BTreeMap<String, Nested>,
}

/// A value in a block.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Attribute {
    /// Unless it is nested.
    #[serde(default, rename = "type", skip_serializing_if = "Option::is_none")]
    pub kind: Option<Type>,
    /// An object, or several, of attributes with flags of their own.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub nested_type: Option<NestedType>,
    /// It has to be given.
    #[serde(default, skip_serializing_if = "is_false")]
    pub required: bool,
    /// It may be given.
    #[serde(default, skip_serializing_if = "is_false")]
    pub optional: bool,
    /// The provider fills it where nobody does.
    #[serde(default, skip_serializing_if = "is_false")]
    pub computed: bool,
}

impl Attribute {
    /// Older resources take a list of objects as blocks too.
    pub fn may_be_a_block(&self) -> bool {
        matches!(&self.kind, Some(Type::Of(_, of)) if matches!(**of, Type::Object(..)))
    }
}

/// Attributes with flags of their own behind one name.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct NestedType {
    /// By name.
    pub attributes: BTreeMap<String, Attribute>,
    /// How many of them.
    pub nesting_mode: Nesting,
}

/// Blocks inside of a block.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Nested {
    /// How many of them.
    pub nesting_mode: Nesting,
    /// What may stand in each.
    #[serde(default)]
    pub block: Block,
    /// At least so many.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub min_items: u64,
    /// At most so many; 0: any number.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub max_items: u64,
}

/// How blocks or objects stand in another.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Nesting {
    /// One or none.
    Single,
    /// One, made where nobody gives it.
    Group,
    /// In an order.
    List,
    /// In none.
    Set,
    /// By name.
    Map,
}

/// The type of a value: `"string"`, `["list", "string"]`, `["object", {"name": "string"}]`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum Type {
    /// `string`, `number`, `bool` or `dynamic`.
    Plain(String),
    /// `list`, `set` or `map` of one type.
    Of(String, Box<Type>),
    /// Named members, each of its type.
    Object(String, BTreeMap<String, Type>),
    /// Members by place.
    Tuple(String, Vec<Type>),
}

#[derive(Deserialize)]
struct Document {
    provider_schemas: BTreeMap<String, Schema>,
}

impl Schema {
    /// Reads the schema of one provider.
    pub fn read(text: &str) -> Result<Schema, SchemaError> {
        let document: Document = serde_json::from_str(text)?;
        let count = document.provider_schemas.len();
        let mut all = document.provider_schemas.into_iter();
        match (all.next(), count) {
            (Some((source, schema)), 1) => Ok(Schema { source, ..schema }),
            _ => Err(SchemaError::Providers(count)),
        }
    }

    /// Reads every schema of a folder: files that end in `.json`, by name.
    pub fn read_folder(folder: &Path) -> Result<Vec<Schema>, SchemaError> {
        let mut files: Vec<_> = fs::read_dir(folder)?.flatten().map(|entry| entry.path()).collect();
        files.retain(|file| file.extension().is_some_and(|end| end == "json"));
        files.sort();
        files.iter().map(|file| Schema::read(&fs::read_to_string(file)?)).collect()
    }

    /// As `terraform providers schema -json` would print it.
    pub fn write(&self) -> Value {
        serde_json::json!({ "format_version": "1.0", "provider_schemas": { self.source.as_str(): self } })
    }

    /// The provider's own name: the last word of its source.
    pub fn name(&self) -> &str {
        self.source.rsplit('/').next().unwrap_or_default()
    }
}

impl Type {
    /// A type without members.
    pub fn plain(name: &str) -> Type {
        Type::Plain(name.to_owned())
    }

    /// Several of one type.
    pub fn of(collection: &str, of: Type) -> Type {
        Type::Of(collection.to_owned(), Box::new(of))
    }

    /// Named members.
    pub fn object(members: BTreeMap<String, Type>) -> Type {
        Type::Object("object".to_owned(), members)
    }
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde asks for it")]
fn is_false(value: &bool) -> bool {
    !value
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde asks for it")]
fn is_zero(value: &u64) -> bool {
    *value == 0
}

#[cfg(test)]
mod tests {
    use super::*;

    const PRINTED: &str = r#"{"format_version": "1.0", "provider_schemas": {"registry.terraform.io/example/toy": {
        "provider": {"version": 0, "block": {"description_kind": "plain"}},
        "resource_schemas": {"toy_box": {"version": 1, "block": {
            "attributes": {"size": {"type": "number", "required": true},
                "labels": {"type": ["map", "string"], "optional": true},
                "rules": {"type": ["set", ["object", {"port": "number"}]], "computed": true}},
            "block_types": {"lid": {"nesting_mode": "list", "block": {}, "min_items": 1, "max_items": 1}}}}}}}}"#;

    #[test]
    fn what_terraform_prints_is_read_and_written_alike() {
        let schema = Schema::read(PRINTED).unwrap();
        assert_eq!((schema.name(), schema.source.as_str()), ("toy", "registry.terraform.io/example/toy"));
        let toy = &schema.resource_schemas["toy_box"].block;
        assert_eq!(toy.attributes["labels"].kind, Some(Type::of("map", Type::plain("string"))));
        let rule = Type::object(BTreeMap::from([("port".to_owned(), Type::plain("number"))]));
        assert_eq!(toy.attributes["rules"].kind, Some(Type::of("set", rule)));
        assert_eq!(toy.block_types["lid"].max_items, 1);
        assert_eq!(Schema::read(&schema.write().to_string()).unwrap(), schema);
    }

    #[test]
    fn there_has_to_be_one_provider() {
        let none = r#"{"provider_schemas": {}}"#;
        assert!(matches!(Schema::read(none), Err(SchemaError::Providers(0))));
    }
}
