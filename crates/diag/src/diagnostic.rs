//! One finding about an input, and the list that a pass collects.

use std::collections::BTreeMap;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::text::{readable, readable_lines};
use crate::{Code, Span, codes};

/// Findings of one severity that a list keeps. A person mends the first ones first, and a broken file of megabytes must
/// not become a report of gigabytes.
const MOST: usize = 1_000;

/// How bad it is. Only an error stops the command (exit code 3).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Severity {
    /// The input cannot be used as written.
    Error,
    /// It can be used, but probably not as meant.
    Warning,
    /// Worth knowing.
    Note,
}

/// What is wrong (or worth knowing), where, and the way out.
///
/// Messages are lower case without a final dot, with the person's own words in backticks; each `help` line says what
/// to do or to type next.
///
/// ```
/// use appia_diag::{codes, Diagnostic, Span};
/// let finding = Diagnostic::new(codes::UNKNOWN_KEY, "unknown key `replica`")
///     .at(&Span::file_start("appia.yaml"))
///     .help("did you mean `replicas`?");
/// assert_eq!(finding.code.id, "APP0002");
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Diagnostic {
    /// Which kind of finding.
    pub code: Code,
    /// How bad; the code's default unless changed.
    pub severity: Severity,
    /// One sentence.
    pub message: String,
    /// The place at fault.
    pub span: Option<Span>,
    /// Other places that explain it, each with a short label (`first defined here`).
    pub related: Vec<(Span, String)>,
    /// Ways out.
    pub help: Vec<String>,
    /// The part of the place that is meant, as it is written there; until [`Diagnostics::focus`].
    pub on: Option<String>,
}

impl Diagnostic {
    /// A finding with the severity that its code usually has.
    pub fn new(code: Code, message: impl Into<String>) -> Diagnostic {
        Diagnostic {
            code,
            severity: code.severity,
            message: message.into(),
            span: None,
            related: Vec::new(),
            help: Vec::new(),
            on: None,
        }
    }

    /// Says where.
    #[must_use]
    pub fn at(mut self, span: &Span) -> Diagnostic {
        self.span = Some(span.clone());
        self
    }

    /// Says which part of the place is meant, in the words that stand there.
    #[must_use]
    pub fn on(mut self, part: impl Into<String>) -> Diagnostic {
        self.on = Some(part.into());
        self
    }

    /// Adds a second place.
    #[must_use]
    pub fn related(mut self, span: &Span, label: impl Into<String>) -> Diagnostic {
        self.related.push((span.clone(), label.into()));
        self
    }

    /// Adds a way out.
    #[must_use]
    pub fn help(mut self, line: impl Into<String>) -> Diagnostic {
        self.help.push(line.into());
        self
    }

    /// Adds "did you mean" when a known word is close to the one written.
    #[must_use]
    pub fn did_you_mean<'a>(self, word: &str, known: impl IntoIterator<Item = &'a str>) -> Diagnostic {
        match crate::closest(word, known) {
            Some(found) => self.help(format!("did you mean `{found}`?")),
            None => self,
        }
    }

    /// The same finding with words that do no harm to a terminal and do not fill it.
    fn readable(mut self) -> Diagnostic {
        self.message = readable(self.message);
        self.help = self.help.into_iter().map(readable_lines).collect();
        self.related = self.related.into_iter().map(|(span, label)| (span, readable(label))).collect();
        self
    }
}

fn too_many(first: Diagnostic) -> Diagnostic {
    let message = format!("more than {MOST} findings of this severity: the others are left out");
    let last = Diagnostic {
        severity: first.severity,
        span: first.span,
        ..Diagnostic::new(codes::TOO_MANY, message)
    };
    last.help("mend the first ones and look again")
}

/// The findings of a run, in the order they were made until [`Diagnostics::sort`].
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Diagnostics {
    list: Vec<Diagnostic>,
    counts: BTreeMap<Severity, usize>,
}

impl Diagnostics {
    /// An empty list.
    pub fn new() -> Diagnostics {
        Diagnostics::default()
    }

    /// Adds one finding, its words made fit for a terminal. Of each severity the first thousand are kept and one says
    /// that there were more.
    pub fn push(&mut self, diagnostic: Diagnostic) {
        let count = self.counts.entry(diagnostic.severity).or_default();
        *count += 1;
        if *count <= MOST {
            self.list.push(diagnostic.readable());
        } else if *count == MOST + 1 {
            self.list.push(too_many(diagnostic));
        }
    }

    /// Adds all findings of another list.
    pub fn extend(&mut self, other: Diagnostics) {
        other.list.into_iter().for_each(|diagnostic| self.push(diagnostic));
    }

    /// True when at least one finding is an error.
    pub fn has_errors(&self) -> bool {
        self.list.iter().any(|diagnostic| diagnostic.severity == Severity::Error)
    }

    /// True when there is nothing to say.
    pub fn is_empty(&self) -> bool {
        self.list.is_empty()
    }

    /// How many findings.
    pub fn len(&self) -> usize {
        self.list.len()
    }

    /// All findings.
    pub fn iter(&self) -> std::slice::Iter<'_, Diagnostic> {
        self.list.iter()
    }

    /// Narrows each place to the part of it that is meant, where that part stands in the file as it was written.
    pub fn focus(&mut self, text_of: &dyn Fn(&str) -> Option<String>) {
        let mut texts: BTreeMap<Arc<str>, Option<String>> = BTreeMap::new();
        for diagnostic in &mut self.list {
            let (Some(part), Some(span)) = (diagnostic.on.take(), &mut diagnostic.span) else { continue };
            let text = texts.entry(Arc::clone(&span.file)).or_insert_with(|| text_of(&span.file));
            if let Some(narrow) = text.as_deref().and_then(|text| span.part(text, &part)) {
                *span = narrow;
            }
        }
    }

    /// Orders by file, line, column, code and message, and drops repeats, so that output does not depend on the order
    /// of the passes.
    pub fn sort(&mut self) {
        self.list.sort_by(|a, b| key(a).cmp(&key(b)));
        self.list.dedup();
    }
}

fn key(diagnostic: &Diagnostic) -> (bool, Option<&Span>, &str, &str) {
    (diagnostic.span.is_none(), diagnostic.span.as_ref(), diagnostic.code.id, &diagnostic.message)
}

impl IntoIterator for Diagnostics {
    type Item = Diagnostic;
    type IntoIter = std::vec::IntoIter<Diagnostic>;
    fn into_iter(self) -> Self::IntoIter {
        self.list.into_iter()
    }
}

impl FromIterator<Diagnostic> for Diagnostics {
    fn from_iter<I: IntoIterator<Item = Diagnostic>>(iter: I) -> Diagnostics {
        let mut all = Diagnostics::new();
        iter.into_iter().for_each(|diagnostic| all.push(diagnostic));
        all
    }
}

#[cfg(test)]
mod tests {
    use super::{Diagnostic, Diagnostics, MOST};
    use crate::{Severity, codes};

    #[test]
    fn keeps_the_first_thousand_of_each_severity_and_says_so() {
        let mut all = Diagnostics::new();
        for number in 0..5_000 {
            all.push(Diagnostic::new(codes::UNKNOWN_KEY, format!("unknown key `k{number}`")));
        }
        all.push(Diagnostic::new(codes::UNUSED, "no workload uses it"));
        all.sort();
        let count = |severity| all.iter().filter(|finding| finding.severity == severity).count();
        assert_eq!(count(Severity::Error), MOST + 1);
        assert_eq!(count(Severity::Warning), 1);
        assert_eq!(all.iter().filter(|finding| finding.code.id == codes::TOO_MANY.id).count(), 1);
        assert!(all.has_errors());
    }

    #[test]
    fn what_a_file_says_never_reaches_a_terminal_raw() {
        let mut all = Diagnostics::new();
        let key = "a\u{1b}[31m\u{202e}".to_owned() + &"k".repeat(100_000);
        all.push(
            Diagnostic::new(codes::UNKNOWN_KEY, format!("unknown key `{key}` here"))
                .help(format!("try `{key}`")),
        );
        let finding = all.iter().next().unwrap();
        for text in [&finding.message, &finding.help[0]] {
            assert!(text.len() < 2_000 && !text.contains(['\u{1b}', '\u{202e}']), "{text}");
        }
        assert!(finding.message.starts_with("unknown key `a\\u{1b}[31m\\u{202e}kk"), "{}", finding.message);
        assert!(finding.message.ends_with("kk` here"), "{}", finding.message);
    }
}
