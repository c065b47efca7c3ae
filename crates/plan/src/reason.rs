//! Why a number is what it is. A value in a plan can only be made together with its reason.

use std::borrow::Cow;

use appia_diag::Span;
use appia_intent::Address;
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// A value that nobody can make without saying why: only [`Reasons::derive`] makes one.
#[derive(Debug, Clone, PartialEq)]
pub struct Derived<T> {
    value: T,
    why: ReasonId,
}

impl<T> Derived<T> {
    /// The value.
    pub fn get(&self) -> &T {
        &self.value
    }

    /// The reason's place in [`Reasons`].
    pub fn why(&self) -> ReasonId {
        self.why
    }

    /// Another value that is so for the same reason.
    pub fn with<U>(&self, value: U) -> Derived<U> {
        Derived { value, why: self.why }
    }
}

impl<T: Serialize> Derived<T> {
    /// The same value as JSON, with the same reason.
    pub fn to_json(&self) -> Derived<Value> {
        Derived { value: serde_json::to_value(&self.value).unwrap_or(Value::Null), why: self.why }
    }
}

/// The place of a reason in [`Reasons`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct ReasonId(u32);

/// Why a value is what it is.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Reason {
    /// The rule that decided, `size/replicas/default`; the reference has a page for each.
    pub rule: Cow<'static, str>,
    /// One sentence for people.
    pub text: String,
    /// What it was computed from.
    pub inputs: Vec<Input>,
    /// What was considered and not taken.
    pub rejected: Vec<Alternative>,
}

impl Reason {
    /// A reason without inputs.
    pub fn new(rule: &'static str, text: impl Into<String>) -> Reason {
        Reason { rule: Cow::Borrowed(rule), text: text.into(), inputs: Vec::new(), rejected: Vec::new() }
    }

    /// Adds what it was computed from.
    #[must_use]
    pub fn input(mut self, name: Address, value: impl Into<Value>, origin: Origin) -> Reason {
        self.inputs.push(Input { name, value: value.into(), origin });
        self
    }

    /// Adds what was not taken.
    #[must_use]
    pub fn rejected(mut self, alternative: Alternative) -> Reason {
        self.rejected.push(alternative);
        self
    }
}

/// Something a value was computed from.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Input {
    /// Its address.
    pub name: Address,
    /// Its value.
    pub value: Value,
    /// Where it comes from.
    pub origin: Origin,
}

/// Where an input comes from.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Origin {
    /// A person wrote it there.
    Stated(Span),
    /// It was measured.
    Measured {
        /// Where that is written.
        file: String,
        /// On that day (RFC 3339 date).
        date: String,
    },
    /// Appia's default, with the source of the figure.
    Default(Cow<'static, str>),
    /// A row of a dated table.
    Table {
        /// Which row of which table.
        row: String,
        /// The day the table was right.
        as_of: String,
    },
    /// Computed before, for that reason.
    Computed(ReasonId),
}

/// What was considered and not taken.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Alternative {
    /// The value it would have been.
    pub value: Value,
    /// What it would have cost a month, as a decimal string, when priced.
    pub monthly_usd: Option<String>,
    /// Why it was not taken.
    pub rejected: String,
}

/// All reasons of a plan, in the order in which its values were made.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Reasons(Vec<Reason>);

impl Reasons {
    /// Makes a value, keeping why.
    ///
    /// ```
    /// use appia_plan::{Reason, Reasons};
    /// let mut reasons = Reasons::default();
    /// let replicas = reasons.derive(1_u32, Reason::new("size/replicas/default", "one replica is enough here"));
    /// assert_eq!(reasons.of(replicas.why()).unwrap().text, "one replica is enough here");
    /// ```
    pub fn derive<T>(&mut self, value: T, reason: Reason) -> Derived<T> {
        let why = ReasonId(u32::try_from(self.0.len()).unwrap_or(u32::MAX));
        self.0.push(reason);
        Derived { value, why }
    }

    /// The reason at a place.
    pub fn of(&self, id: ReasonId) -> Option<&Reason> {
        self.0.get(usize::try_from(id.0).ok()?)
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// True when nothing was derived.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}
