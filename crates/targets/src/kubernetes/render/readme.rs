//! The page beside the manifests: what to have ready, how to apply them, what they do not do.
//!
//! Secrets, claims and images are read off the objects, so that nothing they refer to is forgotten.

use std::collections::{BTreeMap, BTreeSet};

use appia_intent::FileContent;
use appia_plan::phase::SizedApp;
use appia_plan::{Object, RenderedFiles};
use serde_json::Value;

use super::super::files::key;
use super::super::images::REGISTRY;
use super::super::scope::namespace;

/// What the objects refer to and do not hold.
#[derive(Debug, Default)]
struct Wanted {
    /// Keys by Secret.
    secrets: BTreeMap<String, BTreeSet<String>>,
    claims: BTreeSet<String>,
    images: BTreeSet<String>,
}

/// The page.
pub(super) fn readme(app: &SizedApp, objects: &[Object], files: &RenderedFiles) -> String {
    let mut wanted = Wanted::default();
    objects.iter().for_each(|object| collect(&object.body.to_value(), &mut wanted));
    for claim in objects.iter().filter(|object| object.id.kind == "PersistentVolumeClaim") {
        wanted.claims.remove(&claim.id.name);
    }
    let namespace = namespace(app);
    let sections = [
        format!(
            "# {} on Kubernetes\n\nRendered by `appia export --target kubernetes`. Change the intent and render again rather than these files.\n",
            app.frame.app
        ),
        images(&wanted),
        apply(&namespace, &wanted),
        secret_files(app, &wanted),
        claims(&namespace, &wanted),
        contents(files),
        NOTES.to_owned() + scaling(objects),
    ];
    sections.into_iter().filter(|section| !section.is_empty()).collect::<Vec<_>>().join("\n")
}

const NOTES: &str = "## What to know

* Programs run as user 10001 with a read-only root; `/tmp` is theirs to write. An image that needs more has to be changed.
* Ingresses ask for no certificate: TLS is your ingress controller's or platform's.
* Nothing gets a token of the API server.
* Connections are closed but for those that the intent declares: calls, references, public ports, resources. What is
  `external` opens its `port`, or every port when none is stated, to any address.
* A secret that changes is read when the pods start again: `kubectl rollout restart deployment`.
";

/// What autoscalers need, where there are any.
fn scaling(objects: &[Object]) -> &'static str {
    if objects.iter().any(|object| object.id.kind == "HorizontalPodAutoscaler") {
        "* Autoscalers need the figures of a metrics server (`kubectl top pods` answers); without one there are as many pods as the\n  peak needs, all the time. The price counts those.\n"
    } else {
        ""
    }
}

fn collect(value: &Value, wanted: &mut Wanted) {
    let Value::Object(entries) = value else {
        if let Value::Array(items) = value {
            items.iter().for_each(|item| collect(item, wanted));
        }
        return;
    };
    let text = |value: Option<&Value>| value.and_then(Value::as_str).map(str::to_owned);
    if let Some(key) = entries.get("secretKeyRef")
        && let (Some(name), Some(key)) = (text(key.get("name")), text(key.get("key")))
    {
        wanted.secrets.entry(name).or_default().insert(key);
    }
    if let Some(name) = text(entries.get("secretName")) {
        let items = entries.get("items").and_then(Value::as_array).into_iter().flatten();
        wanted.secrets.entry(name).or_default().extend(items.filter_map(|item| text(item.get("key"))));
    }
    wanted.claims.extend(text(entries.get("claimName")));
    wanted.images.extend(text(entries.get("image")).filter(|image| image.starts_with(REGISTRY)));
    entries.values().for_each(|entry| collect(entry, wanted));
}

fn images(wanted: &Wanted) -> String {
    if wanted.images.is_empty() {
        return String::new();
    }
    let list: String = wanted.images.iter().map(|image| format!("* `{image}`\n")).collect();
    format!(
        "## Images to push\n\nThese workloads are built from source, and `{REGISTRY}` stands where your registry goes. Push each and render\nagain with `--image WORKLOAD=IMAGE`:\n\n{list}"
    )
}

fn apply(namespace: &str, wanted: &Wanted) -> String {
    let mut text = "## Apply\n\n    kubectl apply -f 00-namespace.yaml\n".to_owned();
    for (name, keys) in &wanted.secrets {
        text.push_str(&format!("    kubectl -n {namespace} create secret generic {name}"));
        for key in keys {
            text.push_str(&format!(" \\\n        {}", literal(name, key)));
        }
        text.push('\n');
    }
    text.push_str("    kubectl apply -f .\n");
    if wanted.secrets.is_empty() {
        return text;
    }
    format!(
        "{text}\nThe manifests hold no secret, only the names above. A key shown with `openssl` is a new password; the others you\nfill in. A Secret may as well come from an operator of your platform: only its name and keys matter.\n"
    )
}

/// What stands in the files that hold secrets, as written in the intent.
fn secret_files(app: &SizedApp, wanted: &Wanted) -> String {
    let keys: BTreeSet<&String> = wanted.secrets.values().flatten().collect();
    let mut text = String::new();
    for workload in app.workloads.values() {
        for (name, container) in &workload.resolved.stated.containers {
            for (path, mount) in &container.files {
                let FileContent::Text(template) = &mount.value.content else { continue };
                let key = key(name, path);
                if keys.contains(&key) {
                    let lines: String =
                        template.to_string().lines().map(|line| format!("    {line}\n")).collect();
                    text.push_str(&format!("\n`{key}` is `{path}`:\n\n{lines}"));
                }
            }
        }
    }
    if text.is_empty() {
        text
    } else {
        format!("## Files with secrets in them\n\nFill in what stands in `${{...}}`.\n{text}")
    }
}

/// How a key gets its value: a new password, a file, or what its provider says.
fn literal(secret: &str, key: &str) -> String {
    if secret.ends_with("-credentials") {
        return format!("--from-literal={key}=\"$(openssl rand -hex 24)\"");
    }
    if secret.ends_with("-files") {
        return format!("--from-file={key}=FILE");
    }
    format!("--from-literal={key}=VALUE")
}

fn claims(namespace: &str, wanted: &Wanted) -> String {
    if wanted.claims.is_empty() {
        return String::new();
    }
    let list: String = wanted.claims.iter().map(|claim| format!("* `{claim}`\n")).collect();
    format!(
        "## Volumes to provide\n\nThese PersistentVolumeClaims have to be in `{namespace}` already:\n\n{list}"
    )
}

fn contents(files: &RenderedFiles) -> String {
    let list: String = files.keys().map(|name| format!("* `{name}`\n")).collect();
    format!("## Files\n\nEach begins with the reasons of its numbers.\n\n{list}")
}
