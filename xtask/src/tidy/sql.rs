//! Rule `sql`: `store` is the only crate with SQL in it, and the only one that depends on `sqlx`.
//!
//! One SQL text runs on both databases because one crate writes it. Found by string literals that start like a
//! statement. Tests and examples may talk to a database as its user would.

use super::Finding;
use super::tokens::Kind;
use super::tree::{File, Tree};

const HOME: &str = "store";

/// Files that administer a database which is not the store's, and why.
const GUESTS: &[(&str, &str)] = &[(
    "crates/runtime/src/postgres/database.rs",
    "makes a role and a database on an application's own server, which the store never sees",
)];

const STATEMENTS: &[&str] =
    &["SELECT ", "INSERT INTO ", "UPDATE ", "DELETE FROM ", "CREATE TABLE ", "ALTER TABLE ", "DROP TABLE "];

pub(super) fn check(tree: &Tree) -> Vec<Finding> {
    let is_guest = |file: &&File| GUESTS.iter().any(|(path, _)| *path == file.path);
    let others = tree.shipped().filter(|file| file.folder() != Some(HOME) && !is_guest(file));
    let files = others.flat_map(check_file);
    let mut findings: Vec<Finding> = files.collect();
    for manifest in tree.manifests.iter().filter(|manifest| manifest.folder() != HOME) {
        for dependency in manifest.all_dependencies().iter().filter(|found| found.name == "sqlx") {
            let message = "only `store` depends on `sqlx`";
            findings.push(Finding::violation(&manifest.path, dependency.line, message));
        }
    }
    findings
}

fn check_file(file: &File) -> Vec<Finding> {
    let statement = |text: &str| {
        let text = text.trim_start();
        STATEMENTS.iter().any(|start| text.starts_with(start))
    };
    let texts =
        file.shipped_tokens().filter(|token| matches!(&token.kind, Kind::Text(text) if statement(text)));
    texts
        .map(|token| {
            Finding::violation(&file.path, token.line, "SQL belongs in `store`: ask it for what you need")
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tidy::places;

    fn check_server(text: &str, expect: &[&str]) {
        assert_eq!(places(check, &[("crates/server/src/app.rs", text)]), expect);
    }

    #[test]
    fn a_statement_is_found() {
        check_server(
            "fn a() {\n  query(\n    \"SELECT name FROM apps\");\n}",
            &["crates/server/src/app.rs:3"],
        );
        check_server("const A: &str = r#\"\n  INSERT INTO apps\"#;", &["crates/server/src/app.rs:1"]);
    }

    #[test]
    fn prose_comments_and_tests_are_not() {
        check_server("/// SELECT one\nconst A: &str = \"select one\";", &[]);
        check_server("#[cfg(test)] mod tests { const A: &str = \"SELECT 1\"; }", &[]);
    }

    #[test]
    fn the_store_may() {
        assert!(places(check, &[("crates/store/src/apps.rs", "const A: &str = \"SELECT 1\";")]).is_empty());
    }

    #[test]
    fn the_library_is_the_stores() {
        let manifest = "[dev-dependencies]\nsqlx.workspace = true\n";
        assert_eq!(places(check, &[("crates/server/Cargo.toml", manifest)]), ["crates/server/Cargo.toml:2"]);
    }
}
