//! Golden files: what a test makes, compared with what a person has read and agreed to.

use std::path::Path;

/// Compares `text` with the file at `path` (relative to the crate, where cargo runs its tests).
///
/// With `APPIA_BLESS=1` in the environment the file is written instead, to be read and committed.
///
/// # Panics
/// When they differ: with the first line that does, and how to bless it.
#[track_caller]
pub fn golden(path: impl AsRef<Path>, text: &str) {
    let path = path.as_ref();
    if std::env::var_os("APPIA_BLESS").is_some_and(|bless| bless == "1") {
        if let Some(folder) = path.parent() {
            std::fs::create_dir_all(folder).expect("the folder of a golden file can be made");
        }
        std::fs::write(path, text).expect("a golden file can be written");
        return;
    }
    let expected = std::fs::read_to_string(path).unwrap_or_default();
    if let Some(difference) = difference(&expected, text) {
        panic!(
            "{} differs in {difference}\nread the change, then run the test with APPIA_BLESS=1",
            path.display()
        );
    }
}

/// The first line that differs, both ways.
fn difference(expected: &str, text: &str) -> Option<String> {
    if expected == text {
        return None;
    }
    let mut lines = (expected.lines(), text.lines());
    let mut number = 1;
    loop {
        match (lines.0.next(), lines.1.next()) {
            (None, None) => return Some("the ends of its lines".to_owned()),
            (old, new) if old == new => number += 1,
            (old, new) => {
                let shown = |line: Option<&str>| line.unwrap_or("(the end)").to_owned();
                return Some(format!("line {number}:\n- {}\n+ {}", shown(old), shown(new)));
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::difference;

    #[test]
    fn shows_the_first_line_that_differs() {
        assert_eq!(difference("a\nb\n", "a\nb\n"), None);
        assert_eq!(difference("a\nb\n", "a\nc\n").unwrap(), "line 2:\n- b\n+ c");
        assert_eq!(difference("a\n", "a\nb\n").unwrap(), "line 2:\n- (the end)\n+ b");
        assert_eq!(difference("a\n", "a").unwrap(), "the ends of its lines");
    }
}
