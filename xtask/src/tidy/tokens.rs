//! A Rust file as a flat list of tokens with their lines, and the paths it names.
//!
//! Rules look for sequences of tokens, so a word in a comment or a string is never mistaken for code. Whether a token
//! stands under `#[cfg(test)]` is noted on it. It never resolves names: `use` trees are expanded, nothing more.
//! Start at `read` and `paths`.

use std::str::FromStr;

use proc_macro2::{Delimiter, Group, Literal, TokenStream, TokenTree};

/// What a token is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Word(String),
    Sign(char),
    /// A string literal, as written between its quotes.
    Text(String),
    Open(char),
    Close(char),
    /// The file is not Rust: the message of the tokenizer.
    Broken(String),
}

/// One token, its line, and whether it is only there for tests.
#[derive(Clone, Debug)]
pub(super) struct Token {
    pub(super) kind: Kind,
    pub(super) line: usize,
    pub(super) test: bool,
}

impl Token {
    pub(super) fn is_word(&self, word: &str) -> bool {
        matches!(&self.kind, Kind::Word(own) if own == word)
    }

    pub(super) fn is_sign(&self, sign: char) -> bool {
        self.kind == Kind::Sign(sign)
    }

    pub(super) fn is_open(&self, sign: char) -> bool {
        self.kind == Kind::Open(sign)
    }
}

/// A path as code names it (`std::fs::read`), whether in a `use` or in an expression.
pub(super) struct Path {
    pub(super) segments: Vec<String>,
    pub(super) line: usize,
}

impl Path {
    /// Whether these segments stand in the path one after the other.
    pub(super) fn has(&self, wanted: &str) -> bool {
        let wanted: Vec<&str> = wanted.split("::").collect();
        self.segments.windows(wanted.len()).any(|window| window == wanted)
    }

    pub(super) fn shown(&self) -> String {
        self.segments.join("::")
    }
}

/// The tokens of a Rust file, documentation comments left out.
pub(super) fn read(text: &str) -> Vec<Token> {
    let mut tokens = Vec::new();
    match TokenStream::from_str(text.strip_prefix('\u{feff}').unwrap_or(text)) {
        Ok(stream) => flatten(stream, Test::No, &mut tokens),
        Err(error) => {
            let line = error.span().start().line;
            tokens.push(Token { kind: Kind::Broken(error.to_string()), line, test: false });
        }
    }
    tokens
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Test {
    Yes,
    No,
}

/// Appends a stream; an item that follows `#[cfg(test)]` is marked to its end (its braces, or its semicolon).
fn flatten(stream: TokenStream, around: Test, tokens: &mut Vec<Token>) {
    let mut here = around;
    let mut trees = stream.into_iter().peekable();
    while let Some(tree) = trees.next() {
        if let (TokenTree::Punct(sign), Some(TokenTree::Group(group))) = (&tree, trees.peek()) {
            if sign.as_char() == '#' && is_documentation(group) {
                trees.next();
                continue;
            }
            if sign.as_char() == '#' && is_test_only(group) {
                here = Test::Yes;
            }
        }
        let ends = ends_item(&tree);
        append(tree, here, tokens);
        if ends {
            here = around;
        }
    }
}

fn ends_item(tree: &TokenTree) -> bool {
    match tree {
        TokenTree::Group(group) => group.delimiter() == Delimiter::Brace,
        TokenTree::Punct(sign) => sign.as_char() == ';',
        TokenTree::Ident(_) | TokenTree::Literal(_) => false,
    }
}

fn append(tree: TokenTree, test: Test, tokens: &mut Vec<Token>) {
    let line = tree.span().start().line;
    let mut push = |kind, line| tokens.push(Token { kind, line, test: test == Test::Yes });
    match tree {
        TokenTree::Ident(word) => push(Kind::Word(word.to_string()), line),
        TokenTree::Punct(sign) => push(Kind::Sign(sign.as_char()), line),
        TokenTree::Literal(literal) => {
            if let Some(text) = string(&literal) {
                push(Kind::Text(text), line);
            }
        }
        TokenTree::Group(group) => {
            let (open, close) = brackets(group.delimiter());
            push(Kind::Open(open), line);
            flatten(group.stream(), test, tokens);
            let line = group.span_close().end().line;
            tokens.push(Token { kind: Kind::Close(close), line, test: test == Test::Yes });
        }
    }
}

fn brackets(delimiter: Delimiter) -> (char, char) {
    match delimiter {
        Delimiter::Parenthesis | Delimiter::None => ('(', ')'),
        Delimiter::Brace => ('{', '}'),
        Delimiter::Bracket => ('[', ']'),
    }
}

fn string(literal: &Literal) -> Option<String> {
    let written = literal.to_string();
    let (_, rest) = written.split_once('"')?;
    Some(rest.trim_end_matches('#').trim_end_matches('"').to_owned())
}

fn is_documentation(group: &Group) -> bool {
    group.delimiter() == Delimiter::Bracket
        && matches!(group.stream().into_iter().next(), Some(TokenTree::Ident(word)) if word == "doc")
}

/// `[cfg(test)]`, or `[cfg(all(test, ...))]`.
fn is_test_only(group: &Group) -> bool {
    let written = group.stream().to_string().replace(' ', "");
    written == "cfg(test)" || written.starts_with("cfg(all(test,")
}

/// Every path that the tokens name.
pub(super) fn paths<'a>(tokens: impl Iterator<Item = &'a Token>) -> Vec<Path> {
    let tokens: Vec<&Token> = tokens.collect();
    let mut found = Vec::new();
    let mut rest = tokens.as_slice();
    while let [token, after @ ..] = rest {
        rest = if token.is_word("use") {
            use_tree(after, &[], &mut found)
        } else if let Kind::Word(_) = token.kind {
            written_path(rest, &mut found)
        } else {
            after
        };
    }
    found
}

/// A path in an expression or type: words joined by `::`.
fn written_path<'t, 'a>(tokens: &'t [&'a Token], found: &mut Vec<Path>) -> &'t [&'a Token] {
    let mut rest = tokens;
    let mut segments = Vec::new();
    let line = tokens.first().map_or(1, |token| token.line);
    while let [token, after @ ..] = rest {
        let Kind::Word(word) = &token.kind else { break };
        segments.push(word.clone());
        rest = after;
        match after {
            [one, two, next @ ..] if one.is_sign(':') && two.is_sign(':') => rest = next,
            _ => break,
        }
    }
    found.push(Path { segments, line });
    rest
}

/// A `use` tree below a prefix; returns what follows it.
fn use_tree<'t, 'a>(tokens: &'t [&'a Token], prefix: &[String], found: &mut Vec<Path>) -> &'t [&'a Token] {
    let mut rest = tokens;
    let mut segments = prefix.to_vec();
    let mut line = tokens.first().map_or(1, |token| token.line);
    while let [token, after @ ..] = rest {
        match &token.kind {
            // `use a::b as c` names `a::b`.
            Kind::Word(word) if word == "as" => {
                rest = after.get(1..).unwrap_or_default();
                continue;
            }
            Kind::Word(word) => {
                line = token.line;
                segments.push(word.clone());
            }
            Kind::Sign(':' | '*') => {}
            Kind::Open('{') => return use_group(after, &segments, found),
            _ => break,
        }
        rest = after;
    }
    if segments.len() > prefix.len() || !prefix.is_empty() {
        found.push(Path { segments, line });
    }
    rest
}

fn use_group<'t, 'a>(tokens: &'t [&'a Token], prefix: &[String], found: &mut Vec<Path>) -> &'t [&'a Token] {
    let mut rest = tokens;
    while let [token, after @ ..] = rest {
        rest = match token.kind {
            Kind::Close(_) => return after,
            Kind::Sign(',') => after,
            _ => {
                let next = use_tree(rest, prefix, found);
                if next.len() == rest.len() { after } else { next }
            }
        };
    }
    rest
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, expect: &[&str]) {
        let tokens = read(text);
        let shown: Vec<String> = paths(tokens.iter()).iter().map(Path::shown).collect();
        assert_eq!(shown, expect);
    }

    #[test]
    fn use_trees_are_expanded() {
        check(
            "use std::{fs, time::{Duration, Instant as Now}, env::*}; use a;",
            &["std::fs", "std::time::Duration", "std::time::Instant", "std::env", "a"],
        );
    }

    #[test]
    fn expressions_name_paths() {
        check("std::fs::read(x)", &["std::fs::read", "x"]);
    }

    #[test]
    fn comments_and_documentation_are_no_code() {
        check("/// std::fs\n// std::env\n/* std::net */ const A: u8 = 1;", &["const", "A", "u8"]);
    }

    #[test]
    fn items_under_cfg_test_are_marked_to_their_end() {
        let tokens = read("#[cfg(test)]\nmod tests { fn a() {} }\nfn b() {}");
        let marked = |word: &str| tokens.iter().find(|token| token.is_word(word)).map(|token| token.test);
        assert_eq!((marked("a"), marked("b")), (Some(true), Some(false)));
    }

    #[test]
    fn a_raw_string_keeps_its_text() {
        let tokens = read("r#\"one \"two\" three\"#");
        assert_eq!(
            tokens.first().map(|token| token.kind.clone()),
            Some(Kind::Text("one \"two\" three".into()))
        );
    }

    #[test]
    fn a_file_that_is_not_rust_says_so() {
        assert!(matches!(read("fn a( {").first().map(|token| token.kind.clone()), Some(Kind::Broken(_))));
    }
}
