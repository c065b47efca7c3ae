//! Cargo: every binary of a package or workspace.

use super::{Build, Folder, Kind, Suggested, needs, port};
use crate::files;

const WEB: [&str; 9] = ["axum", "actix-web", "rocket", "warp", "poem", "salvo", "tide", "hyper", "tonic"];

pub(super) fn look(folder: Folder<'_>) -> Vec<Suggested> {
    let Some(manifest) = manifest(folder, "Cargo.toml") else { return Vec::new() };
    let mut packages = vec![".".to_owned()];
    let members = manifest.get("workspace").and_then(|workspace| workspace.get("members"));
    for member in
        members.and_then(toml::Value::as_array).into_iter().flatten().filter_map(toml::Value::as_str)
    {
        packages.extend(expand(folder, member));
    }
    let shared = manifest.get("workspace").and_then(|workspace| workspace.get("dependencies")).cloned();
    packages.iter().flat_map(|package| binaries(folder, package, shared.as_ref())).collect()
}

fn manifest(folder: Folder<'_>, path: &str) -> Option<toml::Table> {
    folder.text(path)?.parse().ok()
}

/// A member, with a `*` as its last part filled in.
fn expand(folder: Folder<'_>, member: &str) -> Vec<String> {
    match member.strip_suffix("/*").or_else(|| (member == "*").then_some(".")) {
        None => vec![files::clean(member)],
        Some(above) => folder
            .list(above)
            .iter()
            .filter_map(|name| name.strip_suffix('/'))
            .map(|name| files::join(above, name))
            .collect(),
    }
}

/// One suggestion for each binary of a package.
fn binaries(folder: Folder<'_>, package: &str, shared: Option<&toml::Value>) -> Vec<Suggested> {
    let file = files::join(package, "Cargo.toml");
    let Some(manifest) = manifest(folder, &file) else { return Vec::new() };
    let Some(name) = manifest.get("package").and_then(|package| package.get("name")?.as_str()) else {
        return Vec::new();
    };
    let libraries = libraries(&manifest, shared);
    let web = WEB.iter().find(|web| libraries.iter().any(|library| library == *web));
    let needs = needs::needs(folder, libraries.iter().map(String::as_str));
    let sources = sources(folder, package, &manifest, name);
    let several = sources.len() > 1 || package != ".";
    sources
        .into_iter()
        .map(|(binary, source)| {
            let serves = web.is_some() && !binary.contains("worker");
            let mut more = vec![("builder", "cargo".to_owned())];
            if several {
                more.push(("binary", binary.clone()));
            }
            Suggested {
                name: crate::value::as_name(&binary),
                file: folder.relative(&file),
                what: match web {
                    Some(web) if serves => format!("a Rust program with {web}"),
                    _ => "a Rust program".to_owned(),
                },
                kind: if serves { Kind::Service } else { Kind::Worker },
                build: Build { context: folder.path.to_owned(), more },
                command: Vec::new(),
                port: serves.then(|| port::port(folder, &[&source], (8080, "a Rust service"))),
                needs: needs.clone(),
                ..Suggested::default()
            }
        })
        .collect()
}

/// Names and main files of the binaries that Cargo finds.
fn sources(folder: Folder<'_>, package: &str, manifest: &toml::Table, name: &str) -> Vec<(String, String)> {
    let stated = manifest.get("bin").and_then(toml::Value::as_array).into_iter().flatten();
    let mut sources: Vec<(String, String)> = stated
        .filter_map(|bin| {
            let name = bin.get("name")?.as_str()?;
            let path = bin.get("path").and_then(toml::Value::as_str).unwrap_or("src/main.rs");
            Some((name.to_owned(), files::join(package, path)))
        })
        .collect();
    let main = files::join(package, "src/main.rs");
    if sources.iter().all(|(_, path)| *path != main) && folder.has(&main) {
        sources.insert(0, (name.to_owned(), main));
    }
    for file in folder.list(&files::join(package, "src/bin")) {
        let path = files::join(package, &format!("src/bin/{file}"));
        if let (Some(name), false) =
            (file.strip_suffix(".rs"), sources.iter().any(|(_, known)| *known == path))
        {
            sources.push((name.to_owned(), path));
        }
    }
    sources
}

/// The names of the dependencies; a mapper with a driver feature counts as the driver.
fn libraries(manifest: &toml::Table, shared: Option<&toml::Value>) -> Vec<String> {
    let dependencies = manifest.get("dependencies").and_then(toml::Value::as_table);
    let mut names = Vec::new();
    for (name, value) in dependencies.into_iter().flatten() {
        names.push(name.clone());
        let inherited = shared.and_then(|shared| shared.get(name));
        for value in [Some(value), inherited].into_iter().flatten() {
            let features = value.get("features").and_then(toml::Value::as_array).into_iter().flatten();
            for feature in features.filter_map(toml::Value::as_str) {
                let driver = matches!(name.as_str(), "sqlx" | "diesel" | "sea-orm");
                match feature {
                    "postgres" | "sqlx-postgres" if driver => names.push("postgres".to_owned()),
                    "mysql" | "sqlx-mysql" if driver => names.push("mysql".to_owned()),
                    _ => {}
                }
            }
        }
    }
    names
}
