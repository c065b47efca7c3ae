//! Builds a Rust package in release mode and keeps its one binary.
//!
//! Cargo works in a target folder of our own that stays between builds, so a changed line costs seconds; the folder of the
//! source gets no `target`. The binary is found by Cargo's own messages, never by guessing a path.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use serde::Deserialize;

use super::cache::{Job, Made};
use super::workspace::{self, Metadata};
use super::{BuildError, BuildEvent, Start};
use crate::tool::Line;

/// A line of `cargo build --message-format json`.
#[derive(Deserialize)]
struct Message {
    reason: String,
    package_id: Option<String>,
    target: Option<Target>,
    executable: Option<PathBuf>,
}

#[derive(Deserialize)]
struct Target {
    name: String,
    kind: Vec<String>,
}

pub(super) async fn build(job: &Job<'_>) -> Result<Made, BuildError> {
    let options = &job.request.options;
    let metadata = Metadata::read(&job.context).await?;
    let package = metadata.package(&job.context, options)?;
    let binary = package.binary(options, &job.request.workload)?;
    job.progress.stage(format!("compiling {binary}"));

    let total = count(job, &package.manifest_path).await;
    let tool = job
        .tool("cargo", &job.context)
        .args(["build", "--release", "--message-format", "json-render-diagnostics", "--bin", binary])
        .arg_path("--manifest-path", &package.manifest_path)
        .arg_path("--target-dir", &job.cargo_target(&metadata.workspace_root))
        .named("cargo build")
        .output_is_data();
    let mut watch = Watch { job, binary, total, seen: BTreeSet::new(), executable: None };
    tool.run(|line| watch.line(line)).await?;

    let built = watch.executable.ok_or_else(|| BuildError::NoOutput { output: PathBuf::from(binary) })?;
    strangers(job, &built, &metadata.workspace_root).await?;
    let kept = job.dir.join("bin").join(binary);
    keep(&built, &kept).map_err(BuildError::cache("write", &kept))?;
    Ok(Made::new(&job.dir, Some(Start::Command(vec![kept.to_string_lossy().into_owned()]))))
}

/// Reads Cargo's messages as they come.
struct Watch<'a> {
    job: &'a Job<'a>,
    binary: &'a str,
    total: Option<usize>,
    seen: BTreeSet<String>,
    executable: Option<PathBuf>,
}

impl Watch<'_> {
    fn line(&mut self, line: Line<'_>) {
        match line {
            Line::Err(text) => self.job.progress.tell(BuildEvent::Line(text.to_owned())),
            Line::Out(text) => {
                // A build script may print whatever it likes: what is no message is none of ours.
                if let Ok(message) = serde_json::from_str::<Message>(text) {
                    self.message(message);
                }
            }
        }
    }

    fn message(&mut self, message: Message) {
        let (Some(target), Some(package)) = (&message.target, message.package_id) else { return };
        if message.reason != "compiler-artifact" {
            return;
        }
        if target.name == self.binary && target.kind.iter().any(|kind| kind == "bin") {
            self.executable = message.executable;
        }
        if self.seen.insert(package) {
            let done = self.seen.len();
            let of = self.total.map(|total| total.max(done));
            self.job.progress.tell(BuildEvent::Step { done, of, what: format!("compiling {}", target.name) });
        }
    }
}

/// Warns of files that were compiled in (`include_str!("../../x")`) from outside of all packages: nobody will notice when
/// they change. Cargo lists what it read beside the binary.
async fn strangers(job: &Job<'_>, built: &Path, workspace: &Path) -> Result<(), BuildError> {
    let Ok(list) = fs::read_to_string(built.with_extension("d")) else { return Ok(()) };
    let (roots, _) = workspace::roots(&job.context, &job.request.options).await?;
    let target = job.cargo_target(workspace);
    // As written in the source, such as `web/src/../../x`.
    for file in sources(&list).iter().filter_map(|file| file.canonicalize().ok()) {
        let known = file.starts_with(&target) || roots.iter().any(|root| file.starts_with(&root.path));
        if !known {
            let why = format!(
                "`{}` is compiled in but belongs to no package: changes there are not noticed",
                file.display()
            );
            job.progress.tell(BuildEvent::Warning(why));
        }
    }
    Ok(())
}

/// The files after the colon of a line for `make`, where a space in a name has a backslash before it.
fn sources(list: &str) -> Vec<PathBuf> {
    let files = list.lines().next().and_then(|line| line.split_once(": ")).map_or("", |(_, files)| files);
    let marked = files.replace("\\ ", "\0");
    marked
        .split(' ')
        .filter(|file| !file.is_empty())
        .map(|file| PathBuf::from(file.replace('\0', " ")))
        .collect()
}

fn keep(built: &Path, kept: &Path) -> std::io::Result<()> {
    if let Some(folder) = kept.parent() {
        fs::create_dir_all(folder)?;
    }
    fs::copy(built, kept).map(drop)
}

#[derive(Deserialize)]
struct Graph {
    resolve: Resolve,
}

#[derive(Deserialize)]
struct Resolve {
    root: Option<String>,
    nodes: Vec<Node>,
}

#[derive(Deserialize)]
struct Node {
    id: String,
    deps: Vec<Need>,
}

#[derive(Deserialize)]
struct Need {
    pkg: String,
    dep_kinds: Vec<Kind>,
}

#[derive(Deserialize)]
struct Kind {
    kind: Option<String>,
}

/// How many packages have to be compiled, for the progress alone: `None` when Cargo cannot say, and then the build says why.
async fn count(job: &Job<'_>, manifest: &Path) -> Option<usize> {
    let host = job.tool("rustc", &job.context).args(["-vV"]).read().await.ok()?;
    let host = host.lines().find_map(|line| line.strip_prefix("host: "))?;
    let answer = job
        .tool("cargo", &job.context)
        .args(["metadata", "--format-version", "1", "--filter-platform", host])
        .arg_path("--manifest-path", manifest)
        .read()
        .await
        .ok()?;
    let resolve = serde_json::from_str::<Graph>(&answer).ok()?.resolve;
    Some(reachable(resolve.root?, &resolve.nodes))
}

fn reachable(root: String, nodes: &[Node]) -> usize {
    let nodes: BTreeMap<&str, &Node> = nodes.iter().map(|node| (node.id.as_str(), node)).collect();
    let mut seen = BTreeSet::new();
    let mut open = vec![root.as_str()];
    while let Some(id) = open.pop() {
        if !seen.insert(id) {
            continue;
        }
        let needs = nodes.get(id).into_iter().flat_map(|node| &node.deps);
        let compiled = |need: &&Need| need.dep_kinds.iter().any(|kind| kind.kind.as_deref() != Some("dev"));
        open.extend(needs.filter(compiled).map(|need| need.pkg.as_str()));
    }
    seen.len()
}
