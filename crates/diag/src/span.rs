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
