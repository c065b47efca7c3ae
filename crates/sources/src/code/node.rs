//! Node.js: a `package.json` with something to start, or a site that a bundler builds.

use serde_json::Value;

use super::installed::{self, Package};
use super::{Build, Folder, Kind, Suggested, needs, port};

const WEB: [&str; 10] =
    ["express", "fastify", "koa", "next", "nuxt", "@nestjs/core", "hono", "@hapi/hapi", "restify", "polka"];
const BUNDLERS: [&str; 5] = ["vite", "react-scripts", "parcel", "@angular/cli", "@vue/cli-service"];
const MAINS: [&str; 7] =
    ["server.js", "index.js", "app.js", "main.js", "src/index.js", "src/server.js", "src/main.js"];

pub(super) fn look(folder: Folder<'_>) -> Vec<Suggested> {
    let Some(package) = package(folder) else { return Vec::new() };
    let libraries = libraries(folder);
    let has = |name: &&&str| libraries.iter().any(|library| library == **name);
    let web = WEB.iter().find(has);
    let script = |name: &str| package.get("scripts").and_then(|scripts| scripts.get(name)).is_some();
    let name =
        package.get("name").and_then(Value::as_str).map(|name| name.rsplit('/').next().unwrap_or(name));
    let name =
        name.map(crate::value::as_name).filter(|name| !name.is_empty()).unwrap_or_else(|| folder.name());
    if let (Some(bundler), None, true) = (BUNDLERS.iter().find(has), web, script("build")) {
        return vec![bundled(folder, name, bundler)];
    }
    let main = main_file(folder, &package);
    let command = match (&main, script("start")) {
        (_, true) => vec!["npm".to_owned(), "start".to_owned()],
        (Some(main), false) => vec!["node".to_owned(), main.clone()],
        (None, false) => {
            let packages: Vec<Package> = libraries.iter().map(|name| Package::named(name)).collect();
            return installed::look(folder, ("package.json", "node"), &packages);
        }
    };
    let text = main.as_ref().and_then(|main| folder.text(main)).unwrap_or_default();
    let serves = web.is_some() || text.contains("createServer");
    vec![Suggested {
        name,
        file: folder.relative("package.json"),
        what: match web {
            Some(web) => format!("a Node.js program with {web}"),
            None => "a Node.js program".to_owned(),
        },
        kind: if serves { Kind::Service } else { Kind::Worker },
        build: Build { context: folder.path.to_owned(), more: vec![("builder", "node".to_owned())] },
        command,
        port: serves.then(|| {
            let main = main.as_deref().unwrap_or("index.js");
            port::port(folder, &[main], (3000, "a Node.js service"))
        }),
        needs: needs::needs(folder, libraries.iter().map(String::as_str)),
        ..Suggested::default()
    }]
}

fn bundled(folder: Folder<'_>, name: String, bundler: &str) -> Suggested {
    let output = if bundler == "react-scripts" { "build" } else { "dist" };
    let more = vec![
        ("builder", "command".to_owned()),
        ("command", "npm install && npm run build".to_owned()),
        ("output", output.to_owned()),
    ];
    Suggested {
        name,
        file: folder.relative("package.json"),
        what: format!("a site built by {bundler}"),
        kind: Kind::Site,
        build: Build { context: folder.path.to_owned(), more },
        ..Suggested::default()
    }
}

fn package(folder: Folder<'_>) -> Option<Value> {
    serde_json::from_str(&folder.text("package.json")?).ok()
}

fn main_file(folder: Folder<'_>, package: &Value) -> Option<String> {
    let stated = package.get("main").and_then(Value::as_str).filter(|main| folder.has(main));
    stated.or_else(|| MAINS.into_iter().find(|main| folder.has(main))).map(str::to_owned)
}

/// The names of all dependencies.
pub(super) fn libraries(folder: Folder<'_>) -> Vec<String> {
    let package = package(folder).unwrap_or_default();
    ["dependencies", "devDependencies"]
        .iter()
        .filter_map(|key| package.get(key)?.as_object())
        .flat_map(|dependencies| dependencies.keys().cloned())
        .collect()
}
