//! `appia.yaml`: Appia's own format.
//!
//! [`keys`] is the table of everything that may stand in it; [`schema`] and [`reference_markdown`] are made from it.
//! The readers (`outcomes`, `workload`, `container`, `resource`) turn checked YAML into an Intent and add the few
//! rules that a table cannot say. What needs the whole graph or a target's offerings (unknown references, cycles,
//! ports in conflict, unknown resource types) is compile's, for every format alike.

mod container;
mod files;
mod keys;
mod merge;
mod outcomes;
mod probe;
mod resource;
mod workload;

use appia_diag::{Diagnostic, Diagnostics, Spanned, codes};
use appia_intent::{AppName, Intent};

use crate::files::{Files, file_name};
use crate::yaml::Node;
use crate::{Claim, Source, shape, value, yaml};

/// The format `appia.yaml`.
pub struct AppiaFile;

/// The name that stands in for one that is missing or misspelt, so that the rest of a file is judged too.
pub const STAND_IN: &str = "app";

const NAMES: [&str; 2] = ["appia.yaml", "appia.yml"];

impl Source for AppiaFile {
    fn name(&self) -> &'static str {
        "appia"
    }

    fn claims(&self, files: &dyn Files, path: &str) -> Claim {
        let name = file_name(path);
        if NAMES.contains(&name) {
            return Claim::Name;
        }
        if !name.ends_with(".yaml") && !name.ends_with(".yml") {
            return Claim::No;
        }
        let says_app =
            |content: &[u8]| content.split(|byte| *byte == b'\n').any(|line| line.starts_with(b"app:"));
        match files.read(path) {
            Ok(content) if says_app(&content) => Claim::Content,
            Ok(_) | Err(_) => Claim::No,
        }
    }

    fn read(&self, files: &dyn Files, paths: &[String], sink: &mut Diagnostics) -> Option<Intent> {
        let parts: Vec<Intent> =
            paths.iter().filter_map(|path| Reader { files, path, sink: &mut *sink }.file()).collect();
        merge::merge(parts, sink)
    }
}

/// The JSON Schema of `appia.yaml`, draft 2020-12.
pub fn schema() -> serde_json::Value {
    shape::schema::of(&keys::APP)
}

/// The reference page of `appia.yaml`, in Markdown.
pub fn reference_markdown() -> String {
    format!("{}{PLACEHOLDERS}", shape::markdown::of(&keys::APP))
}

const PLACEHOLDERS: &str = "
## Placeholders

They are filled in values of `env`, in `files`, in `params` and in `outputs`, never in `command` and `args`.

| written | gives |
|---|---|
| `${resources.db.url}` | an output of a resource: `host`, `port`, `name`, `username`, `password`, `url` and others by its type |
| `${workloads.api.url}` | where a workload is found; also `host` and `port` |
| `$$` | a dollar sign |
| `$${text}` | the text `${text}` |
";

/// Reads one file.
struct Reader<'a> {
    files: &'a dyn Files,
    path: &'a str,
    sink: &'a mut Diagnostics,
}

impl Reader<'_> {
    fn file(&mut self) -> Option<Intent> {
        let bytes = self.files.read(self.path).map_err(|problem| {
            let span = appia_diag::Span::file_start(self.path);
            let message = format!("`{}` cannot be read: {problem}", self.path);
            self.sink.push(Diagnostic::new(codes::UNREADABLE, message).at(&span).help("check the path"));
        });
        let root = yaml::parse(self.path, &bytes.ok()?, self.sink)?;
        self.sink.extend(shape::check(&root, &keys::APP, None));
        self.intent(&root)
    }

    fn intent(&mut self, root: &Node) -> Option<Intent> {
        let app = value::parsed(root.get("app")).or_else(|| {
            // Missing or misspelt, and reported.
            Some(Spanned::new(AppName::new(STAND_IN).ok()?, root.span.clone()))
        })?;
        Some(Intent {
            app,
            owner: value::parsed(root.get("owner")),
            outcomes: self.outcomes(root.get("outcomes")),
            constraints: outcomes::constraints(root.get("constraints")),
            workloads: self.workloads(root.get("workloads")),
            resources: self.resources(root.get("resources")),
        })
    }
}

#[cfg(test)]
mod tests;
