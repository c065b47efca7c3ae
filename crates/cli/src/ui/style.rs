//! The few colours, by meaning.

use anstyle::{AnsiColor, Style};

fn paint(style: Style, text: &str) -> String {
    format!("{style}{text}{style:#}")
}

/// Something is wrong.
pub(super) fn error(text: &str) -> String {
    paint(AnsiColor::Red.on_default().bold(), text)
}

/// Something may be wrong, or changes.
pub(super) fn warning(text: &str) -> String {
    paint(AnsiColor::Yellow.on_default().bold(), text)
}

/// Something is well, or new.
pub(super) fn good(text: &str) -> String {
    paint(AnsiColor::Green.on_default().bold(), text)
}

/// What to type, where to look.
pub(super) fn accent(text: &str) -> String {
    paint(AnsiColor::Cyan.on_default().bold(), text)
}

/// What a name is.
pub(super) fn strong(text: &str) -> String {
    paint(Style::new().bold(), text)
}

/// What matters less.
pub(super) fn dim(text: &str) -> String {
    paint(Style::new().dimmed(), text)
}
