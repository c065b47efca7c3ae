//! Rule `leftovers`: no ignored tests, no unfinished marks, no lints switched off.
//!
//! A test that does not run proves nothing; `todo!` is a promise that compiles; `#[allow]` never says when it stopped
//! being needed, where `#[expect(lint, reason = "...")]` does. Holds everywhere, tests and xtask included.

use super::Finding;
use super::tokens::{Kind, Token};
use super::tree::{File, Tree};

const MACROS: &[&str] = &["dbg", "todo", "unimplemented"];

pub(super) fn check(tree: &Tree) -> Vec<Finding> {
    tree.files.iter().filter(|file| file.is_rust()).flat_map(check_file).collect()
}

fn check_file(file: &File) -> Vec<Finding> {
    let leftover = |three: &[Token]| {
        let [before, word, after] = three else { return None };
        let Kind::Word(name) = &word.kind else { return None };
        let mark = leftover(before, name, after)?;
        Some(Finding::violation(&file.path, word.line, mark))
    };
    // A file may start with `todo!`: give the first word something before it.
    let start = Token { kind: Kind::Sign(';'), line: 1, test: false };
    let tokens: Vec<Token> = std::iter::once(start).chain(file.tokens.iter().cloned()).collect();
    tokens.windows(3).filter_map(leftover).collect()
}

fn leftover(before: &Token, name: &str, after: &Token) -> Option<String> {
    let in_attribute = before.is_open('[') || before.is_sign(',');
    match name {
        "ignore" if before.is_open('[') => {
            Some("an ignored test is no test: mend it or delete it".to_owned())
        }
        "allow" if in_attribute && after.is_open('(') => {
            Some("use `#[expect(lint, reason = \"...\")]` instead of `allow`".to_owned())
        }
        _ if MACROS.contains(&name) && after.is_sign('!') => Some(format!("`{name}!` is unfinished work")),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tidy::places;

    fn check_text(text: &str, expect: &[&str]) {
        assert_eq!(places(check, &[("xtask/src/a.rs", text)]), expect);
    }

    #[test]
    fn each_leftover_is_found() {
        check_text("#[test]\n#[ignore]\nfn a() {}", &["xtask/src/a.rs:2"]);
        check_text("#[ignore = \"slow\"]\nfn a() {}", &["xtask/src/a.rs:1"]);
        check_text("fn a() {\n  todo!()\n}", &["xtask/src/a.rs:2"]);
        check_text("dbg!(1);", &["xtask/src/a.rs:1"]);
        check_text("#![allow(dead_code)]\n", &["xtask/src/a.rs:1"]);
        check_text("#[cfg_attr(test, allow(dead_code))]\nfn a() {}", &["xtask/src/a.rs:1"]);
    }

    #[test]
    fn comments_and_names_are_free() {
        check_text("// todo!()\nfn ignore(allow: u8) { self.allow(1); }", &[]);
    }
}
