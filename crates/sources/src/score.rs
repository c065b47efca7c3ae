//! Score v1b1 (`score.yaml`), read unchanged.
//!
//! `keys` is the published schema as a table; breaking it is `SCORE_SCHEMA`. `scope` expands placeholders where the
//! specification expands them (variables, file contents, `volumes.source`, texts in `params`) and nowhere else;
//! `identity` makes one resource of all that share `type.class#id`. Several files are one application: it is named
//! by the only workload, or by the folder that holds all files.

mod container;
mod files;
mod identity;
mod keys;
mod ports;
mod probe;
mod scope;

use std::collections::BTreeMap;

use appia_diag::{Diagnostic, Diagnostics, Span, Spanned, codes};
use appia_intent::{
    AppName, Constraints, Intent, Outcomes, Resource, ResourceName, Workload, WorkloadKind, WorkloadName,
};

use crate::files::{self as paths, Files};
use crate::yaml::Node;
use crate::{Claim, Source, shape, value, yaml};
use identity::Shared;
use scope::Scope;

/// The format Score.
pub(crate) struct Score;

const NAMES: [&str; 2] = ["score.yaml", "score.yml"];

impl Source for Score {
    fn name(&self) -> &'static str {
        "score"
    }

    fn claims(&self, files: &dyn Files, path: &str) -> Claim {
        let name = paths::file_name(path);
        if NAMES.contains(&name) {
            return Claim::Name;
        }
        if !name.ends_with(".yaml") && !name.ends_with(".yml") {
            return Claim::No;
        }
        match files.read(path) {
            Ok(content) if content.split(|byte| *byte == b'\n').any(says_score) => Claim::Content,
            Ok(_) | Err(_) => Claim::No,
        }
    }

    fn read(&self, files: &dyn Files, paths: &[String], sink: &mut Diagnostics) -> Option<Intent> {
        let documents = documents(files, paths, sink);
        let shared = identity::shared(&documents, sink);
        let mut workloads: BTreeMap<WorkloadName, Workload> = BTreeMap::new();
        for document in &documents {
            let scope = Scope::new(document, &shared);
            let workload = Reader { files, scope: &scope, sink: &mut *sink }.workload(document);
            crate::before::check(&workload, sink);
            match workloads.get(&workload.name.value) {
                None => drop(workloads.insert(workload.name.value.clone(), workload)),
                Some(first) => sink.push(twice(&workload.name, &first.name)),
            }
        }
        let resources = resources(&documents, &shared, sink);
        Some(Intent {
            app: app_name(files, &documents)?,
            owner: None,
            outcomes: Outcomes::default(),
            constraints: Constraints::default(),
            workloads,
            resources,
        })
    }
}

fn says_score(line: &[u8]) -> bool {
    line.strip_prefix(b"apiVersion:").is_some_and(|rest| rest.windows(10).any(|part| part == b"score.dev/"))
}

/// One file: a workload and what it needs.
struct Document {
    path: String,
    root: Node,
    name: Spanned<WorkloadName>,
}

impl Document {
    /// The resources with their local names.
    fn resources(&self) -> &[yaml::Entry] {
        self.root.get("resources").map(Node::entries).unwrap_or_default()
    }
}

/// Parses every file and checks it against the schema. A file without a usable name is reported and left out.
fn documents(files: &dyn Files, paths: &[String], sink: &mut Diagnostics) -> Vec<Document> {
    let mut documents = Vec::new();
    for path in paths {
        let bytes = match files.read(path) {
            Ok(bytes) => bytes,
            Err(problem) => {
                let message = format!("`{path}` cannot be read: {problem}");
                let span = Span::file_start(path.as_str());
                sink.push(Diagnostic::new(codes::UNREADABLE, message).at(&span).help("check the path"));
                continue;
            }
        };
        let Some(root) = yaml::parse(path, &bytes, sink) else { continue };
        sink.extend(shape::check(&root, &keys::SCORE, Some(codes::SCORE_SCHEMA)));
        let name = value::parsed(root.get("metadata").and_then(|metadata| metadata.get("name")));
        if let Some(name) = name {
            documents.push(Document { path: path.clone(), root, name });
        }
    }
    documents
}

fn twice(second: &Spanned<WorkloadName>, first: &Spanned<WorkloadName>) -> Diagnostic {
    Diagnostic::new(codes::DUPLICATE_NAME, format!("two files describe a workload `{}`", second.value))
        .at(&second.span)
        .related(&first.span, "first here")
        .help("rename one of them, or plan the files one by one")
}

/// The only workload's name; with several files, the name of the innermost folder that holds them all.
fn app_name(files: &dyn Files, documents: &[Document]) -> Option<Spanned<AppName>> {
    let first = documents.first()?;
    let own = || AppName::new(first.name.value.as_str()).ok();
    let name = match documents {
        [_] => own(),
        _ => {
            let folder = common_folder(documents);
            files.folder_name(&folder).and_then(|name| AppName::new(&value::as_name(&name)).ok()).or_else(own)
        }
    };
    Some(Spanned::new(name?, first.name.span.clone()))
}

fn common_folder(documents: &[Document]) -> String {
    let mut folders = documents.iter().map(|document| paths::parent(&document.path));
    let first = folders.next().unwrap_or_default();
    let mut common: Vec<&str> = first.split('/').collect();
    for folder in folders {
        let same = common.iter().zip(folder.split('/')).take_while(|(a, b)| **a == *b).count();
        common.truncate(same);
    }
    let joined = common.join("/");
    if joined.is_empty() { ".".to_owned() } else { joined }
}

fn resources(
    documents: &[Document],
    shared: &[Shared],
    sink: &mut Diagnostics,
) -> BTreeMap<ResourceName, Resource> {
    let mut resources = BTreeMap::new();
    for one in shared {
        let Some(document) = documents.get(one.params_from.unwrap_or(one.document)) else { continue };
        let scope = Scope::new(document, shared);
        let resource = one.resource(&scope, sink);
        resources.insert(resource.name.value.clone(), resource);
    }
    resources
}

/// Reads one document.
struct Reader<'a> {
    files: &'a dyn Files,
    scope: &'a Scope<'a>,
    sink: &'a mut Diagnostics,
}

impl Reader<'_> {
    fn workload(&mut self, document: &Document) -> Workload {
        let ports = ports::ports(document);
        let kind = if ports.is_empty() { WorkloadKind::Worker } else { WorkloadKind::Service };
        let annotations = document.root.get("metadata").and_then(|metadata| metadata.get("annotations"));
        Workload {
            name: document.name.clone(),
            kind: Spanned::new(kind, document.name.span.clone()),
            containers: self.containers(document.root.get("containers")),
            ports,
            public: None,
            calls: BTreeMap::new(),
            uses: BTreeMap::new(),
            replicas: None,
            share: None,
            payload: None,
            schedule: None,
            balance: None,
            watch: None,
            annotations: value::texts(annotations),
        }
    }
}
