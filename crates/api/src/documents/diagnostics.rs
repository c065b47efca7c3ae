//! What was found in input files.

use serde::{Deserialize, Serialize};

/// Findings about input files.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Diagnostics {
    /// In the order of file, line and column.
    pub diagnostics: Vec<Diagnostic>,
}

/// One finding.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Diagnostic {
    /// `APP0012`.
    pub code: String,
    /// `error`, `warning`, `note`.
    pub severity: appia_diag::Severity,
    /// One sentence.
    pub message: String,
    /// The file as named by the person; null when it concerns no file.
    pub file: Option<String>,
    /// 1-based.
    pub line: Option<u32>,
    /// 1-based, in characters.
    pub column: Option<u32>,
    /// 1-based.
    pub end_line: Option<u32>,
    /// 1-based, after the last character.
    pub end_column: Option<u32>,
    /// Ways out.
    pub help: Vec<String>,
}

impl From<&appia_diag::Diagnostic> for Diagnostic {
    fn from(found: &appia_diag::Diagnostic) -> Diagnostic {
        let span = found.span.as_ref();
        Diagnostic {
            code: found.code.id.to_owned(),
            severity: found.severity,
            message: found.message.clone(),
            file: span.map(|span| span.file.to_string()),
            line: span.map(|span| span.start.line),
            column: span.map(|span| span.start.column),
            end_line: span.map(|span| span.end.line),
            end_column: span.map(|span| span.end.column),
            help: found.help.clone(),
        }
    }
}
