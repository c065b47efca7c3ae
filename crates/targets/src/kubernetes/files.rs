//! Files to put in place: in a ConfigMap of the workload, or, with a secret in them, in a Secret that you create.
//!
//! Kubernetes composes no files, so a file with a secret cannot be made of parts; its whole text has to be a key of
//! the Secret `NAME-files`. Called by `pod`.

use std::collections::BTreeMap;

use appia_diag::{Diagnostic, Diagnostics, Spanned, codes};
use appia_intent::{ContainerName, FileContent, FileMount};
use appia_plan::phase::SizedWorkload;
use appia_plan::{Digest, Object, ObjectId};
use base64::Engine;
use base64::prelude::BASE64_STANDARD;

use super::manifest::{ConfigMap, Item, Source, Volume, VolumeMount};
use super::scope::{Kind, Part, Scope};
use super::values::{text, unknown};

/// The API server takes no more (ConfigMap, core/v1); the rest is room for labels.
const MOST_BYTES: usize = 1_000_000;

const OPEN: &str = "files";
const SECRET: &str = "secret-files";

/// What a workload's files become.
#[derive(Debug, Default)]
pub(super) struct Files {
    /// The ConfigMap, when a file needs it.
    pub(super) config: Option<Object>,
    pub(super) volumes: Vec<Volume>,
    pub(super) mounts: BTreeMap<ContainerName, Vec<VolumeMount>>,
    /// Changes with the content, so that pods are replaced when it does.
    pub(super) digest: Option<String>,
}

#[derive(Debug, Default)]
struct Draft {
    config: ConfigMap,
    open: Vec<Item>,
    secret: Vec<Item>,
    mounts: BTreeMap<ContainerName, Vec<VolumeMount>>,
}

/// Lowers the files of all containers.
pub(super) fn files(
    scope: &Scope<'_>,
    part: &Part,
    workload: &SizedWorkload,
    sink: &mut Diagnostics,
) -> Files {
    let mut draft = Draft::default();
    for (name, container) in &workload.resolved.stated.containers {
        for (path, mount) in &container.files {
            if path.contains(':') {
                let message = format!("a cluster puts no file at the path `{path}`");
                let error = Diagnostic::new(codes::TARGET_CANNOT, message).at(&mount.span);
                sink.push(error.help("choose a path without `:`"));
            }
            let place = place(scope, part, mount, sink);
            draft.put(name, path, mount, place);
        }
    }
    let bytes: usize =
        draft.config.data.values().chain(draft.config.binary_data.values()).map(String::len).sum();
    if bytes > MOST_BYTES {
        let message =
            format!("the files of `{}` hold {bytes} bytes, and a ConfigMap takes {MOST_BYTES}", part.name);
        let error = Diagnostic::new(codes::TARGET_CANNOT, message).at(&workload.resolved.stated.name.span);
        sink.push(error.help("put large files in the image or on a volume"));
    }
    draft.finish(scope, part)
}

/// Where a file's content goes.
enum Place {
    Text(String),
    Binary(String),
    Secret,
    Nowhere,
}

fn place(scope: &Scope<'_>, part: &Part, mount: &Spanned<FileMount>, sink: &mut Diagnostics) -> Place {
    let template = match &mount.value.content {
        FileContent::Binary(bytes) => return Place::Binary(BASE64_STANDARD.encode(bytes)),
        FileContent::Text(template) => template,
    };
    let pieces = match scope.pieces(template) {
        Ok(pieces) => pieces,
        Err(reference) => {
            sink.push(unknown(&reference, &mount.span));
            return Place::Nowhere;
        }
    };
    if let Some(text) = text(&pieces) {
        return Place::Text(text);
    }
    let message = "a file with a secret in it is not rendered: it is read from a Secret that you create";
    sink.push(
        Diagnostic::new(codes::TARGET_IGNORES, message)
            .at(&mount.span)
            .help(format!("the rendered README names the key of `{}` that has to hold it", secret_name(part)))
            .help("or hand the secret to the program in an environment variable"),
    );
    Place::Secret
}

fn secret_name(part: &Part) -> String {
    format!("{}-files", part.name)
}

impl Draft {
    fn put(&mut self, container: &ContainerName, path: &str, mount: &Spanned<FileMount>, place: Place) {
        let key = key(container, path);
        let item = Item { key: key.clone(), path: key.clone(), mode: mount.value.mode };
        let volume = match place {
            Place::Nowhere => return,
            Place::Secret => {
                self.secret.push(item);
                SECRET
            }
            Place::Text(text) => {
                self.config.data.insert(key.clone(), text);
                self.open.push(item);
                OPEN
            }
            Place::Binary(encoded) => {
                self.config.binary_data.insert(key.clone(), encoded);
                self.open.push(item);
                OPEN
            }
        };
        let mount = VolumeMount {
            name: volume.to_owned(),
            mount_path: path.to_owned(),
            sub_path: Some(key),
            read_only: Some(true),
        };
        self.mounts.entry(container.clone()).or_default().push(mount);
    }

    fn finish(self, scope: &Scope<'_>, part: &Part) -> Files {
        let mut files = Files { mounts: self.mounts, ..Files::default() };
        if !self.open.is_empty() {
            let config = scope.object(part, Kind::CONFIG_MAP, self.config);
            files.digest = Some(config.body.digest().short().to_owned());
            files.config = Some(config);
            // Without a mode of its own no file needs to be listed.
            let items = if self.open.iter().any(|item| item.mode.is_some()) { self.open } else { Vec::new() };
            let source = Source::ConfigMap { name: part.name.clone(), items };
            files.volumes.push(Volume { name: OPEN.to_owned(), source });
        }
        if !self.secret.is_empty() {
            let source = Source::Secret { name: secret_name(part), items: self.secret };
            files.volumes.push(Volume { name: SECRET.to_owned(), source });
        }
        files
    }
}

impl Files {
    /// The objects that have to be there before the pods.
    pub(super) fn needs(&self) -> impl Iterator<Item = ObjectId> {
        self.config.iter().map(|config| config.id.clone())
    }
}

/// The key of a file: `main.etc-app.conf`, with a digest where two paths could give the same key.
pub(super) fn key(container: &ContainerName, path: &str) -> String {
    let kept = |one: char| one.is_ascii_alphanumeric() || one == '.';
    let trimmed = path.trim_start_matches('/');
    let readable: String = trimmed.chars().map(|one| if kept(one) { one } else { '-' }).collect();
    let plain = path.starts_with('/') && trimmed.chars().all(|one| kept(one) || one == '/');
    if plain && readable.len() <= 128 {
        return format!("{container}.{readable}");
    }
    let tail: String = readable.chars().rev().take(64).collect::<Vec<_>>().into_iter().rev().collect();
    format!("{container}.{tail}-{}", Digest::of(path.as_bytes()).short())
}

#[cfg(test)]
mod tests {
    use super::key;
    use appia_intent::ContainerName;

    #[test]
    fn keys_differ_when_paths_do() {
        let main = ContainerName::new("main").unwrap();
        assert_eq!(key(&main, "/etc/app.conf"), "main.etc-app.conf");
        assert_ne!(key(&main, "/etc-app.conf"), key(&main, "/etc/app.conf"));
        assert_ne!(key(&main, "/a b"), key(&main, "/a_b"));
        assert!(key(&main, &format!("/{}", "x/".repeat(200))).len() < 253);
    }
}
