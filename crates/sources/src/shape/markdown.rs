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
        rules(object.rules, page);
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

/// A sentence for each rule; what excludes the same key is said at once.
fn rules(rules: &[Rule], page: &mut String) {
    let mut excluded: Vec<(&str, Vec<String>)> = Vec::new();
    for rule in rules {
        match rule {
            Rule::AnyOf(names) => {
                let names: Vec<String> = names.iter().map(|name| format!("`{name}`")).collect();
                let _ = writeln!(page, "* At least one of {}.", names.join(", "));
            }
            Rule::Exclusive(first, second) => match excluded.iter_mut().find(|(known, _)| known == first) {
                Some((_, others)) => others.push(format!("`{second}`")),
                None => excluded.push((first, vec![format!("`{second}`")])),
            },
        }
    }
    for (first, others) in excluded {
        let any = if others.len() > 1 { "any of " } else { "" };
        let _ = writeln!(page, "* Not both `{first}` and {any}{}.", others.join(", "));
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
