//! The proposal as text: a commented `appia.yaml` that reads without errors.

use std::collections::BTreeSet;
use std::fmt::Write as _;

use super::needs::Need;
use super::{Kind, Suggested};

const HEAD: &str = "\
# What this application is and what it promises. Change what is wrong; `appia check` reads it,
# `appia plan` shows what it would do, `appia up` runs it.
";

const OUTCOMES: &str = "
# What it promises: take the `#` away and write your own numbers.
# outcomes:
#   users: 1000               # people at the same moment, at peak; or rps: 100
#   availability: 99.9%
#   latency: { p95: 400ms }
#   budget: 200 USD/month
";

const NOTHING: &str = "
# No program was recognised in this folder. Name a folder to build, or an image.
workloads:
  web:
    image: nginx:1.29         # or build: ./web
    port: 80
    public: true
";

/// The name to propose for a volume.
const DATA: &str = "data";

/// Names that people give to what users see first.
const FRONTS: [&str; 7] = ["web", "frontend", "site", "gateway", "www", "ui", "app"];

pub(super) fn write(app: &str, suggested: &[Suggested], provided: &[&str]) -> String {
    let mut text = format!("{HEAD}app: {app}\n# owner: team-name\n{OUTCOMES}");
    if suggested.is_empty() {
        text.push_str(NOTHING);
        return text;
    }
    text.push_str("\nworkloads:\n");
    let front = front(suggested);
    for (index, one) in suggested.iter().enumerate() {
        workload(one, Some(index) == front, &mut text);
    }
    resources(suggested, provided, &mut text);
    text
}

/// The workload to make public: by its name, else the first that answers requests.
fn front(suggested: &[Suggested]) -> Option<usize> {
    let answers = |one: &Suggested| matches!(one.kind, Kind::Service | Kind::Site);
    let by_name = suggested.iter().position(|one| answers(one) && FRONTS.contains(&one.name.as_str()));
    by_name.or_else(|| suggested.iter().position(answers))
}

fn workload(one: &Suggested, public: bool, text: &mut String) {
    let _ = writeln!(text, "  # `{}`: {}", one.file, one.what);
    let _ = writeln!(text, "  {}:", one.name);
    let kind = match one.kind {
        Kind::Service => None,
        Kind::Worker => Some("worker            # it takes no requests; with a `port` it is a service"),
        Kind::Job => Some("job               # it runs once at each deployment"),
        Kind::Site => Some("site"),
    };
    if let Some(kind) = kind {
        let _ = writeln!(text, "    type: {kind}");
    }
    match one.build.more.as_slice() {
        [("builder", builder)] if builder == "dockerfile" => image(one, text),
        _ => {
            let _ = writeln!(text, "    build: {}", build(one));
        }
    }
    if !one.command.is_empty() {
        let _ = writeln!(text, "    command: {}", command(&one.command));
    }
    if let Some((port, why)) = &one.port {
        let _ = writeln!(text, "    port: {port}                # {why}");
    }
    if public {
        text.push_str("    public: true              # reachable from outside\n");
    }
    if let Some(memory) = one.memory {
        let _ = writeln!(
            text,
            "    memory: {memory}               # a guess: programs of its kind take more than others"
        );
    }
    environment(one, text);
    if let Some(data) = one.data {
        let _ = writeln!(text, "    volumes: {{ {data}: {DATA} }}    # what it keeps");
    }
}

/// Where it finds what it needs.
fn environment(one: &Suggested, text: &mut String) {
    if !one.needs.is_empty() {
        text.push_str("    env:\n");
    }
    for (need, why) in &one.needs {
        for variable in variables(one, *need) {
            let _ = writeln!(text, "      {variable}: \"${{resources.{}.url}}\"    # {why}", need.name());
        }
    }
}

/// The variables that it reads an address from.
fn variables(one: &Suggested, need: Need) -> Vec<&'static str> {
    let own: Vec<&str> = one.variables.iter().filter(|(_, of)| *of == need).map(|(name, _)| *name).collect();
    if own.is_empty() { vec![need.variable()] } else { own }
}

/// Words as a list, one command line as it is.
fn command(words: &[String]) -> String {
    match words {
        [line] if line.contains(' ') => command_line(line),
        words => format!("[{}]", words.iter().map(|word| quoted(word)).collect::<Vec<_>>().join(", ")),
    }
}

/// Without quotes where YAML reads it as a text.
fn command_line(line: &str) -> String {
    let safe =
        line.starts_with(|c: char| c.is_ascii_alphabetic()) && !line.contains(": ") && !line.contains(" #");
    if safe { line.to_owned() } else { quoted(line) }
}

/// What only a container engine can build is an image, built before.
fn image(one: &Suggested, text: &mut String) {
    let (name, context) = (&one.name, quoted_path(&context(one)));
    let _ = writeln!(
        text,
        "    # `docker build -t {name}:latest {context}` makes it; push it where clusters find it"
    );
    let _ = writeln!(text, "    image: {name}:latest");
}

fn context(one: &Suggested) -> String {
    match one.build.context.as_str() {
        "." => ".".to_owned(),
        path => format!("./{path}"),
    }
}

fn build(one: &Suggested) -> String {
    let context = context(one);
    if one.build.more.is_empty() {
        return quoted_path(&context);
    }
    let more: Vec<String> =
        one.build.more.iter().map(|(key, value)| format!("{key}: {}", plain(value))).collect();
    format!("{{ context: {}, {} }}", quoted_path(&context), more.join(", "))
}

fn resources(suggested: &[Suggested], provided: &[&str], text: &mut String) {
    let needs: BTreeSet<Need> = suggested.iter().flat_map(|one| one.needs.keys().copied()).collect();
    let keeps = suggested.iter().any(|one| one.data.is_some());
    if needs.is_empty() && !keeps {
        return;
    }
    text.push_str("\nresources:\n");
    if keeps {
        let _ = writeln!(text, "  {DATA}: {{ type: volume }}");
    }
    for need in needs {
        let (name, kind) = (need.name(), need.kind());
        if provided.contains(&kind) {
            let _ = writeln!(text, "  {name}: {{ type: {kind} }}");
            continue;
        }
        let _ = writeln!(text, "  # nothing here provides `{kind}`: write where yours listens");
        let _ =
            writeln!(text, "  {name}: {{ type: external, outputs: {{ url: \"{}\" }} }}", need.usual_url());
    }
}

/// A text that YAML reads as a text whatever is in it.
fn quoted(text: &str) -> String {
    serde_json::Value::from(text).to_string()
}

/// Without quotes where that is safe.
fn plain(text: &str) -> String {
    let safe = text.starts_with(|c: char| c.is_ascii_alphabetic())
        && text.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.' | '/'))
        && !matches!(text, "true" | "false" | "null");
    if safe { text.to_owned() } else { quoted(text) }
}

fn quoted_path(path: &str) -> String {
    let safe = path.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.' | '/'));
    if safe { path.to_owned() } else { quoted(path) }
}
