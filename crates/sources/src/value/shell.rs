//! A command line split into words as a shell would, as far as that needs no shell.
//!
//! Quotes and `\` work. A line that has variables is read by a shell, which then gives way to the program. What else only
//! a shell can do (pipes, redirections, patterns, several commands) is refused, because running it without a shell would
//! silently mean something else.

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

/// The words of a command line; with variables such as `$PORT` those of a shell that fills them in.
pub(crate) fn command_line(line: &str) -> Result<Vec<String>, ShellError> {
    match split(line) {
        Err(ShellError::NeedsShell('$')) if runs_by_exec(line) => {
            let line = line.trim().replace(['\n', '\r'], " ");
            Ok(vec!["/bin/sh".to_owned(), "-c".to_owned(), format!("exec {line}")])
        }
        other => other,
    }
}

/// Whether variables are all that needs a shell, and the first word is a program rather than a setting.
fn runs_by_exec(line: &str) -> bool {
    let words = split(&without_variables(line)).unwrap_or_default();
    words.first().is_some_and(|program| !program.contains('='))
}

/// The line with `x` in place of each `$NAME` and `${NAME}`.
fn without_variables(line: &str) -> String {
    let is_name = |c: char| c.is_ascii_alphanumeric() || c == '_';
    let mut parts = line.split('$');
    let mut text = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let braced = part.strip_prefix('{').and_then(|inner| inner.split_once('}'));
        let (name, rest) =
            braced.unwrap_or_else(|| part.split_at(part.find(|c: char| !is_name(c)).unwrap_or(part.len())));
        let is_variable =
            name.starts_with(|c: char| is_name(c) && !c.is_ascii_digit()) && name.chars().all(is_name);
        text.push_str(if is_variable { "x" } else { "$" });
        text.push_str(if is_variable { rest } else { part });
    }
    text
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
    use super::{command_line, split};

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
    fn a_shell_fills_in_variables_and_nothing_else() {
        let check = |line: &str, expect: &str| {
            let words =
                command_line(line).map_or_else(|error| format!("error: {error}"), |words| words.join("|"));
            assert_eq!(words, expect, "{line}");
        };
        check("node server.js", "node|server.js");
        check("serve --port $PORT\n", "/bin/sh|-c|exec serve --port $PORT");
        check("serve \"0.0.0.0:${PORT}\"", "/bin/sh|-c|exec serve \"0.0.0.0:${PORT}\"");
        for line in
            ["serve $PORT | tee x", "serve $(date)", "A=b serve $PORT", "serve ${resources.db.url}", "$1 x"]
        {
            assert!(command_line(line).is_err(), "{line}");
        }
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
