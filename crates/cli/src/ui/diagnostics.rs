//! Findings about input files, each with the line it is about.

use annotate_snippets::{AnnotationKind, Group, Level, Renderer, Snippet};
use appia_api::{Kind, documents};
use appia_diag::{Diagnostic, Diagnostics, Severity, Span};

use super::{Ui, style};

/// Gives the text of a file that findings point into.
pub(crate) type SourceText<'a> = &'a dyn Fn(&str) -> Option<String>;

impl Ui {
    /// Tells findings on stderr, worst last so that it is what stays on screen.
    pub(crate) fn findings(&self, found: &Diagnostics, text: SourceText<'_>) {
        if self.is_json() {
            return;
        }
        let shown = |severity: Severity| severity != Severity::Note || !self.quiet;
        for diagnostic in found.iter().filter(|diagnostic| shown(diagnostic.severity)) {
            self.talk(&render(diagnostic, text));
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

fn number(count: usize, what: &str) -> String {
    if count == 1 { format!("1 {what}") } else { format!("{count} {what}s") }
}

fn render(diagnostic: &Diagnostic, text: SourceText<'_>) -> String {
    let level = match diagnostic.severity {
        Severity::Error => Level::ERROR,
        Severity::Warning => Level::WARNING,
        Severity::Note => Level::NOTE,
    };
    let sources: Vec<(String, Option<String>)> =
        places(diagnostic).map(|(span, _)| (span.file.to_string(), text(&span.file))).collect();
    let mut group = Group::with_title(level.primary_title(&diagnostic.message).id(diagnostic.code.id));
    for ((span, label), (file, source)) in places(diagnostic).zip(&sources) {
        let Some(source) = source else { continue };
        let kind = if label.is_none() { AnnotationKind::Primary } else { AnnotationKind::Context };
        let annotation = kind.span(range(span, source)).label(label.unwrap_or_default());
        group = group.element(Snippet::source(source).path(file).annotation(annotation));
    }
    for help in &diagnostic.help {
        group = group.element(Level::HELP.message(help));
    }
    let mut shown = Renderer::styled().render(&[group]);
    if sources.iter().all(|(_, source)| source.is_none())
        && let Some(span) = &diagnostic.span
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
    let floor = |offset: usize| {
        (0..=offset.min(source.len())).rev().find(|at| source.is_char_boundary(*at)).unwrap_or(0)
    };
    let start = floor(span.start.offset);
    let end = floor(span.end.offset.max(start + 1)).max(start);
    start..end
}
