//! Rule `codes`: every diagnostic code has a maker and a test.
//!
//! A code that nothing makes is a promise in the reference that nobody keeps; one that no test names may say anything, or
//! come too late. A maker names the code (`codes::NAME`) in the sources of a crate; a test names its number or its name in
//! a file below `tests/`, goldens too.

use super::Finding;
use super::tree::{File, Tree};

const TABLE: &str = "crates/diag/src/codes.rs";

pub(super) fn check(tree: &Tree) -> Vec<Finding> {
    let Some(table) = tree.files.iter().find(|file| file.path == TABLE) else { return Vec::new() };
    let lines = table.text.lines().enumerate();
    let codes = lines.filter_map(|(number, line)| Some((number + 1, code(line)?)));
    codes.flat_map(|(line, (name, id))| missing(tree, line, name, id)).collect()
}

/// The name and the number in `    SYNTAX = "APP0001" Error "...";`.
fn code(line: &str) -> Option<(&str, &str)> {
    let (name, rest) = line.trim().split_once(" = \"")?;
    let (id, _) = rest.split_once('"')?;
    id.starts_with("APP").then_some((name, id))
}

fn missing(tree: &Tree, line: usize, name: &str, id: &str) -> Vec<Finding> {
    let by_name = format!("codes::{name}");
    let names = |file: &File| tokens_have(&file.text, &by_name);
    let made = tree.files.iter().any(|file| is_source(file) && names(file));
    let tested = tree.files.iter().any(|file| is_test(file) && (file.text.contains(id) || names(file)));
    let finding = |what: &str| Finding::violation(TABLE, line, format!("{what} `{id}` ({name})"));
    let mut found = Vec::new();
    found.extend((!made).then(|| finding("nothing makes")));
    found.extend((!tested).then(|| finding("no test names")));
    found
}

/// Whether a text has a path as a whole: `codes::BAD_NAME` is not `codes::BAD_NAMES`.
fn tokens_have(text: &str, path: &str) -> bool {
    let goes_on = |rest: &str| rest.starts_with(|next: char| next.is_alphanumeric() || next == '_');
    text.match_indices(path).any(|(at, _)| text.get(at + path.len()..).is_some_and(|rest| !goes_on(rest)))
}

fn is_source(file: &File) -> bool {
    file.path.starts_with("crates/") && file.path.contains("/src/") && file.path != TABLE
}

fn is_test(file: &File) -> bool {
    file.path.starts_with("crates/") && file.path.contains("/tests/")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tidy::places;

    #[test]
    fn a_code_without_a_maker_or_a_test_is_named() {
        let table =
            (TABLE, "codes! {\n    A = \"APP0001\" Error \"a\";\n    AB = \"APP0002\" Note \"b\";\n}\n");
        let maker = ("crates/sources/src/a.rs", "use codes;\nfn f() { new(codes::AB) }\n");
        let test = ("crates/sources/tests/it/a.txt", "APP0002 1: b\n");
        assert_eq!(places(check, &[table, maker, test]), [format!("{TABLE}:2"), format!("{TABLE}:2")]);
        let more = [("crates/sources/src/b.rs", "codes::A"), ("crates/sources/tests/b.rs", "codes::A,")];
        assert!(places(check, &[table, maker, test, more[0], more[1]]).is_empty());
    }
}
