//! Words of a person's file as a message may show them: nothing that steers a terminal or hides, and not without end.
//!
//! Called for each finding that a list takes. It never changes what was read, only what is told.

/// Longer texts lose their middle.
const LONGEST: usize = 1_000;

/// Characters kept at either end of a longer text.
const KEPT: usize = 400;

/// A text on one line.
pub(crate) fn readable(text: String) -> String {
    shown(text, |c| hides(c) || c == '\n')
}

/// A text that may have lines, as an example in a help may.
pub(crate) fn readable_lines(text: String) -> String {
    shown(text, hides)
}

fn shown(text: String, escaped: impl Fn(char) -> bool) -> String {
    let text = if text.len() > LONGEST { shortened(&text) } else { text };
    if !text.contains(&escaped) {
        return text;
    }
    text.chars().fold(String::new(), |mut all, c| {
        if escaped(c) {
            all.extend(c.escape_default())
        } else {
            all.push(c)
        }
        all
    })
}

fn shortened(text: &str) -> String {
    let head: String = text.chars().take(KEPT).collect();
    let tail: Vec<char> = text.chars().rev().take(KEPT).collect();
    format!("{head} ... {}", tail.into_iter().rev().collect::<String>())
}

/// Control characters, and those that turn the reading direction or have no width.
fn hides(c: char) -> bool {
    let turns =
        matches!(c, '\u{61c}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{2069}');
    (c.is_control() && c != '\n') || turns || c == '\u{feff}'
}

#[cfg(test)]
mod tests {
    use super::{readable, readable_lines};

    #[test]
    fn shows_what_hides() {
        for (text, expect) in [
            ("unknown key `wéb`", "unknown key `wéb`"),
            ("a\0b\tc", "a\\u{0}b\\tc"),
            ("\u{202e}gpj.exe", "\\u{202e}gpj.exe"),
            ("a\nb", "a\\nb"),
        ] {
            assert_eq!(readable(text.to_owned()), expect);
        }
        assert_eq!(readable_lines("a\nb".to_owned()), "a\nb");
        assert_eq!(readable("é".repeat(5_000)).chars().count(), 805);
    }
}
