//! Turning a line that was written for a shell into a command to start, so that signals reach the program itself.
//!
//! `node server.js` needs no shell; `gunicorn app:app --bind :$PORT` needs one, which then gives way to the program
//! (`exec`); a line with `&&` or a pipe keeps its shell.

/// Characters that mean nothing to a shell, so that splitting at spaces is what it would do.
fn is_plain(letter: char) -> bool {
    letter.is_ascii_alphanumeric() || "-_./:=@,+% ".contains(letter)
}

/// The command that does what a shell would do with this line.
pub(super) fn command(line: &str) -> Vec<String> {
    let line = line.trim();
    let first = line.split_whitespace().next().unwrap_or_default();
    let sets_variable = first.contains('=');
    if line.chars().all(is_plain) && !sets_variable && !is_builtin(first) {
        return line.split_whitespace().map(str::to_owned).collect();
    }
    let several = line.contains([';', '&', '|', '\n', '(', '{', '`']) && !only_braced_variables(line);
    let script =
        if several || sets_variable || is_builtin(first) { line.to_owned() } else { format!("exec {line}") };
    vec!["/bin/sh".into(), "-c".into(), script]
}

/// `${PORT}` is a variable, not a group of commands.
fn only_braced_variables(line: &str) -> bool {
    !line.replace("${", "").contains([';', '&', '|', '\n', '(', '{', '`'])
}

fn is_builtin(word: &str) -> bool {
    ["cd", "exec", "export", "source", ".", "if", "while", "for", "set", "test", "[", "eval"].contains(&word)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(line: &str, expect: &[&str]) {
        assert_eq!(command(line), expect, "{line}");
    }

    #[test]
    fn a_simple_line_needs_no_shell() {
        check("node server.js", &["node", "server.js"]);
        check(
            "  python -m http.server  --bind=127.0.0.1 ",
            &["python", "-m", "http.server", "--bind=127.0.0.1"],
        );
    }

    #[test]
    fn the_shell_gives_way_to_the_program() {
        check("gunicorn app:app --bind :$PORT", &["/bin/sh", "-c", "exec gunicorn app:app --bind :$PORT"]);
        check("serve --port ${PORT}", &["/bin/sh", "-c", "exec serve --port ${PORT}"]);
        check("node 'my server.js'", &["/bin/sh", "-c", "exec node 'my server.js'"]);
    }

    #[test]
    fn a_line_of_several_commands_keeps_its_shell() {
        check("npm run build && node x.js", &["/bin/sh", "-c", "npm run build && node x.js"]);
        check("NODE_ENV=test node x.js", &["/bin/sh", "-c", "NODE_ENV=test node x.js"]);
        check("cd src", &["/bin/sh", "-c", "cd src"]);
    }
}
