//! Where a thing was written: file, line, column.

use std::sync::Arc;

use serde::{Deserialize, Serialize};

/// A place in a text file. Lines and columns are 1-based, columns count characters, `offset` counts bytes from 0.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Position {
    /// 1-based line.
    pub line: u32,
    /// 1-based column, in characters.
    pub column: u32,
    /// 0-based byte offset.
    pub offset: usize,
}

impl Position {
    /// The first character of a file.
    pub const START: Position = Position { line: 1, column: 1, offset: 0 };

    /// Where this text ends when it begins here.
    fn after(self, text: &str) -> Position {
        let offset = self.offset + text.len();
        let characters = |text: &str| u32::try_from(text.chars().count()).unwrap_or(u32::MAX);
        let lines = u32::try_from(text.matches('\n').count()).unwrap_or(u32::MAX);
        match text.rsplit_once('\n') {
            None => {
                Position { line: self.line, column: self.column.saturating_add(characters(text)), offset }
            }
            Some((_, last)) => Position {
                line: self.line.saturating_add(lines),
                column: characters(last).saturating_add(1),
                offset,
            },
        }
    }
}

/// A range of one file, half open: `end` is the position after the last character.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Span {
    /// The file as the person named it, `/` as separator.
    pub file: Arc<str>,
    /// First character.
    pub start: Position,
    /// After the last character.
    pub end: Position,
}

impl Span {
    /// The span from `start` to `end` in `file`.
    pub fn new(file: Arc<str>, start: Position, end: Position) -> Span {
        Span { file, start, end }
    }

    /// The first place inside of this one where a part of the file's text stands.
    ///
    /// ```
    /// use appia_diag::{Position, Span};
    /// let text = "url: \"a ${b} c\"";
    /// let end = Position { line: 1, column: 16, offset: text.len() };
    /// let whole = Span::new("f".into(), Position { line: 1, column: 6, offset: 5 }, end);
    /// let part = whole.part(text, "${b}").unwrap();
    /// assert_eq!((part.start.column, part.end.column), (9, 13));
    /// ```
    pub fn part(&self, text: &str, part: &str) -> Option<Span> {
        let inside = text.get(self.start.offset..self.end.offset)?;
        let at = inside.find(part).filter(|_| !part.is_empty())?;
        let start = self.start.after(inside.get(..at)?);
        Some(Span::new(Arc::clone(&self.file), start, start.after(part)))
    }

    /// The very start of a file: for what concerns the file as a whole.
    pub fn file_start(file: impl Into<Arc<str>>) -> Span {
        Span::new(file.into(), Position::START, Position::START)
    }
}

/// A value and where it was written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Spanned<T> {
    /// What was written.
    pub value: T,
    /// Where.
    pub span: Span,
}

impl<T> Spanned<T> {
    /// Joins a value with its place.
    pub fn new(value: T, span: Span) -> Spanned<T> {
        Spanned { value, span }
    }

    /// The same place with the value changed.
    pub fn map<U>(self, change: impl FnOnce(T) -> U) -> Spanned<U> {
        Spanned { value: change(self.value), span: self.span }
    }

    /// Borrows the value, keeping the place.
    pub fn as_ref(&self) -> Spanned<&T> {
        Spanned { value: &self.value, span: self.span.clone() }
    }
}
