//! Source code: looks at what stands in a folder and proposes a first `appia.yaml` for `appia init`.
//!
//! One file per way of writing programs (`cargo`, `node`, `python`, `go`, `maven`, `site`, `procfile`, `dockerfile`) says
//! what it recognises; `installed` knows programs that a folder only pins; `needs` finds databases by looking up dependencies; `write` makes the commented file. It proposes and
//! never decides: each guess stands in the file with its reason. Start reading at [`propose`].

mod cargo;
mod dockerfile;
mod go;
mod installed;
mod maven;
mod needs;
mod node;
mod port;
mod procfile;
mod python;
mod site;
mod write;

use std::collections::{BTreeMap, BTreeSet};

use crate::files::{self, Files};
use crate::value;
use needs::Need;

/// A first `appia.yaml` and what it rests on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Proposal {
    /// The file's text, with comments.
    pub yaml: String,
    /// What was seen, in the order found; empty when nothing was recognised.
    pub findings: Vec<Finding>,
}

/// Something seen in the folder.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// Where, relative to the folder.
    pub file: String,
    /// What it means: `a program in Rust with axum, on port 8080`.
    pub text: String,
}

/// A workload that files suggest.
#[derive(Debug, Clone, Default)]
struct Suggested {
    name: String,
    /// The file that says so, relative to the folder.
    file: String,
    /// What was recognised: `a Node.js program with express`.
    what: String,
    kind: Kind,
    build: Build,
    /// Words, or one command line.
    command: Vec<String>,
    /// A port and why this one.
    port: Option<(u16, String)>,
    needs: BTreeMap<Need, String>,
    /// Variables that it reads addresses from, where those are not the usual ones.
    variables: Vec<(&'static str, Need)>,
    /// The folder that it keeps its data in.
    data: Option<&'static str>,
    /// What it takes, where that is known to be more than the default.
    memory: Option<&'static str>,
}

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
enum Kind {
    #[default]
    Service,
    Worker,
    Job,
    Site,
}

/// The `build` of a workload; the folder is relative to the proposal.
#[derive(Debug, Clone, Default)]
struct Build {
    context: String,
    more: Vec<(&'static str, String)>,
}

/// A folder to look at, below the one of the proposal.
#[derive(Clone, Copy)]
struct Folder<'a> {
    files: &'a dyn Files,
    /// The folder of the proposal.
    root: &'a str,
    /// Relative to it; `.` for itself.
    path: &'a str,
}

impl Folder<'_> {
    /// The text of a file in this folder, when there is one.
    fn text(&self, name: &str) -> Option<String> {
        let path = files::join(&files::join(self.root, self.path), name);
        let bytes = self.files.read(&path).ok()?;
        std::str::from_utf8(&bytes).ok().map(str::to_owned)
    }

    fn has(&self, name: &str) -> bool {
        self.text(name).is_some()
    }

    /// The names in a folder below this one.
    fn list(&self, below: &str) -> Vec<String> {
        self.files.list(&files::join(&files::join(self.root, self.path), below))
    }

    /// A file of this folder, relative to the proposal.
    fn relative(&self, name: &str) -> String {
        files::join(self.path, name)
    }

    /// A workload's name when nothing better is known: that of the folder.
    fn name(&self) -> String {
        let own = self.files.folder_name(&files::join(self.root, self.path)).unwrap_or_default();
        let name = value::as_name(&own);
        if name.is_empty() { "web".to_owned() } else { name }
    }
}

/// Folders that hold no program of the team's.
const SKIPPED: [&str; 15] = [
    "node_modules",
    "target",
    "vendor",
    "dist",
    "build",
    "venv",
    "__pycache__",
    "docs",
    "tests",
    "test",
    "examples",
    "static",
    "assets",
    "templates",
    "migrations",
];

/// How deep programs are looked for: `services/shop/api` is three folders deep.
const DEPTH: usize = 3;

/// Looks at a folder, and where it holds no program itself at those below it, and proposes an `appia.yaml`.
///
/// A resource whose type is not among the `provided` ones is proposed as something that exists already.
pub fn propose(files: &dyn Files, folder: &str, provided: &[&str]) -> Proposal {
    let root = Folder { files, root: folder, path: "." };
    let mut suggested = Vec::new();
    collect(root, DEPTH, &mut suggested);
    distinct_names(&mut suggested);
    let app = files.folder_name(folder).map(|name| value::as_name(&name)).filter(|name| !name.is_empty());
    let yaml = write::write(&app.unwrap_or_else(|| "app".to_owned()), &suggested, provided);
    Proposal { yaml, findings: findings(&suggested) }
}

fn collect(folder: Folder<'_>, depth: usize, suggested: &mut Vec<Suggested>) {
    let found = look(folder);
    if !found.is_empty() || depth == 0 {
        suggested.extend(found);
        return;
    }
    for name in folder.list(".") {
        let Some(name) = name.strip_suffix('/') else { continue };
        if !name.starts_with('.') && !SKIPPED.contains(&name) {
            let path = folder.relative(name);
            collect(Folder { path: &path, ..folder }, depth - 1, suggested);
        }
    }
}

/// What one folder holds: the first way of writing programs that recognises it.
fn look(folder: Folder<'_>) -> Vec<Suggested> {
    let ways = [
        procfile::look,
        cargo::look,
        node::look,
        python::look,
        go::look,
        maven::look,
        site::look,
        dockerfile::look,
    ];
    ways.iter().map(|way| way(folder)).find(|found| !found.is_empty()).unwrap_or_default()
}

fn distinct_names(suggested: &mut [Suggested]) {
    let mut taken = BTreeSet::new();
    for one in suggested {
        let base = one.name.clone();
        let mut count = 1;
        while !taken.insert(one.name.clone()) {
            count += 1;
            one.name = format!("{base}-{count}");
        }
    }
}

fn findings(suggested: &[Suggested]) -> Vec<Finding> {
    let mut findings = Vec::new();
    for one in suggested {
        let port = one.port.as_ref().map(|(port, _)| format!(", on port {port}")).unwrap_or_default();
        findings
            .push(Finding { file: one.file.clone(), text: format!("`{}`: {}{port}", one.name, one.what) });
        for (need, why) in &one.needs {
            let text = format!("`{}` needs {}: {why}", one.name, need.kind());
            findings.push(Finding { file: one.file.clone(), text });
        }
    }
    findings
}
