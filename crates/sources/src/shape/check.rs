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
        checker.object(node, &node.span, object);
    }
    checker.sink
}

struct Checker {
    sink: Diagnostics,
    code: Option<Code>,
}

impl Checker {
    fn report(&mut self, code: Code, message: impl Into<String>, span: &Span, help: Option<String>) {
        let mut finding = Diagnostic::new(self.code.unwrap_or(code), message).at(span);
        finding.help.extend(help);
        self.sink.push(finding);
    }

    /// `owner` is where a missing key is reported: the key of this mapping, or its start.
    fn object(&mut self, node: &Node, owner: &Span, object: &'static Object) {
        for entry in node.entries() {
            match object.keys().find(|key| key.name == entry.key.value) {
                Some(key) => self.kind(&entry.value, &entry.key.value, &key.kind),
                None if object.others == Others::Free => {}
                None => self.unknown_key(entry, object),
            }
        }
        for key in object.keys().filter(|key| key.need == Need::Required) {
            if node.get(key.name).is_none() {
                let message = format!("{} has no `{}`", with_article(object.name), key.name);
                self.report(codes::MISSING_KEY, message, owner, Some(format!("add {}", example_of(key))));
            }
        }
        for rule in object.rules {
            self.rule(node, owner, object, rule);
        }
    }

    fn unknown_key(&mut self, entry: &Entry, object: &'static Object) {
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
                format!("{} takes {}", with_article(object.name), known.join(", "))
            }
        };
        let message = format!("unknown key `{word}` in {}", with_article(object.name));
        self.report(codes::UNKNOWN_KEY, message, &entry.key.span, Some(help));
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
                let message = format!("{} has none of {}", with_article(object.name), wanted.join(", "));
                let example = object.keys().find(|key| names.contains(&key.name)).map(example_of);
                self.report(codes::MISSING_KEY, message, owner, example.map(|line| format!("add {line}")));
            }
        }
    }

    fn kind(&mut self, node: &Node, name: &str, kind: &'static Kind) {
        if node.is_null() && !matches!(kind, Kind::Free) {
            let help = format!("`{name}` takes {}", kind.says());
            self.report(codes::WRONG_TYPE, format!("`{name}` has no value"), &node.span, Some(help));
            return;
        }
        match (kind, &node.value) {
            (Kind::Free, _) => self.free(node),
            (Kind::Scalar(format), Value::Scalar(_)) => self.scalar(node, name, format),
            (Kind::Object(object), Value::Map(_)) => self.object(node, &node.span, object),
            (Kind::Map { keys, values }, Value::Map(entries)) => {
                for entry in entries {
                    if let Err(refusal) = keys.check(&entry.key.value) {
                        self.refuse(refusal, &entry.key.span);
                    }
                    self.kind(&entry.value, &entry.key.value, values);
                }
            }
            (Kind::List(item), Value::List(items)) => {
                items.iter().for_each(|node| self.kind(node, name, item))
            }
            (Kind::Either(kinds), _) => match kinds.iter().find(|kind| fits(node, kind)) {
                Some(kind) => self.kind(node, name, kind),
                None => self.wrong_shape(node, name, kind),
            },
            _ => self.wrong_shape(node, name, kind),
        }
    }

    fn wrong_shape(&mut self, node: &Node, name: &str, kind: &'static Kind) {
        let message = format!("`{name}` takes {}, not {}", kind.says(), shape_of(node));
        let help = match (kind, &node.value) {
            (Kind::List(_), Value::Scalar(scalar)) => format!("write `{name}: [{}]`", scalar.text),
            _ => format!("write `{name}` as {}", kind.says()),
        };
        self.report(codes::WRONG_TYPE, message, &node.span, Some(help));
    }

    fn scalar(&mut self, node: &Node, name: &str, format: &'static Format) {
        let Some(scalar) = node.scalar() else { return };
        if !format.takes(scalar) {
            let message = format!("`{name}` takes {}, not {}", format.says, shape_of(node));
            let help = match (scalar.class(), format.classes.contains(&Class::Text)) {
                (Class::Bool | Class::Number, true) => format!("put it in quotes: `\"{}\"`", scalar.text),
                (Class::Text, false) if numeric(&scalar.text) => {
                    format!("write it without quotes: `{}`", scalar.text)
                }
                _ => format!("write {}", format.says),
            };
            self.report(codes::WRONG_TYPE, message, &node.span, Some(help));
        } else if let Err(refusal) = format.check(&scalar.text) {
            self.refuse(refusal, &node.span);
        }
    }

    fn refuse(&mut self, refusal: Refusal, span: &Span) {
        // Placeholders and paths are no matter of a published schema: they keep their own code.
        let own = [codes::BAD_PLACEHOLDER.id, codes::BAD_PATH.id];
        let code =
            if own.contains(&refusal.code.id) { refusal.code } else { self.code.unwrap_or(refusal.code) };
        let mut finding = Diagnostic::new(code, refusal.message).at(span);
        finding.help.extend(refusal.help);
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

fn example_of(key: &Key) -> String {
    format!("`{}: {}`", key.name, key.example)
}

fn with_article(name: &str) -> String {
    if name == "appia.yaml" || name.starts_with("the ") {
        return name.to_owned();
    }
    let vowel = name.starts_with(['a', 'e', 'i', 'o']);
    format!("{} {name}", if vowel { "an" } else { "a" })
}
