//! What a file may hold, as data: one table of keys per format.
//!
//! From the same table come the check of a file ([`check()`]), "did you mean", the JSON Schema that editors complete
//! with ([`schema`]) and the reference page ([`markdown`]), so that they cannot disagree. A table says nothing about
//! meaning: after the check, the format's own reader takes what is well-formed and skips the rest silently, because
//! the check has already spoken. Start reading at [`Object`] and [`Kind`].

mod check;
mod format;
pub(crate) mod formats;
pub(crate) mod markdown;
pub(crate) mod schema;

pub(crate) use check::check;
pub(crate) use format::{Format, Refusal, Schema};

/// A mapping with known keys.
pub(crate) struct Object {
    /// What a sentence calls it, with its article: `a workload`, `appia.yaml`.
    pub(crate) name: &'static str,
    /// What it is.
    pub(crate) about: &'static str,
    /// Its keys, in the order a person would write them; several groups where mappings share some.
    pub(crate) groups: &'static [&'static [Key]],
    /// What keys mean for each other.
    pub(crate) rules: &'static [Rule],
    /// Unknown keys are kept (metadata) or refused.
    pub(crate) others: Others,
}

/// What happens to a key that is not in the table.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Others {
    /// It is an error.
    Refused,
    /// It may hold anything.
    Free,
}

/// A key of a mapping.
pub(crate) struct Key {
    /// As written.
    pub(crate) name: &'static str,
    /// What it takes.
    pub(crate) kind: Kind,
    /// Its manual: one or two sentences.
    pub(crate) about: &'static str,
    /// A value in YAML that a person could write.
    pub(crate) example: &'static str,
    /// Whether it must be there.
    pub(crate) need: Need,
    /// What people used to other tools write instead.
    pub(crate) elsewhere: &'static [&'static str],
}

/// Whether a key must be there.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Need {
    /// It must.
    Required,
    /// It need not.
    Optional,
}

/// What a key takes.
pub(crate) enum Kind {
    /// A scalar in a certain form.
    Scalar(&'static Format),
    /// A mapping with known keys.
    Object(&'static Object),
    /// A mapping from names of the person's choice.
    Map { keys: &'static Format, values: &'static Kind },
    /// A list.
    List(&'static Kind),
    /// One of several shapes that YAML itself tells apart.
    Either(&'static [Kind]),
    /// Anything, with placeholders in its texts.
    Free,
}

/// What keys mean for each other.
pub(crate) enum Rule {
    /// Not both.
    Exclusive(&'static str, &'static str),
    /// At least one.
    AnyOf(&'static [&'static str]),
}

impl Object {
    /// Its name without an article, for headings and definitions.
    pub(crate) fn title(&self) -> &'static str {
        let bare = ["a ", "an ", "the "].iter().find_map(|article| self.name.strip_prefix(article));
        bare.unwrap_or(self.name).trim_matches('`')
    }

    /// Its keys.
    pub(crate) fn keys(&self) -> impl Iterator<Item = &'static Key> + use<> {
        self.groups.iter().copied().flatten()
    }
}

impl Key {
    /// An optional key.
    pub(crate) const fn new(
        name: &'static str,
        kind: Kind,
        about: &'static str,
        example: &'static str,
    ) -> Key {
        Key { name, kind, about, example, need: Need::Optional, elsewhere: &[] }
    }

    /// The same key, required.
    pub(crate) const fn required(mut self) -> Key {
        self.need = Need::Required;
        self
    }

    /// The same key with words of other tools that mean it.
    pub(crate) const fn instead_of(mut self, words: &'static [&'static str]) -> Key {
        self.elsewhere = words;
        self
    }
}

impl Kind {
    /// The shape in words, with an article: for "takes ...".
    pub(crate) fn says(&self) -> String {
        match self {
            Kind::Scalar(format) => format.says(),
            Kind::Object(object) => {
                let keys: Vec<String> = object.keys().take(3).map(|key| format!("`{}`", key.name)).collect();
                let more = if object.keys().count() > 3 { ", ..." } else { "" };
                format!("a mapping ({}{more})", keys.join(", "))
            }
            Kind::Map { keys, .. } => format!("a mapping, each key {}", keys.says),
            Kind::List(item) => format!("a list, each item {}", item.says()),
            Kind::Either(kinds) => kinds.iter().map(Kind::says).collect::<Vec<_>>().join(", or "),
            Kind::Free => "anything".to_owned(),
        }
    }
}
