//! Rule `sizes`: long files and long functions are reported; a file over 800 lines fails.
//!
//! The numbers say where to look twice, and only the last is a gate. Lines under `#[cfg(test)]` and files of tests are
//! not counted: a long list of cases is no complexity.

use super::Finding;
use super::tokens::{Kind, Token};
use super::tree::{File, Tree};

const LOOK_AT_FILE: usize = 500;
const SPLIT_FILE: usize = 800;
const LOOK_AT_FUNCTION: usize = 40;

pub(super) fn check(tree: &Tree) -> Vec<Finding> {
    let counted = |file: &&File| file.is_rust() && file.path.contains("/src/");
    tree.files.iter().filter(counted).flat_map(check_file).collect()
}

fn check_file(file: &File) -> Vec<Finding> {
    let mut findings: Vec<Finding> = broken(file).into_iter().collect();
    let lines = (1..=file.text.lines().count()).filter(|line| !file.is_test_line(*line)).count();
    if lines > SPLIT_FILE {
        findings.push(Finding::violation(&file.path, 1, format!("{lines} lines without tests: split it")));
    } else if lines > LOOK_AT_FILE {
        findings.push(Finding::note(&file.path, 1, format!("{lines} lines without tests")));
    }
    let tokens: Vec<&Token> = file.shipped_tokens().collect();
    for (index, token) in tokens.iter().enumerate().filter(|(_, token)| token.is_word("fn")) {
        let after = tokens.get(index + 1..).unwrap_or_default();
        if let Some((name, end)) = function(after)
            && end - token.line + 1 > LOOK_AT_FUNCTION
        {
            let message = format!("`{name}` is {} lines long", end - token.line + 1);
            findings.push(Finding::note(&file.path, token.line, message));
        }
    }
    findings
}

fn broken(file: &File) -> Option<Finding> {
    let Kind::Broken(message) = &file.tokens.first()?.kind else { return None };
    Some(Finding::violation(&file.path, 1, format!("cannot be read as Rust: {message}")))
}

/// The name of the function that starts here and the line of its closing brace; none for a declaration.
fn function<'a>(tokens: &[&'a Token]) -> Option<(&'a str, usize)> {
    let Kind::Word(name) = &tokens.first()?.kind else { return None };
    let mut depth = 0_usize;
    let mut in_body = false;
    for token in tokens {
        match token.kind {
            Kind::Sign(';') if depth == 0 => return None,
            Kind::Open(sign) => {
                in_body |= depth == 0 && sign == '{';
                depth += 1;
            }
            Kind::Close(_) => {
                depth = depth.checked_sub(1)?;
                if depth == 0 && in_body {
                    return Some((name, token.line));
                }
            }
            _ => {}
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tidy::Weight;

    fn check_text(text: &str, expect: &[(usize, Weight)]) {
        let findings = check(&Tree::of_texts(&[("crates/plan/src/lib.rs", text)]));
        let found: Vec<_> = findings.iter().map(|finding| (finding.line, finding.weight)).collect();
        assert_eq!(found, expect);
    }

    #[test]
    fn a_file_over_800_lines_fails_and_over_500_is_noted() {
        check_text(&"const A: u8 = 1;\n".repeat(801), &[(1, Weight::Violation)]);
        check_text(&"const A: u8 = 1;\n".repeat(501), &[(1, Weight::Note)]);
        check_text(&"const A: u8 = 1;\n".repeat(500), &[]);
    }

    #[test]
    fn lines_of_tests_are_not_counted() {
        let tests = format!("#[cfg(test)]\nmod tests {{\n{}}}\n", "const A: u8 = 1;\n\n".repeat(600));
        check_text(&tests, &[]);
    }

    #[test]
    fn a_long_function_is_noted() {
        let body = "a();\n".repeat(40);
        check_text(&format!("\nfn long() -> [u8; 3] {{\n{body}}}\n"), &[(2, Weight::Note)]);
        check_text(&format!("trait T {{ fn declared(&self); }}\nconst A: u8 = {{\n{body}1}};\n"), &[]);
    }

    #[test]
    fn a_file_that_is_not_rust_fails() {
        check_text("fn a( {", &[(1, Weight::Violation)]);
    }
}
