//! YAML as a person would write it and every reader would read it: YAML 1.1 and 1.2 agree on each line.
//!
//! A text stands without quotes only when no reader could take it for something else (`no`, `1e3`, `0x1f`, `012` and
//! `~` are quoted). What readers look for (`apiVersion`, `kind`, `name`, `image`) comes first, other
//! keys by name. Called by `render`.

use serde_json::{Map, Value};

/// Words that some reader takes for a boolean, a number or nothing.
const WORDS: &[&str] = &["y", "n", "yes", "no", "on", "off", "true", "false", "null", "nan", "inf"];

/// Keys that readers look for first.
const FIRST: &[&str] = &["apiVersion", "kind", "metadata", "name", "namespace", "image", "command", "args"];

/// One document, without a marker before it.
pub(super) fn document(value: &Value) -> String {
    let mut text = String::new();
    match value {
        Value::Object(entries) if !entries.is_empty() => mapping(entries, 0, &mut text),
        _ => {
            scalar(value, 0, &mut text);
            text.push('\n');
        }
    }
    text
}

fn mapping(entries: &Map<String, Value>, indent: usize, text: &mut String) {
    for (index, (key, value)) in in_order(entries).into_iter().enumerate() {
        // The first key of a list's item stands on the line of its dash.
        if index > 0 || text.is_empty() || text.ends_with('\n') {
            text.push_str(&" ".repeat(indent));
        }
        text.push_str(&flow(key));
        text.push(':');
        nested(value, indent + 2, text);
    }
}

fn in_order(entries: &Map<String, Value>) -> Vec<(&String, &Value)> {
    let mut sorted: Vec<_> = entries.iter().collect();
    let rank = |key: &str| FIRST.iter().position(|first| *first == key).unwrap_or(FIRST.len());
    sorted.sort_by(|one, other| (rank(one.0), one.0).cmp(&(rank(other.0), other.0)));
    sorted
}

fn nested(value: &Value, indent: usize, text: &mut String) {
    match value {
        Value::Object(entries) if !entries.is_empty() => {
            text.push('\n');
            mapping(entries, indent, text);
        }
        Value::Array(items) if !items.is_empty() => {
            text.push('\n');
            list(items, indent, text);
        }
        _ => {
            text.push(' ');
            scalar(value, indent, text);
            text.push('\n');
        }
    }
}

fn list(items: &[Value], indent: usize, text: &mut String) {
    for item in items {
        text.push_str(&" ".repeat(indent));
        text.push('-');
        match item {
            Value::Object(entries) if !entries.is_empty() => {
                text.push(' ');
                mapping(entries, indent + 2, text);
            }
            _ => nested(item, indent + 2, text),
        }
    }
}

fn scalar(value: &Value, indent: usize, text: &mut String) {
    match value {
        Value::String(content) => match block(content, indent) {
            Some(block) => text.push_str(&block),
            None => text.push_str(&flow(content)),
        },
        Value::Object(_) => text.push_str("{}"),
        Value::Array(_) => text.push_str("[]"),
        Value::Null | Value::Bool(_) | Value::Number(_) => text.push_str(&value.to_string()),
    }
}

/// On one line, in quotes where it needs them.
fn flow(content: &str) -> String {
    if is_plain(content) { content.to_owned() } else { quoted(content) }
}

fn is_plain(content: &str) -> bool {
    let begins = content.starts_with(|first: char| first.is_ascii_alphabetic() || first == '/');
    let inner = |one: char| one.is_ascii_alphanumeric() || "_./:@-".contains(one);
    let word = content.to_ascii_lowercase();
    begins && content.chars().all(inner) && !content.ends_with(':') && !WORDS.contains(&word.as_str())
}

/// As JSON, which YAML is a superset of, with what YAML does not print escaped as well.
fn quoted(content: &str) -> String {
    let json = Value::from(content).to_string();
    let escape = |one: char| {
        if is_printable(one) { one.to_string() } else { format!("\\u{:04x}", u32::from(one)) }
    };
    json.chars().map(escape).collect()
}

/// Several lines as they are, when every reader gives back the same lines.
fn block(content: &str, indent: usize) -> Option<String> {
    let (body, marker) = match content.strip_suffix('\n') {
        Some(body) => (body, "|"),
        None => (content, "|-"),
    };
    let blank = |line: &str| !line.is_empty() && line.trim().is_empty();
    let fits = content.contains('\n')
        && !body.ends_with('\n')
        && !body.starts_with([' ', '\t', '\n'])
        && !body.is_empty()
        && !body.split('\n').any(blank)
        && body.chars().all(|one| one == '\n' || is_printable(one));
    fits.then(|| {
        let pad = " ".repeat(indent);
        let lines =
            body.split('\n').map(|line| if line.is_empty() { String::new() } else { format!("{pad}{line}") });
        format!("{marker}\n{}", lines.collect::<Vec<_>>().join("\n"))
    })
}

fn is_printable(one: char) -> bool {
    let breaks = ['\u{7f}', '\u{2028}', '\u{2029}', '\u{feff}'];
    !one.is_control() && !breaks.contains(&one)
}

#[cfg(test)]
mod tests {
    use super::document;
    use serde_json::{Value, json};

    /// Each is a text that some reader of YAML 1.1 or 1.2 takes for something else when it stands without quotes.
    #[rustfmt::skip]
    const AMBIGUOUS: &[&str] = &[
        "", "yes", "No", "ON", "y", "true", "null", "~", "1", "1e3", "0x1f", "012", "1_000", "12:30:45",
        ".5", "-1", "2001-01-01", "a: b", "a #b", "- a", "*a", "&a", "!a", "a:", "{a}", "[a]", "%a",
        "@a", "`a`", "a\tb", "é", "a b", "=", "<<", "\u{85}", "\u{2028}", "\u{7f}", "\\", "\"", "$(X)",
        "?", "|", ">",
    ];

    fn check(value: &Value, expect: &str) {
        let text = document(value);
        assert_eq!(text, expect);
        assert_eq!(&serde_saphyr::from_str::<Value>(&text).unwrap(), value, "{text}");
    }

    #[test]
    fn writes_what_a_person_would() {
        check(
            &json!({"spec": {"b": [1, {"z": true, "name": "x"}, ["y"]], "a": {}}, "kind": "Pod", "apiVersion": "v1"}),
            "apiVersion: v1\nkind: Pod\nspec:\n  a: {}\n  b:\n    - 1\n    - name: x\n      z: true\n    -\n      - \"y\"\n",
        );
        check(&json!({"items": [{"list": [{"a": 1}]}]}), "items:\n  - list:\n      - a: 1\n");
    }

    #[test]
    fn keeps_several_lines_readable() {
        check(&json!({"a": {"b": "one\n\n  two\n"}}), "a:\n  b: |\n    one\n\n      two\n");
        check(&json!({"b": "one\ntwo"}), "b: |-\n  one\n  two\n");
        check(&json!({"b": " one\n"}), "b: \" one\\n\"\n");
        check(&json!({"b": "one\n\n"}), "b: \"one\\n\\n\"\n");
    }

    #[test]
    fn quotes_what_a_reader_could_take_for_something_else() {
        for text in AMBIGUOUS.iter().copied() {
            let written = document(&json!({ "a": text, text: "a" }));
            assert!(written.contains('"'), "{text} -> {written}");
            assert_eq!(
                serde_saphyr::from_str::<Value>(&written).unwrap(),
                json!({ "a": text, text: "a" }),
                "{written}"
            );
        }
    }

    #[test]
    fn leaves_the_usual_without_quotes() {
        for text in
            ["web", "docker.io/library/postgres:16", "/healthz", "app.kubernetes.io/name", "RollingUpdate"]
        {
            check(&json!({ "a": text }), &format!("a: {text}\n"));
        }
    }
}
