//! Which builder fits which folder.

use appia_drivers::build::Builder;
use appia_drivers::build::detect::{Detection, detect};

use crate::project::Project;

fn check(files: &[&str], expect: Detection) {
    let project = Project::new(Builder::Command, &[]);
    for file in files {
        project.write(file, "");
    }
    assert_eq!(detect(&project.path(".")), expect, "{files:?}");
}

fn by(builder: Builder, because: &str) -> Detection {
    Detection::Builder { builder, because: because.into() }
}

#[test]
fn the_most_telling_file_decides() {
    check(&["Cargo.toml", "package.json", "Dockerfile"], by(Builder::Cargo, "Cargo.toml"));
    check(&["package.json", "index.html"], by(Builder::Node, "package.json"));
    check(&["requirements.txt", "app.py"], by(Builder::Python, "requirements.txt"));
    check(&["pyproject.toml"], by(Builder::Python, "pyproject.toml"));
    check(&["Procfile", "serve.py"], by(Builder::Python, "Procfile and *.py"));
    check(&["index.html", "style.css"], by(Builder::Static, "index.html"));
    check(&["Procfile", "run.sh"], by(Builder::Command, "Procfile"));
    check(&["Dockerfile", "main.c"], Detection::Container { because: "Dockerfile".into() });
    check(&["main.c"], Detection::Unknown);
    check(&[], Detection::Unknown);
}
