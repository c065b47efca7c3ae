//! Which builder fits a folder, from the files at its top. Reads names, and `Procfile` by name only; never runs anything.
//!
//! Asked for every workload whose `build` names no builder. The first rule that holds wins; [`RULES`] is the manual. What
//! `appia init` proposes comes from `sources::code`, which reads what is in the files too.

use std::path::Path;

use super::Builder;

/// What a folder is, as far as its files tell.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Detection {
    /// This builder fits.
    Builder {
        /// Which.
        builder: Builder,
        /// The file that says so.
        because: String,
    },
    /// There is only a recipe for a container image: it takes a container engine to build that.
    Container {
        /// The file that says so.
        because: String,
    },
    /// Nothing that we know. The way out is to name a builder, or a `command`.
    Unknown,
}

/// File names and the builder they stand for, first the most telling. A Dockerfile comes last: beside a manifest it is one way
/// to build among two, and ours needs no engine.
const RULES: [(&str, Option<Builder>); 17] = [
    ("Cargo.toml", Some(Builder::Cargo)),
    ("package.json", Some(Builder::Node)),
    ("pyproject.toml", Some(Builder::Python)),
    ("requirements.txt", Some(Builder::Python)),
    ("setup.py", Some(Builder::Python)),
    ("go.mod", Some(Builder::Go)),
    ("pom.xml", Some(Builder::Maven)),
    ("main.py", Some(Builder::Python)),
    ("app.py", Some(Builder::Python)),
    ("server.py", Some(Builder::Python)),
    ("__main__.py", Some(Builder::Python)),
    ("index.html", Some(Builder::Static)),
    ("Procfile", Some(Builder::Command)),
    ("Dockerfile", None),
    ("dockerfile", None),
    ("Containerfile", None),
    ("containerfile", None),
];

/// Looks at the files at the top of a folder.
pub fn detect(folder: &Path) -> Detection {
    let found = RULES.iter().find(|(name, _)| folder.join(name).is_file());
    match found {
        Some(("Procfile", _)) if has_python(folder) => {
            Detection::Builder { builder: Builder::Python, because: "Procfile and *.py".into() }
        }
        Some((name, Some(builder))) => Detection::Builder { builder: *builder, because: (*name).into() },
        Some((name, None)) => Detection::Container { because: (*name).into() },
        None => Detection::Unknown,
    }
}

fn has_python(folder: &Path) -> bool {
    let entries = folder.read_dir().into_iter().flatten().flatten();
    entries.into_iter().any(|entry| entry.path().extension().is_some_and(|extension| extension == "py"))
}
