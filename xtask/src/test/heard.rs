//! What a step said, as far as it is worth saying again: a failed step's last words come at the very end of a test run,
//! where somebody who sees only the end of the output finds them.
//!
//! `test.rs` makes one for each step and asks it for [`Heard::excerpt`] when the step failed.

use std::collections::VecDeque;
use std::process::Command;

use anyhow::Result;

use crate::command;

/// So many lines of a failed step, and of each failed test, are repeated.
const LAST: usize = 30;
/// So many failed tests are repeated in full.
const MOST_TESTS: usize = 12;

/// The last lines of a step, and those of each of its tests that failed.
#[derive(Debug, Default)]
pub(super) struct Heard {
    last: VecDeque<String>,
    tests: Vec<(String, VecDeque<String>)>,
    in_test: bool,
    /// What a test says that it could not put to the test here.
    pub(super) not_run: Vec<String>,
}

impl Heard {
    /// Runs a command, showing and remembering what it says.
    pub(super) fn run(&mut self, command: &mut Command, mut each: impl FnMut(&str)) -> Result<bool> {
        command::stream(command, |line| {
            each(line);
            self.line(line);
        })
    }

    /// Shows and remembers a text.
    pub(super) fn say(&mut self, text: &str) {
        for line in text.lines() {
            println!("{line}");
            self.line(line);
        }
    }

    /// What to say again of a step that failed.
    pub(super) fn excerpt(&self, step: &str) -> String {
        let shown = |title: &str, lines: &VecDeque<String>| {
            let lines: String = lines.iter().map(|line| format!("    {line}\n")).collect();
            format!("  {title}\n{lines}")
        };
        if self.tests.is_empty() {
            return shown(step, &self.last);
        }
        let mut text: String =
            self.tests.iter().take(MOST_TESTS).map(|(name, lines)| shown(name, lines)).collect();
        for (name, _) in self.tests.iter().skip(MOST_TESTS) {
            text.push_str(&format!("  {name}\n"));
        }
        text
    }

    fn line(&mut self, line: &str) {
        remember(&mut self.last, line);
        // A test's name may stand before it in the same line.
        if let Some((_, what)) = line.split_once("did not run: ").filter(|_| !line.starts_with(' ')) {
            self.not_run.push(what.to_owned());
        }
        if let Some(name) = line.strip_prefix("---- ").and_then(|rest| rest.strip_suffix(" stdout ----")) {
            self.tests.push((name.to_owned(), VecDeque::new()));
            self.in_test = true;
        } else if line == "failures:" {
            self.in_test = false;
        } else if let Some((_, lines)) = self.tests.last_mut().filter(|_| self.in_test && !line.is_empty()) {
            remember(lines, line);
        }
    }
}

fn remember(lines: &mut VecDeque<String>, line: &str) {
    lines.push_back(line.to_owned());
    if lines.len() > LAST {
        lines.pop_front();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn heard(text: &str) -> String {
        let mut heard = Heard::default();
        text.lines().for_each(|line| heard.line(line));
        heard.excerpt("step")
    }

    #[test]
    fn a_failed_test_is_repeated_and_the_others_are_not() {
        let text = "test a ... ok\n\nfailures:\n\n---- b stdout ----\nexpected 1\n\ngot 2\n\n\nfailures:\n    b\n\nresult";
        assert_eq!(heard(text), "  b\n    expected 1\n    got 2\n");
    }

    #[test]
    fn of_a_step_without_tests_the_last_lines_are_repeated() {
        let text: String = (0..100).map(|number| format!("line {number}\n")).collect();
        let excerpt = heard(&text);
        assert!(excerpt.starts_with("  step\n    line 70\n") && excerpt.ends_with("line 99\n"), "{excerpt}");
    }
}
