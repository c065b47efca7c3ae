//! Python: a `requirements.txt`, a `pyproject.toml` or a program beside them.

use super::installed::{self, Package};
use super::{Build, Folder, Kind, Suggested, needs, port};

const MAINS: [&str; 8] =
    ["main.py", "app.py", "server.py", "wsgi.py", "worker.py", "app/main.py", "src/main.py", "src/app.py"];
const MARKS: [&str; 3] = ["requirements.txt", "pyproject.toml", "setup.py"];

pub(super) fn look(folder: Folder<'_>) -> Vec<Suggested> {
    let main = ["manage.py"].into_iter().chain(MAINS).find(|main| folder.has(main));
    let mark = MARKS.into_iter().find(|mark| folder.has(mark));
    let main = main.map(str::to_owned).or_else(|| package(folder));
    let libraries = libraries(folder);
    let Some(main) = main else {
        let packages: Vec<Package> = libraries.iter().map(|name| Package::named(name)).collect();
        return mark.map_or_else(Vec::new, |mark| installed::look(folder, (mark, "python"), &packages));
    };
    let main = main.as_str();
    let text = folder.text(main).unwrap_or_default();
    let (what, command, usual) = start(main, &libraries);
    let serves = usual.is_some() || text.contains("http.server") || text.contains("HTTPServer");
    vec![Suggested {
        name: folder.name(),
        file: folder.relative(mark.unwrap_or(main)),
        what,
        kind: if serves { Kind::Service } else { Kind::Worker },
        build: Build { context: folder.path.to_owned(), more: vec![("builder", "python".to_owned())] },
        command,
        port: serves.then(|| port::port(folder, &[main], usual.unwrap_or((8000, "a Python service")))),
        needs: needs::needs(folder, libraries.iter().map(String::as_str)),
        ..Suggested::default()
    }]
}

/// The program of a package: `shop/__main__.py`, also below `src`.
fn package(folder: Folder<'_>) -> Option<String> {
    ["", "src/"].iter().find_map(|above| {
        let names = folder.list(if above.is_empty() { "." } else { above });
        let mut mains =
            names.iter().filter_map(|name| Some(format!("{above}{}/__main__.py", name.strip_suffix('/')?)));
        mains.find(|main| folder.has(main))
    })
}

type Usual = Option<(u16, &'static str)>;

/// What it is, how it starts and which port its framework usually takes.
fn start(main: &str, libraries: &[String]) -> (String, Vec<String>, Usual) {
    let has = |name: &str| libraries.iter().any(|library| library == name);
    let module = main.trim_end_matches(".py").replace('/', ".");
    if main == "manage.py" {
        let line = "python manage.py runserver 0.0.0.0:$PORT".to_owned();
        return ("a Django program".to_owned(), vec![line], Some((8000, "Django")));
    }
    if let Some(package) = main.strip_suffix("/__main__.py") {
        let package = package.strip_prefix("src/").unwrap_or(package).to_owned();
        let server = ["fastapi", "starlette", "flask", "django", "aiohttp", "uvicorn"].into_iter().any(has);
        let usual = server.then_some((8000, "a Python service"));
        return ("a Python package".to_owned(), vec!["python".to_owned(), "-m".to_owned(), package], usual);
    }
    if has("fastapi") || has("starlette") {
        let line = format!("uvicorn {module}:app --host 0.0.0.0 --port $PORT");
        return ("a Python program with FastAPI".to_owned(), vec![line], Some((8000, "uvicorn")));
    }
    if has("flask") {
        let line = format!("flask --app {module} run --host 0.0.0.0 --port $PORT");
        return ("a Python program with Flask".to_owned(), vec![line], Some((5000, "Flask")));
    }
    ("a Python program".to_owned(), vec!["python".to_owned(), main.to_owned()], None)
}

/// The names of all dependencies, in lower case.
pub(super) fn libraries(folder: Folder<'_>) -> Vec<String> {
    let requirements = folder.text("requirements.txt").unwrap_or_default();
    let mut names: Vec<String> = requirements.lines().flat_map(with_extras).collect();
    let project =
        folder.text("pyproject.toml").and_then(|text| text.parse::<toml::Table>().ok()).unwrap_or_default();
    let listed = project.get("project").and_then(|project| project.get("dependencies")?.as_array());
    names.extend(listed.into_iter().flatten().filter_map(toml::Value::as_str).flat_map(with_extras));
    let poetry = project.get("tool").and_then(|tool| tool.get("poetry")?.get("dependencies")?.as_table());
    names.extend(poetry.into_iter().flatten().map(|(name, _)| name.to_lowercase()));
    names
}

/// The name of a requirement and what it takes along: `celery[redis]` brings `redis`.
fn with_extras(line: &str) -> Vec<String> {
    let Some(name) = library(line) else { return Vec::new() };
    let rest = line.trim().get(name.len()..).unwrap_or_default();
    let extras =
        rest.strip_prefix('[').and_then(|rest| rest.split_once(']')).map_or("", |(extras, _)| extras);
    let extras = extras.split(',').map(|extra| extra.trim().to_lowercase()).filter(|extra| !extra.is_empty());
    std::iter::once(name).chain(extras).collect()
}

/// The name at the start of a requirement: `Flask[async]>=3` is `flask`.
fn library(line: &str) -> Option<String> {
    let known = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.');
    let name: String = line.trim().chars().take_while(|c| known(*c)).collect();
    (!name.is_empty() && !name.starts_with('-')).then(|| name.to_lowercase())
}
