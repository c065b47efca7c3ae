//! A command line split into words as a shell would, as far as that needs no shell.
//!
//! Quotes and `\` work. What only a shell can do (variables, pipes, redirections, patterns, several commands) is
//! refused, because running it without a shell would silently mean something else.

/// Why a line needs a shell, or cannot be split.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(crate) enum ShellError {
    /// A quote without its partner.
    #[error("a `{0}` is not closed")]
    Unclosed(char),
    /// Something that only a shell can do.
    #[error("`{0}` needs a shell, and a command line is run without one")]
    NeedsShell(char),
    /// No words.
    #[error("the command line is empty")]
    Empty,
}

/// Splits a line.
pub(crate) fn split(line: &str) -> Result<Vec<String>, ShellError> {
    let mut words = Vec::new();
    let mut word: Option<String> = None;
    let mut rest = line.chars().peekable();
    while let Some(c) = rest.next() {
        match c {
            ' ' | '\t' | '\n' | '\r' => words.extend(word.take()),
            '\'' => quoted(&mut rest, word.get_or_insert_default())?,
            '"' => double_quoted(&mut rest, word.get_or_insert_default())?,
            '\\' => word.get_or_insert_default().extend(rest.next()),
            '|' | '&' | ';' | '<' | '>' | '(' | ')' | '$' | '`' | '*' | '?' => {
                return Err(ShellError::NeedsShell(c));
            }
            '~' | '#' if word.is_none() => return Err(ShellError::NeedsShell(c)),
            _ => word.get_or_insert_default().push(c),
        }
    }
    words.extend(word);
    if words.is_empty() { Err(ShellError::Empty) } else { Ok(words) }
}

type Rest<'a> = std::iter::Peekable<std::str::Chars<'a>>;

fn quoted(rest: &mut Rest<'_>, word: &mut String) -> Result<(), ShellError> {
    for c in rest.by_ref() {
        if c == '\'' {
            return Ok(());
        }
        word.push(c);
    }
    Err(ShellError::Unclosed('\''))
}

fn double_quoted(rest: &mut Rest<'_>, word: &mut String) -> Result<(), ShellError> {
    while let Some(c) = rest.next() {
        match c {
            '"' => return Ok(()),
            '$' | '`' => return Err(ShellError::NeedsShell(c)),
            '\\' => match rest.peek() {
                Some('"' | '\\' | '$' | '`') => word.extend(rest.next()),
                _ => word.push('\\'),
            },
            _ => word.push(c),
        }
    }
    Err(ShellError::Unclosed('"'))
}

#[cfg(test)]
mod tests {
    use super::split;

    fn check(line: &str, expect: &str) {
        let shown = match split(line) {
            Ok(words) => words.join("|"),
            Err(error) => format!("error: {error}"),
        };
        assert_eq!(shown, expect, "{line}");
    }

    #[test]
    fn splits_as_a_shell_would() {
        check("node server.js --port 80", "node|server.js|--port|80");
        check("  a  b ", "a|b");
        check(r#"echo "a b" 'c "d"' e\ f"#, r#"echo|a b|c "d"|e f"#);
        check(r#"echo "a \"b\" \n""#, r#"echo|a "b" \n"#);
        check("echo '' x", "echo||x");
        check("echo '$HOME' a#b", "echo|$HOME|a#b");
    }

    #[test]
    fn refuses_what_needs_a_shell() {
        check("a | b", "error: `|` needs a shell, and a command line is run without one");
        check("run --port $PORT", "error: `$` needs a shell, and a command line is run without one");
        check("run \"$PORT\"", "error: `$` needs a shell, and a command line is run without one");
        check("echo 'a", "error: a `'` is not closed");
        check("   ", "error: the command line is empty");
    }
}
