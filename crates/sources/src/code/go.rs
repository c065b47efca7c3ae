//! Go: the programs of a module, or the tools that it pins.

use super::installed::{self, Package};
use super::{Build, Folder, Kind, Suggested, needs, port};

const WEB: [&str; 6] = [
    "github.com/gin-gonic/gin",
    "github.com/labstack/echo",
    "github.com/gofiber/fiber",
    "github.com/go-chi/chi",
    "github.com/gorilla/mux",
    "github.com/valyala/fasthttp",
];

/// Words of a main file that answers requests.
const LISTENS: [&str; 5] = ["http.ListenAndServe", "http.Server{", ".Run(\":", ".Listen(\":", ".Start(\":"];

pub(super) fn look(folder: Folder<'_>) -> Vec<Suggested> {
    let Some(manifest) = folder.text("go.mod") else { return Vec::new() };
    let libraries = block(&manifest, "require");
    let programs = programs(folder, &manifest);
    if programs.is_empty() {
        let tools: Vec<Package> =
            block(&manifest, "tool").iter().map(|path| Package::named(last(path))).collect();
        return installed::look(folder, ("go.mod", "go"), &tools);
    }
    let several = programs.len() > 1;
    programs
        .into_iter()
        .map(|(name, source)| {
            let text = folder.text(&source).unwrap_or_default();
            let web = WEB.iter().find(|web| libraries.iter().any(|library| library.starts_with(*web)));
            let listens = LISTENS.iter().any(|word| text.contains(word));
            let serves = listens || (web.is_some() && !several);
            let mut more = vec![("builder", "go".to_owned())];
            more.extend(several.then(|| ("binary", name.clone())));
            Suggested {
                name: crate::value::as_name(&name),
                file: folder.relative("go.mod"),
                what: web.map_or_else(
                    || "a Go program".to_owned(),
                    |web| format!("a Go program with {}", last(web)),
                ),
                kind: if serves { Kind::Service } else { Kind::Worker },
                build: Build { context: folder.path.to_owned(), more },
                port: serves.then(|| port::port(folder, &[&source], (8080, "a Go service"))),
                needs: needs::needs(folder, libraries.iter().map(|library| without_version(library))),
                ..Suggested::default()
            }
        })
        .collect()
}

/// Names and main files: the module's own program, and one for each folder below `cmd`.
fn programs(folder: Folder<'_>, manifest: &str) -> Vec<(String, String)> {
    let module = manifest.lines().find_map(|line| line.trim().strip_prefix("module "));
    let own = folder
        .has("main.go")
        .then(|| (last(without_version(module.unwrap_or("app").trim())).to_owned(), "main.go".to_owned()));
    let below = folder.list("cmd").into_iter().filter_map(|name| {
        let name = name.strip_suffix('/')?.to_owned();
        let source = format!("cmd/{name}/main.go");
        folder.has(&source).then_some((name, source))
    });
    own.into_iter().chain(below).collect()
}

/// The first words behind a directive, alone on its line or in parentheses.
fn block(manifest: &str, directive: &str) -> Vec<String> {
    let mut inside = false;
    let mut found = Vec::new();
    for line in manifest.lines().map(str::trim) {
        let rest = line.strip_prefix(directive).filter(|rest| rest.starts_with(' ')).map(str::trim);
        let word = match rest {
            Some("(") => {
                inside = true;
                continue;
            }
            Some(rest) => rest,
            None if inside && line == ")" => {
                inside = false;
                continue;
            }
            None if inside => line,
            None => continue,
        };
        found
            .extend(word.split_whitespace().next().filter(|word| !word.starts_with("//")).map(str::to_owned));
    }
    found
}

/// `github.com/redis/go-redis/v9` without its `/v9`.
fn without_version(path: &str) -> &str {
    let is_version = |part: &str| part.strip_prefix('v').is_some_and(|digits| digits.parse::<u32>().is_ok());
    match path.rsplit_once('/') {
        Some((before, part)) if is_version(part) => before,
        _ => path,
    }
}

fn last(path: &str) -> &str {
    path.rsplit('/').next().unwrap_or(path)
}
