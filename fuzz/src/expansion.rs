//! Placeholders against a second reading of their grammar, written from its description and not from its code.

use appia_intent::{Reference, Segment, Template, TemplateError};

/// Text with placeholders: what it expands to is what [`expected`] says, nothing that was filled in is expanded again,
/// and writing a template and reading it gives the same template.
pub fn placeholders(bytes: &[u8]) {
    let Ok(text) = std::str::from_utf8(bytes) else { return };
    any_path(text);
    let Ok(template) = Template::parse(text) else { return };
    let shown = template.to_string();
    assert_eq!(Template::parse(&shown).as_ref(), Ok(&template), "`{shown}`");
    let written = serde_json::to_string(&template).expect("a template can be written");
    let read: Template = serde_json::from_str(&written).expect("a written template can be read");
    assert_eq!(read, template, "{written}");
    assert_eq!(template.fill(|_| None), template, "nothing is known, so nothing is filled in");
    let filled = template.fill(|reference| Some(hostile(reference)));
    assert_eq!(filled.references().count(), 0, "what was filled in is no placeholder");
    let expanded =
        template.expand(|reference| Ok::<_, ()>(hostile(reference))).expect("every value is known");
    assert_eq!(filled.as_literal(), Some(expanded.as_str()));
}

/// A value that looks like a placeholder itself.
fn hostile(reference: &Reference) -> String {
    format!("${{{reference}}}$$")
}

/// The grammar alone, whatever stands between the braces.
fn any_path(text: &str) {
    let value = |path: &str| format!("<{path}>${{");
    let resolve = |path: &str| Ok::<_, TemplateError>(Segment::Text(value(path)));
    let read = Template::parse_with(text, resolve).ok();
    let read = read.as_ref().map(|template| template.as_literal().unwrap_or("a placeholder is left"));
    assert_eq!(read, expected(text, value).as_deref(), "{text:?}");
}

/// The grammar byte by byte: `$$` is a dollar sign, `$${...}` stands as `${...}`, `${...}` is a value, a lone `$` stays.
/// `None`: a brace is not closed.
fn expected(text: &str, value: impl Fn(&str) -> String) -> Option<String> {
    let bytes = text.as_bytes();
    let (mut at, mut out) = (0, Vec::new());
    let braces = |from: usize| {
        let length = bytes.get(from..)?.iter().position(|byte| *byte == b'}')?;
        text.get(from..from + length)
    };
    while let Some(&byte) = bytes.get(at) {
        let next = |offset: usize| bytes.get(at + offset).copied();
        if byte != b'$' {
            out.push(byte);
            at += 1;
        } else if next(1) == Some(b'$') && next(2) == Some(b'{') {
            let path = braces(at + 3)?;
            out.extend(format!("${{{path}}}").bytes());
            at += path.len() + 4;
        } else if next(1) == Some(b'{') {
            let path = braces(at + 2)?;
            out.extend(value(path).bytes());
            at += path.len() + 3;
        } else {
            out.push(b'$');
            at += if next(1) == Some(b'$') { 2 } else { 1 };
        }
    }
    String::from_utf8(out).ok()
}
