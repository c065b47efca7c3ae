//! Programs that come from a registry: a folder that pins packages and has no source of its own.
//!
//! `python`, `node`, `go` and `maven` come here with what such a folder pins. Most programs take their port by `--port`;
//! [`KNOWN`] are those that want it otherwise, with the folder and the variables that they are told about.

use super::needs::Need;
use super::{Build, Folder, Kind, Suggested, needs};

/// A package as a folder pins it.
pub(super) struct Package {
    pub(super) name: String,
    /// How its program is started, without arguments.
    pub(super) program: String,
}

impl Package {
    /// One whose program is called like itself.
    pub(super) fn named(name: &str) -> Package {
        Package { name: name.to_owned(), program: name.to_owned() }
    }
}

/// A program of which more is known than its name.
struct Known {
    package: &'static str,
    /// Where the program is not called like the package.
    program: Option<&'static str>,
    arguments: &'static str,
    kind: Kind,
    port: u16,
    /// The folder that it keeps its data in.
    data: Option<&'static str>,
    variables: &'static [(&'static str, Need)],
    memory: Option<&'static str>,
}

const SERVICE: Known = Known {
    package: "",
    program: None,
    arguments: "--port $PORT",
    kind: Kind::Service,
    port: 8080,
    data: None,
    variables: &[],
    memory: None,
};

/// From each program's own manual.
const KNOWN: &[Known] = &[
    Known { package: "datasette", arguments: "serve --port $PORT", port: 8001, ..SERVICE },
    Known {
        package: "celery",
        arguments: "worker",
        kind: Kind::Worker,
        variables: &[("CELERY_BROKER_URL", Need::Redis), ("CELERY_RESULT_BACKEND", Need::Redis)],
        ..SERVICE
    },
    Known {
        package: "flower",
        program: Some("celery"),
        arguments: "flower --port=$PORT",
        port: 5555,
        variables: &[("CELERY_BROKER_URL", Need::Redis), ("CELERY_RESULT_BACKEND", Need::Redis)],
        ..SERVICE
    },
    Known {
        package: "jupyterlab",
        program: Some("jupyter"),
        arguments: "lab --no-browser --port $PORT",
        port: 8888,
        ..SERVICE
    },
    Known {
        package: "mlflow",
        arguments: "server --workers 1 --artifacts-destination data --port $PORT",
        port: 5000,
        data: Some("data"),
        variables: &[("MLFLOW_BACKEND_STORE_URI", Need::Postgres)],
        memory: Some("1Gi"),
        ..SERVICE
    },
    Known {
        package: "node-red",
        arguments: "--userDir data --port $PORT",
        port: 1880,
        data: Some("data"),
        ..SERVICE
    },
    Known {
        package: "pgweb",
        arguments: "--skip-open --listen $PORT",
        port: 8081,
        variables: &[("PGWEB_DATABASE_URL", Need::Postgres)],
        ..SERVICE
    },
    Known {
        package: "pushgateway",
        arguments: "--persistence.file=data/metrics --web.listen-address=127.0.0.1:$PORT",
        port: 9091,
        data: Some("data"),
        ..SERVICE
    },
    Known {
        package: "radicale",
        arguments: "--hosts 127.0.0.1:$PORT --storage-filesystem-folder data",
        port: 5232,
        data: Some("data"),
        ..SERVICE
    },
    Known { package: "verdaccio", arguments: "--listen $PORT", port: 4873, ..SERVICE },
    Known {
        package: "wiremock-standalone",
        arguments: "--root-dir data --port $PORT",
        data: Some("data"),
        memory: Some("512Mi"),
        ..SERVICE
    },
];

/// Names in a folder that say that somebody writes a program there.
const SOURCES: [&str; 8] = [".py", ".js", ".mjs", ".ts", ".go", ".java", ".kt", "/"];

/// The programs that a folder pins: those that are known, else the first package.
pub(super) fn look(
    folder: Folder<'_>,
    (file, builder): (&str, &str),
    packages: &[Package],
) -> Vec<Suggested> {
    if !is_bare(folder) {
        return Vec::new();
    }
    let pinned = |known: &'static Known| {
        let package = packages.iter().find(|package| package.name == known.package)?;
        Some((package, known))
    };
    let mut found: Vec<(&Package, &Known)> = KNOWN.iter().filter_map(pinned).collect();
    let guess = found.is_empty();
    if guess {
        found.extend(packages.first().map(|package| (package, &SERVICE)));
    }
    let suggest = |(package, known): (&Package, &Known)| {
        let suggested = suggested(folder, package, known, packages);
        let more = vec![("builder", builder.to_owned())];
        let build = Build { context: folder.path.to_owned(), more };
        Suggested { file: folder.relative(file), build, ..suggested }
    };
    found.into_iter().map(suggest).collect()
}

/// Whether nothing stands there but what pins the packages.
fn is_bare(folder: Folder<'_>) -> bool {
    let is_source = |name: &String| !name.starts_with('.') && SOURCES.iter().any(|end| name.ends_with(end));
    let installed = |name: &String| ["node_modules/", "venv/", "target/"].contains(&name.as_str());
    !folder.list(".").iter().any(|name| is_source(name) && !installed(name))
}

fn suggested(folder: Folder<'_>, package: &Package, known: &Known, packages: &[Package]) -> Suggested {
    let program = known.program.unwrap_or(&package.program);
    let mut needs = needs::needs(folder, packages.iter().map(|package| package.name.as_str()));
    for (_, need) in known.variables {
        needs.entry(*need).or_insert_with(|| format!("`{}` uses it", package.name));
    }
    let serves = known.kind == Kind::Service;
    let why = match known.package {
        "" => format!("a guess, as is the command: `{program} --help` says how it takes its port"),
        package => format!("{package}'s own"),
    };
    Suggested {
        name: if serves { folder.name() } else { "worker".to_owned() },
        what: format!("the program `{}` from a registry", package.name),
        kind: known.kind,
        command: vec![format!("{program} {}", known.arguments)],
        port: serves.then_some((known.port, why)),
        needs,
        variables: known.variables.to_vec(),
        data: known.data,
        memory: known.memory,
        ..Suggested::default()
    }
}
