//! The table as a reference page.

use std::collections::BTreeSet;
use std::fmt::Write as _;

use super::{Key, Kind, Need, Object, Rule};

/// A page with a section for each mapping, in the order in which a reader meets them.
pub(crate) fn of(root: &'static Object) -> String {
    let mut page = format!("# {}\n\nGenerated from the table that reads the file.\n", root.name);
    let mut known = BTreeSet::new();
    section(root, &mut known, &mut page);
    page
}

fn section(object: &'static Object, known: &mut BTreeSet<&'static str>, page: &mut String) {
    if !known.insert(object.name) {
        return;
    }
    let title = if known.len() == 1 { "The file" } else { object.title() };
    let _ = write!(page, "\n## {title}\n\n{}\n\n", object.about);
    page.push_str("| key | takes | what it says | example |\n|---|---|---|---|\n");
    for key in object.keys() {
        row(key, page);
    }
    if !object.rules.is_empty() {
        page.push('\n');
        object.rules.iter().for_each(|rule| page.push_str(&sentence(rule)));
    }
    for key in object.keys() {
        inner(&key.kind, &mut |object| section(object, known, page));
    }
}

fn row(key: &Key, page: &mut String) {
    let need = if key.need == Need::Required { " (required)" } else { "" };
    let cell = |text: &str| text.replace('|', "\\|");
    let _ = writeln!(
        page,
        "| `{}`{need} | {} | {} | `{}: {}` |",
        key.name,
        cell(&key.kind.says()),
        cell(key.about),
        key.name,
        cell(key.example)
    );
}

fn sentence(rule: &Rule) -> String {
    match rule {
        Rule::Exclusive(first, second) => format!("* Not both `{first}` and `{second}`.\n"),
        Rule::AnyOf(names) => {
            let names: Vec<String> = names.iter().map(|name| format!("`{name}`")).collect();
            format!("* At least one of {}.\n", names.join(", "))
        }
    }
}

fn inner(kind: &'static Kind, visit: &mut dyn FnMut(&'static Object)) {
    match kind {
        Kind::Object(object) => visit(object),
        Kind::Map { values: kind, .. } | Kind::List(kind) => inner(kind, visit),
        Kind::Either(kinds) => kinds.iter().for_each(|kind| inner(kind, visit)),
        Kind::Scalar(_) | Kind::Free => {}
    }
}
