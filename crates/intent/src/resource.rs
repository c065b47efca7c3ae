//! Resources: what workloads need, with parameters that may themselves hold placeholders.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;

use appia_diag::Spanned;
use serde::{Deserialize, Serialize};

use crate::{ResourceName, Template};

/// A kind of resource: `postgres`, `redis`, `volume`, `external`, and whatever offerings provide.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct ResourceType(Arc<str>);

impl ResourceType {
    /// A type as written; whether an offering provides it is decided when the plan is compiled.
    pub fn new(text: &str) -> ResourceType {
        ResourceType(text.into())
    }

    /// The type as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for ResourceType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0)
    }
}

/// Something that workloads need.
#[derive(Debug, Clone, PartialEq)]
pub struct Resource {
    /// Its name in the application.
    pub name: Spanned<ResourceName>,
    /// What it is.
    pub kind: Spanned<ResourceType>,
    /// A specialisation that offerings match on.
    pub class: Option<Spanned<String>>,
    /// A stated identity; offerings match on it.
    pub id: Option<Spanned<String>>,
    /// What the offering takes.
    pub params: BTreeMap<ParamKey, Spanned<Param>>,
    /// For `external`: the values of its outputs.
    pub outputs: BTreeMap<String, Spanned<Template>>,
    /// True where the format leaves types open (Score): an unknown type is then taken as external with a warning.
    pub open_type: bool,
    /// Stated labels and notes, kept for offerings and exports.
    pub annotations: BTreeMap<String, String>,
}

/// The name of a parameter.
pub type ParamKey = String;

/// A parameter: YAML with placeholders in its strings.
#[derive(Debug, Clone, PartialEq)]
pub enum Param {
    /// Nothing.
    Null,
    /// `true` or `false`.
    Bool(bool),
    /// A number exactly as written (`16`, `1.10`).
    Number(String),
    /// A text.
    Text(Template),
    /// A list.
    List(Vec<Spanned<Param>>),
    /// A mapping.
    Map(BTreeMap<String, Spanned<Param>>),
}

impl Param {
    /// All templates inside, depth first.
    pub fn templates(&self) -> Vec<&Template> {
        match self {
            Param::Null | Param::Bool(_) | Param::Number(_) => Vec::new(),
            Param::Text(template) => vec![template],
            Param::List(items) => items.iter().flat_map(|item| item.value.templates()).collect(),
            Param::Map(entries) => entries.values().flat_map(|entry| entry.value.templates()).collect(),
        }
    }

    /// The scalar as text when it is a number, a boolean or a text without placeholders.
    pub fn as_text(&self) -> Option<String> {
        match self {
            Param::Bool(value) => Some(value.to_string()),
            Param::Number(text) => Some(text.clone()),
            Param::Text(template) => template.as_literal().map(str::to_owned),
            Param::Null | Param::List(_) | Param::Map(_) => None,
        }
    }
}
