//! The check of a file against its table: every finding, with its place and a way out.

use appia_diag::{Code, Diagnostic, Diagnostics, Span, codes};

use super::{Format, Key, Kind, Need, Object, Others, Refusal, Rule};
use crate::yaml::{Class, Entry, Node, Value};

/// Checks a node against what it should be. With `code`, findings about form carry that code instead of their own
/// (a format with a published schema has one code for "does not follow it").
pub(crate) fn check(node: &Node, object: &'static Object, code: Option<Code>) -> Diagnostics {
    let mut checker = Checker { sink: Diagnostics::new(), code };
    if node.entries().is_empty() && !matches!(node.value, Value::Map(_)) {
        let message = format!("the file does not hold {}", Kind::Object(object).says());
        checker.report(
            codes::WRONG_TYPE,
            message,
            &node.span,
            Some("begin with `key: value` lines".to_owned()),
        );
    } else {
        let start = Span::new(node.span.file.clone(), node.span.start, node.span.start);
        checker.object(node, &start, object);
    }
    checker.sink
}

struct Checker {
    sink: Diagnostics,
    code: Option<Code>,
}

/// The value of a key: its name, where the key stands and what a person could write there.
struct At<'a> {
    name: &'a str,
    key: &'a Span,
    example: Option<String>,
}

impl<'a> At<'a> {
    fn new(entry: &'a Entry, example: Option<String>) -> At<'a> {
        At { name: &entry.key.value, key: &entry.key.span, example }
    }

    /// A way out: the key with a value of the right kind.
    fn way_out(&self, kind: &Kind) -> String {
        match &self.example {
            Some(example) => format!("write for example `{}: {example}`", self.name),
            None => format!("`{}` takes {}", self.name, kind.says()),
        }
    }
}

impl Checker {
    fn report(&mut self, code: Code, message: impl Into<String>, span: &Span, help: Option<String>) {
        let mut finding = Diagnostic::new(self.code.unwrap_or(code), message).at(span);
        finding.help.extend(help);
        self.sink.push(finding);
    }

    /// `owner` is where a missing key is reported: the key of this mapping, or its start.
    fn object(&mut self, node: &Node, owner: &Span, object: &'static Object) {
        // A misspelt key is one finding: what it was meant to be is not missing too.
        let mut meant: Vec<&str> = Vec::new();
        for entry in node.entries() {
            match object.keys().find(|key| key.name == entry.key.value) {
                Some(key) => {
                    let at = At::new(entry, Some(key.example.to_owned()));
                    self.kind(&entry.value, &at, &key.kind);
                }
                None if object.others == Others::Free => {}
                None => meant.extend(self.unknown_key(entry, object)),
            }
        }
        for key in object.keys().filter(|key| key.need == Need::Required) {
            if node.get(key.name).is_none() && !meant.contains(&key.name) {
                let message = format!("{} has no `{}`", object.name, key.name);
                self.report(codes::MISSING_KEY, message, owner, Some(format!("add {}", example_of(key))));
            }
        }
        for rule in object.rules {
            let told = matches!(rule, Rule::AnyOf(names) if names.iter().any(|name| meant.contains(name)));
            if !told {
                self.rule(node, owner, object, rule);
            }
        }
    }

    /// Reports a key and gives the known one that was probably meant.
    fn unknown_key(&mut self, entry: &Entry, object: &'static Object) -> Option<&'static str> {
        let word = entry.key.value.as_str();
        let names = || object.keys().map(|key| key.name);
        let meant = object
            .keys()
            .find(|key| key.elsewhere.contains(&word))
            .map(|key| key.name)
            .or_else(|| appia_diag::closest(word, names()));
        let help = match meant {
            Some(name) => format!("did you mean `{name}`?"),
            None => {
                let known: Vec<String> = names().map(|name| format!("`{name}`")).collect();
                format!("{} takes {}", object.name, known.join(", "))
            }
        };
        let message = format!("unknown key `{word}` in {}", object.name);
        self.report(codes::UNKNOWN_KEY, message, &entry.key.span, Some(help));
        meant
    }

    fn rule(&mut self, node: &Node, owner: &Span, object: &'static Object, rule: &Rule) {
        match rule {
            Rule::Exclusive(first, second) => {
                let (Some(one), Some(other)) = (node.entry(first), node.entry(second)) else { return };
                let later = if one.key.span.start > other.key.span.start { one } else { other };
                let earlier = if later.key == one.key { other } else { one };
                let message = format!("`{first}` and `{second}` exclude each other");
                let mut finding = Diagnostic::new(self.code.unwrap_or(codes::EXCLUSIVE_KEYS), message)
                    .at(&later.key.span)
                    .help("keep one of them");
                finding = finding.related(&earlier.key.span, "the other one is here");
                self.sink.push(finding);
            }
            Rule::AnyOf(names) => {
                if names.iter().any(|name| node.get(name).is_some()) {
                    return;
                }
                let wanted: Vec<String> = names.iter().map(|name| format!("`{name}`")).collect();
                let message = format!("{} has none of {}", object.name, wanted.join(", "));
                let examples: Vec<String> = names
                    .iter()
                    .filter_map(|name| object.keys().find(|key| key.name == *name))
                    .map(example_of)
                    .collect();
                self.report(
                    codes::MISSING_KEY,
                    message,
                    owner,
                    Some(format!("add {}", examples.join(" or "))),
                );
            }
        }
    }

    fn kind(&mut self, node: &Node, at: &At<'_>, kind: &'static Kind) {
        if node.is_null() && !matches!(kind, Kind::Free) {
            let message = format!("`{}` has no value", at.name);
            self.report(codes::WRONG_TYPE, message, &node.span, Some(at.way_out(kind)));
            return;
        }
        match (kind, &node.value) {
            (Kind::Free, _) => self.free(node),
            (Kind::Scalar(format), Value::Scalar(_)) => self.scalar(node, at, format),
            (Kind::Object(object), Value::Map(_)) => self.object(node, at.key, object),
            (Kind::Map { keys, values }, Value::Map(entries)) => {
                for entry in entries {
                    if let Err(refusal) = keys.check(&entry.key.value) {
                        self.refuse(refusal, &entry.key.span);
                    }
                    self.kind(&entry.value, &At::new(entry, example_value(values)), values);
                }
            }
            (Kind::List(item), Value::List(items)) => {
                for node in items {
                    self.kind(node, &At { key: &node.span, example: None, ..*at }, item);
                }
            }
            (Kind::Either(kinds), _) => match kinds.iter().find(|kind| fits(node, kind)) {
                Some(kind) => self.kind(node, at, kind),
                None => self.wrong_shape(node, at, kind),
            },
            _ => self.wrong_shape(node, at, kind),
        }
    }

    fn wrong_shape(&mut self, node: &Node, at: &At<'_>, kind: &'static Kind) {
        let message = format!("`{}` takes {}, not {}", at.name, kind.says(), shape_of(node));
        let help = match (kind, node.text()) {
            (Kind::List(_), Some(text)) => format!("write `{}: [{text}]`", at.name),
            (_, Some("yes" | "Yes" | "on" | "On")) => format!("write `{}: true`", at.name),
            _ => at.way_out(kind),
        };
        self.report(codes::WRONG_TYPE, message, &node.span, Some(help));
    }

    fn scalar(&mut self, node: &Node, at: &At<'_>, format: &'static Format) {
        let Some(scalar) = node.scalar() else { return };
        let tested = format.check(&scalar.text);
        if format.takes(scalar) {
            if let Err(refusal) = tested {
                self.refuse(refusal, &node.span);
            }
            return;
        }
        // A bare number where a unit is needed says more as "needs a unit" than as "put it in quotes".
        if let (Err(refusal), Class::Number) = (tested, scalar.class()) {
            self.refuse(refusal, &node.span);
            return;
        }
        let message = format!("`{}` takes {}, not {}", at.name, format.says, shape_of(node));
        let help = match (scalar.class(), format.classes.contains(&Class::Text)) {
            (Class::Bool | Class::Number, true) => format!("put it in quotes: `\"{}\"`", scalar.text),
            (Class::Text, false) if numeric(&scalar.text) => {
                format!("write it without quotes: `{}`", scalar.text)
            }
            _ => format!("write {}", format.says),
        };
        self.report(codes::WRONG_TYPE, message, &node.span, Some(help));
    }

    fn refuse(&mut self, refusal: Refusal, span: &Span) {
        // Placeholders and paths are no matter of a published schema: they keep their own code.
        let own = [codes::BAD_PLACEHOLDER.id, codes::BAD_PATH.id];
        let code =
            if own.contains(&refusal.code.id) { refusal.code } else { self.code.unwrap_or(refusal.code) };
        let mut finding = Diagnostic::new(code, refusal.message).at(span);
        finding.help.extend(refusal.help);
        finding.on = refusal.on;
        self.sink.push(finding);
    }

    /// Free YAML: only its placeholders are checked, and only where the format has no other meaning for them.
    fn free(&mut self, node: &Node) {
        if self.code.is_some() {
            return;
        }
        match &node.value {
            Value::Scalar(scalar) => {
                if let Err(refusal) = super::formats::TEMPLATE.check(&scalar.text) {
                    self.refuse(refusal, &node.span);
                }
            }
            Value::List(items) => items.iter().for_each(|item| self.free(item)),
            Value::Map(entries) => entries.iter().for_each(|entry| self.free(&entry.value)),
        }
    }
}

/// Whether YAML's own shape of a node is that of a kind.
fn fits(node: &Node, kind: &Kind) -> bool {
    match (kind, &node.value) {
        (Kind::Scalar(format), Value::Scalar(scalar)) => format.takes(scalar),
        (Kind::Object(_) | Kind::Map { .. }, Value::Map(_)) | (Kind::List(_), Value::List(_)) => true,
        (Kind::Either(kinds), _) => kinds.iter().any(|kind| fits(node, kind)),
        (Kind::Free, _) => true,
        _ => false,
    }
}

fn numeric(text: &str) -> bool {
    text.parse::<f64>().is_ok() || matches!(text, "true" | "false")
}

fn shape_of(node: &Node) -> String {
    match &node.value {
        Value::List(_) => "a list".to_owned(),
        Value::Map(_) => "a mapping".to_owned(),
        Value::Scalar(scalar) => match scalar.class() {
            Class::Null => "nothing".to_owned(),
            Class::Bool => format!("the boolean `{}`", scalar.text),
            Class::Number => format!("the number `{}`", scalar.text),
            Class::Text => "a text".to_owned(),
        },
    }
}

/// A mapping that a person could write: its required keys, or its first one.
fn example_value(kind: &'static Kind) -> Option<String> {
    let Kind::Object(object) = kind else { return None };
    let required: Vec<&Key> = object.keys().filter(|key| key.need == Need::Required).collect();
    let shown = if required.is_empty() { object.keys().take(1).collect() } else { required };
    let pairs: Vec<String> = shown.iter().map(|key| format!("{}: {}", key.name, key.example)).collect();
    Some(format!("{{ {} }}", pairs.join(", ")))
}

fn example_of(key: &Key) -> String {
    format!("`{}: {}`", key.name, key.example)
}
