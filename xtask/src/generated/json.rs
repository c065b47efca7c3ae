//! `docs/reference/json.md`: every document of `--output json` key for key, from the types that are written.
//!
//! Called by `generated.rs`. It reads the sources of `api` (and of what `plan` puts into a document as it is) line by
//! line: a `///` sentence, a `pub` field, a `#[serde(rename)]`. Nothing is described twice. Start at `page`.

use std::path::Path;

use anyhow::{Context, Result, ensure};

use super::collect;
use crate::command::root;

const HEAD: &str = "<!-- Generated from the code by `cargo xtask generate`; do not edit. -->

# JSON

With `--output json` a command prints one object on stdout and nothing else, in UTF-8, with `\"appia\": 1` (the version of
this interface) and `\"kind\"` first. `up`, `deploy`, `rollback`, `down` and `logs` print one object a line, kind `Event`; the
last line of a change is its `Result`, or an `Error`. What went wrong is an `Error` on stdout too, files with errors are
`Diagnostics`.

Numbers carry their unit in the name (`_ms _s _millis _mib _usd _rps _kg`), availability is a fraction, money is a decimal
string, times are RFC 3339 in UTC. Addresses are dotted: `workloads.api`, `resources.db`, `outcomes.latency_p95`. A key whose
type ends with `?` is null when there is nothing to say. New keys may come; one that is here goes only with a line in the
changelog.

Four commands print a file of another format, whatever `--output` says: `schema` (JSON Schema), `completions` (a script),
`man` without a folder (roff), `init --print` (YAML).
";

/// Folders and files whose public types are described, in this order.
const SOURCES: &[&str] =
    &["crates/api/src/documents.rs", "crates/api/src/documents", "crates/plan/src/model.rs"];

/// The page.
pub(super) fn page() -> Result<String> {
    let mut types = Vec::new();
    for source in SOURCES {
        types.extend(read(&root().join(source))?);
    }
    call_words_strings(&mut types);
    let kinds = kinds(&text("crates/api/src/envelope.rs")?);
    ensure!(!kinds.is_empty() && !types.is_empty(), "no documents were found");
    let mut page = HEAD.to_owned();
    page.push_str("\n## Exit codes\n\n| code | meaning |\n|---|---|\n");
    for (code, meaning) in exits(&text("crates/cli/src/exit.rs")?) {
        page.push_str(&format!("| {code} | {meaning} |\n"));
    }
    page.push_str("\n## Documents\n");
    for (kind, name) in &kinds {
        let found = types.iter().find(|one| one.name == *name);
        page.push_str(&found.with_context(|| format!("there is no type `{name}`"))?.section(kind));
    }
    page.push_str("\n## What stands in them\n");
    for one in types.iter().filter(|one| !kinds.iter().any(|(_, name)| *name == one.name)) {
        page.push_str(&one.section(&one.name));
    }
    Ok(page)
}

fn text(path: &str) -> Result<String> {
    std::fs::read_to_string(root().join(path)).with_context(|| format!("`{path}` cannot be read"))
}

fn read(source: &Path) -> Result<Vec<Type>> {
    let mut files = Vec::new();
    if source.is_dir() {
        collect(source, &mut files)?
    } else {
        files.push(source.to_path_buf())
    }
    files.sort();
    let mut types = Vec::new();
    for file in files {
        types.extend(types_of(&std::fs::read_to_string(&file)?));
    }
    Ok(types)
}

/// What has no fields of its own (an address, an amount, one of a few words) is a string.
fn call_words_strings(types: &mut [Type]) {
    let described: Vec<String> = types.iter().map(|one| one.name.clone()).collect();
    for [_, kind, _] in types.iter_mut().flat_map(|one| &mut one.fields) {
        let name = kind.rsplit(' ').next().unwrap_or_default().trim_end_matches(['?', '[', ']']).to_owned();
        if name.starts_with(char::is_uppercase) && !described.contains(&name) {
            *kind = kind.replace(&name, "string");
        }
    }
}

/// A type with named fields.
#[derive(Debug, Default, PartialEq, Eq)]
struct Type {
    name: String,
    about: String,
    fields: Vec<[String; 3]>,
}

impl Type {
    fn section(&self, title: &str) -> String {
        let mut text = format!("\n### {title}\n\n{}\n\n| key | type | |\n|---|---|---|\n", self.about);
        for [key, kind, about] in &self.fields {
            text.push_str(&format!("| `{key}` | {kind} | {} |\n", about.replace('|', "\\|")));
        }
        text
    }
}

/// The public types of a source, with what their comments say.
fn types_of(source: &str) -> Vec<Type> {
    let (mut types, mut about, mut renamed, mut inside) = (Vec::<Type>::new(), Vec::new(), None, false);
    for line in source.lines().map(str::trim) {
        if let Some(comment) = line.strip_prefix("/// ") {
            about.push(comment);
            continue;
        }
        if let Some(name) = line.strip_prefix("pub struct ").and_then(|rest| rest.strip_suffix(" {")) {
            types.push(Type { name: name.to_owned(), about: about.join(" "), fields: Vec::new() });
            inside = true;
        } else if line == "}" {
            inside = false;
        } else if let Some(name) = quoted_after(line, "rename = ") {
            renamed = Some(name.to_owned());
            continue;
        } else if let (true, Some((key, kind)), Some(last)) = (inside, field(line), types.last_mut()) {
            let key = renamed.take().unwrap_or_else(|| key.trim_start_matches("r#").to_owned());
            last.fields.push([key, shown(kind), about.join(" ")]);
        }
        if !line.starts_with("#[") {
            about.clear();
        }
    }
    types
}

fn field(line: &str) -> Option<(&str, &str)> {
    line.strip_prefix("pub ")?.strip_suffix(',')?.split_once(": ")
}

fn quoted_after<'a>(line: &'a str, key: &str) -> Option<&'a str> {
    line.starts_with("#[serde(").then(|| line.split_once(key)?.1.split('"').nth(1)).flatten()
}

/// A type in the words of JSON: `Vec<Node>` is `Node[]`, `Option<u32>` is `number?`.
fn shown(kind: &str) -> String {
    let inside = |name: &str| kind.strip_prefix(name).and_then(|rest| rest.strip_suffix('>'));
    if let Some(inner) = inside("Option<") {
        return format!("{}?", shown(inner));
    }
    if let Some(inner) = inside("Vec<") {
        return format!("{}[]", shown(inner));
    }
    if let Some(inner) = inside("BTreeMap<String, ") {
        return format!("object of {}", shown(inner));
    }
    match kind.rsplit("::").next().unwrap_or(kind) {
        "String" => "string".to_owned(),
        "bool" => "true or false".to_owned(),
        "Value" => "any".to_owned(),
        "u8" | "u16" | "u32" | "u64" | "usize" | "i64" | "f64" => "number".to_owned(),
        other => other.to_owned(),
    }
}

/// `Kind` of the envelope: each kind, and the type that its comment links to.
fn kinds(source: &str) -> Vec<(String, String)> {
    let lines: Vec<&str> = source.lines().map(str::trim).collect();
    let pair = |pair: &[&str]| {
        let [comment, variant] = pair else { return None };
        let name = comment.strip_prefix("/// [`crate::documents::")?.strip_suffix("`].")?;
        Some((variant.trim_end_matches(',').to_owned(), name.to_owned()))
    };
    lines.windows(2).filter_map(pair).collect()
}

/// `Done = 0,` with the sentence above it.
fn exits(source: &str) -> Vec<(u8, String)> {
    let lines: Vec<&str> = source.lines().map(str::trim).collect();
    let pair = |pair: &[&str]| {
        let [comment, variant] = pair else { return None };
        let code = variant.split_once(" = ")?.1.strip_suffix(',')?.parse().ok()?;
        Some((code, comment.strip_prefix("/// ")?.trim_end_matches('.').to_owned()))
    };
    lines.windows(2).filter_map(pair).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn types_are_read_with_their_comments() {
        let source = "/// A node.\n#[derive(X)]\npub struct Node {\n    /// What it is,\n    /// in a word.\n    #[serde(rename = \"type\")]\n    pub kind: String,\n    /// Its parts.\n    pub r#where: Option<Vec<a::Part>>,\n}\n";
        let fields = [["type", "string", "What it is, in a word."], ["where", "Part[]?", "Its parts."]];
        let fields = fields.map(|field| field.map(str::to_owned)).to_vec();
        assert_eq!(types_of(source), [Type { name: "Node".into(), about: "A node.".into(), fields }]);
    }

    /// What scripts were promised, kind for kind.
    #[test]
    fn every_promised_key_is_on_the_page() -> Result<()> {
        let page = page()?;
        let promised: &[(&str, &str)] = &[
            ("Diagnostics", "diagnostics"),
            ("Diagnostic", "code severity message file line column end_line end_column help"),
            (
                "Plan",
                "digest app environment target release inputs nodes outcomes cost carbon findings verdict diagnostics infeasible model changes",
            ),
            ("Node", "address type needs offering values objects"),
            ("Outcome", "address promised computed margin met"),
            ("Changes", "digest base_generation steps"),
            ("Step", "address action"),
            ("Explanation", "address value because alternatives"),
            ("Reason", "rule text inputs"),
            ("ReasonInput", "name value origin file line source as_of"),
            ("Alternative", "value monthly_usd rejected"),
            ("Status", "app environment release workloads resources"),
            ("WorkloadStatus", "address state url routes rates cpu_millis memory_mib instances"),
            ("Rates", "rps errors_per_s p50_ms p95_ms p99_ms"),
            ("Instance", "id release state pid port restarts started"),
            ("ResourceStatus", "address type version state"),
            ("Leak", "what where since monthly_usd"),
            ("Version", "version commit targets sources"),
            ("Error", "code message help causes changes"),
            ("Model", "entries edges stations blocks candidates"),
            ("Infeasible", "binding relaxations cheapest"),
        ];
        for (title, keys) in promised {
            let section = page.split("\n### ").find(|section| section.starts_with(&format!("{title}\n")));
            let section = section.with_context(|| format!("no section `{title}`"))?;
            for key in keys.split(' ') {
                assert!(section.contains(&format!("| `{key}` |")), "`{key}` of {title} is not in {section}");
            }
        }
        for code in [0, 1, 2, 3, 4, 6, 7, 10, 130] {
            assert!(page.contains(&format!("\n| {code} | ")), "exit code {code}");
        }
        Ok(())
    }
}
