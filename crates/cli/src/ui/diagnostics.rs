//! Findings about input files, each with the line it is about.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::ops::Range;
use std::sync::Arc;

use annotate_snippets::{AnnotationKind, Group, Level, Renderer, Snippet};
use appia_api::{Kind, documents};
use appia_diag::{Diagnostic, Diagnostics, Severity, Span};

use super::{Ui, count as number, style};

/// Gives the text of a file that findings point into.
pub(crate) type SourceText<'a> = &'a dyn Fn(&str) -> Option<String>;

impl Ui {
    /// Tells findings on stderr, worst last so that it is what stays on screen.
    pub(crate) fn findings(&self, found: &Diagnostics, text: SourceText<'_>) {
        if self.is_json() {
            return;
        }
        let text = Texts { read: text, known: RefCell::default() };
        let shown = |severity: Severity| severity != Severity::Note || !self.quiet;
        for diagnostic in found.iter().filter(|diagnostic| shown(diagnostic.severity)) {
            let short = diagnostic.severity == Severity::Note && !self.is_verbose();
            self.talk(&if short { note(diagnostic) } else { render(diagnostic, &text) });
        }
        let count =
            |severity: Severity| found.iter().filter(|diagnostic| diagnostic.severity == severity).count();
        let (errors, warnings) = (count(Severity::Error), count(Severity::Warning));
        if errors > 0 {
            let more =
                if warnings > 0 { format!(", {}", number(warnings, "warning")) } else { String::new() };
            self.talk(&style::error(&format!("{}{more}", number(errors, "error"))));
        }
    }

    /// Writes findings as the document that was asked for.
    pub(crate) fn diagnostics_document(&self, found: &Diagnostics) {
        let diagnostics = found.iter().map(documents::Diagnostic::from).collect();
        self.document(Kind::Diagnostics, documents::Diagnostics { diagnostics });
    }
}

/// A note in one line; `-v` shows it like the others.
fn note(diagnostic: &Diagnostic) -> String {
    let place = diagnostic.span.as_ref().map_or_else(String::new, |span| {
        style::dim(&format!(" ({}:{}, -v shows more)", span.file, span.start.line))
    });
    format!("{}: {}{place}", style::strong("note"), diagnostic.message)
}

/// Texts of files, each read once.
struct Texts<'a> {
    read: SourceText<'a>,
    known: RefCell<BTreeMap<Arc<str>, Option<Arc<str>>>>,
}

impl Texts<'_> {
    fn of(&self, file: &Arc<str>) -> Option<Arc<str>> {
        let mut known = self.known.borrow_mut();
        known
            .entry(Arc::clone(file))
            .or_insert_with(|| (self.read)(file).map(|text| without_c1(text).into()))
            .clone()
    }
}

/// Terminals may take U+0080 to U+009F for the beginning of a command, and the renderer shows them as they are. The
/// stand-in has as many bytes, so that places stay where they are.
fn without_c1(text: String) -> String {
    let is_c1 = |sign: char| matches!(sign, '\u{80}'..='\u{9f}');
    if text.contains(is_c1) { text.replace(is_c1, "\u{bf}") } else { text }
}

/// A line of a file may be megabytes long: no more of it is shown on either side of a place.
const SHOWN_BYTES: usize = 160;

/// A place of more bytes is not shown whole.
const SHOWN_LINES: usize = 2_000;

/// The part of a text around a place, with the range of the place in it: whole lines where they are of a usual length.
struct Excerpt<'a> {
    text: &'a str,
    first_line: usize,
    range: Range<usize>,
}

fn excerpt<'a>(span: &Span, source: &'a str) -> Excerpt<'a> {
    let Range { start, end } = range(span, source);
    let (before, after) = (source.get(..start).unwrap_or_default(), source.get(start..).unwrap_or_default());
    let line = before.rfind('\n').map_or(0, |at| at + 1);
    let from = floor(source, line.max(start.saturating_sub(SHOWN_BYTES)));
    // A place that goes over very many lines is shown by its first.
    let whole = if end - start <= SHOWN_LINES { end.max(start + 1) - 1 - start } else { 0 };
    let rest = after.get(floor(after, whole)..).unwrap_or_default();
    let last = rest.find('\n').map_or(source.len(), |at| source.len() - rest.len() + at);
    let most = if whole > 0 { SHOWN_LINES } else { 0 } + SHOWN_BYTES;
    let to = floor(source, last.min(start + most)).max(start);
    Excerpt {
        text: source.get(from..to).unwrap_or_default(),
        first_line: span.start.line as usize,
        range: start - from..end.min(to) - from,
    }
}

fn render(diagnostic: &Diagnostic, text: &Texts<'_>) -> String {
    let level = match diagnostic.severity {
        Severity::Error => Level::ERROR,
        Severity::Warning => Level::WARNING,
        Severity::Note => Level::NOTE,
    };
    let sources: Vec<(String, Option<Arc<str>>)> =
        places(diagnostic).map(|(span, _)| (span.file.to_string(), text.of(&span.file))).collect();
    let mut group = Group::with_title(level.primary_title(&diagnostic.message).id(diagnostic.code.id));
    for ((span, label), (file, source)) in places(diagnostic).zip(&sources) {
        let Some(source) = source else { continue };
        let kind = if label.is_none() { AnnotationKind::Primary } else { AnnotationKind::Context };
        let excerpt = excerpt(span, source);
        let annotation = kind.span(excerpt.range).label(label.unwrap_or_default());
        let snippet = Snippet::source(excerpt.text).line_start(excerpt.first_line).path(file);
        group = group.element(snippet.annotation(annotation));
    }
    for help in &diagnostic.help {
        group = group.element(Level::HELP.message(help));
    }
    let mut shown = Renderer::styled().render(&[group]);
    if sources.iter().all(|(_, source)| source.is_none())
        && let Some(span) = diagnostic.span.as_ref().filter(|span| span.start.offset > 0)
    {
        shown.push_str(&format!("\n  at {}:{}:{}", span.file, span.start.line, span.start.column));
    }
    shown
}

fn places(diagnostic: &Diagnostic) -> impl Iterator<Item = (&Span, Option<&str>)> {
    let main = diagnostic.span.iter().map(|span| (span, None));
    main.chain(diagnostic.related.iter().map(|(span, label)| (span, Some(label.as_str()))))
}

/// The span in bytes of this text: inside of it, at least one character wide, on character boundaries.
fn range(span: &Span, source: &str) -> std::ops::Range<usize> {
    let start = floor(source, span.start.offset);
    let end = floor(source, span.end.offset.max(start + 1)).max(start);
    start..end
}

fn floor(source: &str, offset: usize) -> usize {
    (0..=offset.min(source.len())).rev().find(|at| source.is_char_boundary(*at)).unwrap_or(0)
}
