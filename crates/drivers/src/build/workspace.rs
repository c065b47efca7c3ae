//! What Cargo knows about a package: where its workspace is, which packages it is made of, which binary to build.
//!
//! Used by the fingerprint, which must see a changed byte in any package that this one depends on by path, and by the
//! Cargo builder. Asks `cargo metadata --no-deps`, which reads manifests alone and needs no network.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use serde::Deserialize;

use super::fingerprint::Root;
use super::{BuildError, Options};
use crate::tool::Tool;

/// Files beside the workspace's manifest that change what is built.
const BESIDE: [&str; 6] = [
    "Cargo.toml",
    "Cargo.lock",
    "rust-toolchain",
    "rust-toolchain.toml",
    ".cargo/config",
    ".cargo/config.toml",
];

#[derive(Debug, Deserialize)]
pub(super) struct Metadata {
    pub(super) packages: Vec<Package>,
    pub(super) workspace_root: PathBuf,
}

#[derive(Debug, Deserialize)]
pub(super) struct Package {
    pub(super) name: String,
    pub(super) manifest_path: PathBuf,
    default_run: Option<String>,
    targets: Vec<Target>,
    dependencies: Vec<Dependency>,
}

#[derive(Debug, Deserialize)]
struct Target {
    name: String,
    kind: Vec<String>,
}

#[derive(Debug, Deserialize)]
struct Dependency {
    path: Option<PathBuf>,
    kind: Option<String>,
}

/// Everything the chosen package is made of, and the folder that links may not leave.
pub(super) async fn roots(context: &Path, options: &Options) -> Result<(Vec<Root>, PathBuf), BuildError> {
    let metadata = Metadata::read(context).await?;
    let workspace = metadata.workspace_root.clone();
    metadata.settle_lock(context).await;
    let chosen = metadata.package(context, options)?;
    let mut folders = BTreeSet::from([chosen.folder()]);
    let mut open: Vec<PathBuf> = chosen.neighbours();
    open.extend(patches(&workspace)?);
    let mut known: BTreeMap<PathBuf, Vec<PathBuf>> =
        metadata.packages.iter().map(|package| (package.folder(), package.neighbours())).collect();
    while let Some(folder) = open.pop() {
        if !folders.insert(folder.clone()) {
            continue;
        }
        if !known.contains_key(&folder) {
            let other = Metadata::read(&folder).await?;
            known.extend(other.packages.iter().map(|package| (package.folder(), package.neighbours())));
        }
        open.extend(known.get(&folder).into_iter().flatten().cloned());
    }
    let mut roots: Vec<Root> =
        folders.into_iter().map(|path| Root { label: label(&path, &workspace), path }).collect();
    roots.extend(configuration(context, &workspace));
    Ok((roots, workspace))
}

impl Metadata {
    pub(super) async fn read(folder: &Path) -> Result<Metadata, BuildError> {
        let answer = Tool::new("cargo")
            .args(["metadata", "--no-deps", "--offline", "--format-version", "1"])
            .named("cargo metadata")
            .current_dir(folder)
            .read()
            .await?;
        serde_json::from_str(&answer).map_err(|error| {
            BuildError::manifest(&folder.join("Cargo.toml"), format!("cargo metadata: {error}"))
        })
    }

    /// Has Cargo write its lock where it is missing or older than a manifest, as the build would do later: by then the
    /// source has its name. What goes wrong here goes wrong in the build again, which then says why.
    async fn settle_lock(&self, context: &Path) {
        let written = |path: &Path| path.metadata().and_then(|about| about.modified()).ok();
        let lock = written(&self.workspace_root.join("Cargo.lock"));
        let is_current = |package: &Package| written(&package.manifest_path) <= lock;
        if lock.is_none() || !self.packages.iter().all(is_current) {
            let cargo = Tool::new("cargo").args(["metadata", "--format-version", "1"]).current_dir(context);
            let _ = cargo.read().await;
        }
    }

    /// The package to build: the named one, the one in this folder, or the only one with a binary (of the named
    /// binary, when one is named).
    pub(super) fn package(&self, context: &Path, options: &Options) -> Result<&Package, BuildError> {
        let manifest = context.join("Cargo.toml");
        let with_binaries = || self.packages.iter().filter(|package| !package.binaries().is_empty());
        let named =
            |package: &&Package| options.binary.as_deref().is_none_or(|name| package.has_binary(name));
        let candidates = || with_binaries().filter(named);
        let found = match &options.package {
            Some(name) => self.packages.iter().find(|package| package.name == *name),
            None => self
                .packages
                .iter()
                .find(|package| package.manifest_path == manifest)
                .filter(named)
                .or_else(|| candidates().next().filter(|_| candidates().count() == 1))
                .or_else(|| self.packages.iter().find(|package| package.manifest_path == manifest)),
        };
        found.ok_or_else(|| {
            let names: Vec<_> = with_binaries().map(|package| format!("`{}`", package.name)).collect();
            let why = match &options.package {
                Some(name) => {
                    format!("there is no package `{name}`; packages with a program are {}", names.join(", "))
                }
                None => format!(
                    "which program is meant? Say `binary`; packages with one are {}",
                    names.join(", ")
                ),
            };
            BuildError::manifest(&manifest, why)
        })
    }
}

impl Package {
    pub(super) fn folder(&self) -> PathBuf {
        self.manifest_path.parent().map(Path::to_owned).unwrap_or_default()
    }

    /// The binary to build: the named one, the default, the only one, or the one called like the workload or the package.
    pub(super) fn binary(&self, options: &Options, workload: &str) -> Result<&str, BuildError> {
        let all = self.binaries();
        let called = |name: &str| all.iter().copied().find(|binary| *binary == name);
        let found = match (&options.binary, all.as_slice()) {
            (Some(name), _) => called(name),
            (None, [only]) => Some(*only),
            (None, _) => self
                .default_run
                .as_deref()
                .and_then(called)
                .or_else(|| called(workload))
                .or_else(|| called(&self.name)),
        };
        found.ok_or_else(|| {
            let names: Vec<_> = all.iter().map(|name| format!("`{name}`")).collect();
            let why = match (&options.binary, all.is_empty()) {
                (_, true) => format!("the package `{}` has no program, only a library", self.name),
                (Some(name), _) => format!("there is no program `{name}`; there are {}", names.join(", ")),
                (None, _) => format!("which program is meant? Say `binary`: {}", names.join(", ")),
            };
            BuildError::manifest(&self.manifest_path, why)
        })
    }

    fn has_binary(&self, name: &str) -> bool {
        self.binaries().contains(&name)
    }

    fn binaries(&self) -> Vec<&str> {
        let is_binary = |target: &&Target| target.kind.iter().any(|kind| kind == "bin");
        self.targets.iter().filter(is_binary).map(|target| target.name.as_str()).collect()
    }

    /// The packages it needs by path. What only its tests need does not change what is built.
    fn neighbours(&self) -> Vec<PathBuf> {
        let needed = self.dependencies.iter().filter(|need| need.kind.as_deref() != Some("dev"));
        needed.filter_map(|need| need.path.as_ref()).map(|path| real(path)).collect()
    }
}

/// Packages that `[patch]` and `[replace]` of the workspace's manifest put in the place of others. Cargo's metadata does not list them.
fn patches(workspace: &Path) -> Result<Vec<PathBuf>, BuildError> {
    let manifest = workspace.join("Cargo.toml");
    let text = std::fs::read_to_string(&manifest).map_err(BuildError::read(&manifest))?;
    let table: toml::Table =
        text.parse().map_err(|error: toml::de::Error| BuildError::manifest(&manifest, error.to_string()))?;
    let sections =
        table.get("patch").and_then(toml::Value::as_table).into_iter().flat_map(toml::Table::values);
    let entries =
        sections.chain(table.get("replace")).filter_map(toml::Value::as_table).flat_map(toml::Table::values);
    let paths = entries.filter_map(|entry| entry.get("path").and_then(toml::Value::as_str));
    Ok(paths.map(|path| real(&workspace.join(path))).collect())
}

/// The workspace's own files, and Cargo's configuration in the folders between it and the context.
fn configuration(context: &Path, workspace: &Path) -> Vec<Root> {
    let between = context.ancestors().take_while(|folder| folder.starts_with(workspace));
    let folders: BTreeSet<&Path> = between.chain([workspace]).collect();
    let files = folders.into_iter().flat_map(|folder| BESIDE.map(|name| folder.join(name)));
    files.filter(|path| path.is_file()).map(|path| Root { label: label(&path, workspace), path }).collect()
}

/// A package that lies outside of the workspace is named by its folder alone.
fn label(path: &Path, workspace: &Path) -> PathBuf {
    match path.strip_prefix(workspace) {
        Ok(inside) => inside.to_owned(),
        Err(_) => Path::new("..").join(path.file_name().unwrap_or_default()),
    }
}

fn real(path: &Path) -> PathBuf {
    path.canonicalize().unwrap_or_else(|_| path.to_owned())
}
