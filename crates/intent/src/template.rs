//! Placeholders in text, with Score's grammar: `${resources.db.host}`, `${workloads.api.url}`, `$$` for a dollar sign.
//!
//! The grammar is one pattern, tried from left to right: `$` followed by an optional second `$` and a `{...}` group,
//! or a lone `$`. So `$$` gives `$`, `$${x}` gives the text `${x}`, `$$${x}` gives `$` and an expansion, and `$abc`
//! stays as it is.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::{ResourceName, WorkloadName};

/// What a placeholder points at.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Reference {
    /// `${resources.NAME.OUTPUT}`; without an output the resource itself (a volume's source).
    Resource {
        /// The resource.
        name: ResourceName,
        /// The output, dotted when nested.
        output: Option<String>,
    },
    /// `${workloads.NAME.OUTPUT}`.
    Workload {
        /// The workload.
        name: WorkloadName,
        /// `url`, `host`, `port`, or `ports.PORT.url` and so on for one port of several.
        output: String,
    },
}

impl fmt::Display for Reference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Reference::Resource { name, output: Some(output) } => write!(f, "resources.{name}.{output}"),
            Reference::Resource { name, output: None } => write!(f, "resources.{name}"),
            Reference::Workload { name, output } => write!(f, "workloads.{name}.{output}"),
        }
    }
}

/// A piece of a text: as written, or to be filled in.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Segment {
    /// Text to keep.
    Text(String),
    /// A value to fill in.
    Reference(Reference),
}

/// A text with placeholders. Neighbouring texts are always joined, so equal meaning is equal value. In files it stands
/// as a person would write it.
#[derive(Debug, Clone, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(from = "Written", into = "Written")]
pub struct Template(Vec<Segment>);

/// A template in a file. The grammar cannot write every text (`${` without its end), so there is a second form.
#[derive(Serialize, Deserialize)]
#[serde(untagged)]
enum Written {
    Text(String),
    Segments(Vec<Segment>),
}

impl From<Template> for Written {
    fn from(template: Template) -> Written {
        let text = template.to_string();
        if Template::parse(&text).as_ref() == Ok(&template) {
            Written::Text(text)
        } else {
            Written::Segments(template.0)
        }
    }
}

impl From<Written> for Template {
    fn from(written: Written) -> Template {
        match written {
            Written::Text(text) => Template::parse(&text).unwrap_or_else(|_| Template::literal(text)),
            Written::Segments(segments) => Template::of(segments),
        }
    }
}

/// Why a text is not a template.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum TemplateError {
    /// `${` without `}`.
    #[error("`${{` is not closed")]
    Unclosed,
    /// `${}` or `${resources}`.
    #[error("`${{{0}}}` names nothing: write `${{resources.NAME.OUTPUT}}` or `${{workloads.NAME.OUTPUT}}`")]
    Incomplete(String),
    /// A root other than `resources` or `workloads`.
    #[error(
        "`{root}` is not something a placeholder can name: use `resources` or `workloads`, or `$$` for a dollar sign"
    )]
    UnknownRoot {
        /// The first part of the path.
        root: String,
    },
    /// A name in the path does not follow the naming rule.
    #[error("`{0}` is not a name")]
    BadName(String),
}

impl Template {
    /// A text in which nothing is a placeholder.
    pub fn literal(text: impl Into<String>) -> Template {
        let text = text.into();
        if text.is_empty() { Template(Vec::new()) } else { Template(vec![Segment::Text(text)]) }
    }

    /// Builds a template of pieces, joining neighbouring texts.
    pub fn of(segments: impl IntoIterator<Item = Segment>) -> Template {
        let mut template = Template::default();
        segments.into_iter().for_each(|segment| template.push(segment));
        template
    }

    /// Parses the placeholders of a text.
    ///
    /// ```
    /// use appia_intent::Template;
    /// let url = Template::parse("http://${workloads.api.host}/$${kept}")?;
    /// assert_eq!(url.references().count(), 1);
    /// # Ok::<(), appia_intent::TemplateError>(())
    /// ```
    ///
    /// # Errors
    /// When a placeholder is not closed or names nothing that a placeholder can name.
    pub fn parse(text: &str) -> Result<Template, TemplateError> {
        Template::parse_with(text, |path| parse_reference(path).map(Segment::Reference))
    }

    /// Parses with another meaning of the path between the braces (Score: names are local to one file, `metadata` is
    /// known at once).
    ///
    /// # Errors
    /// What `resolve` says, or an unclosed brace.
    pub fn parse_with(
        text: &str,
        mut resolve: impl FnMut(&str) -> Result<Segment, TemplateError>,
    ) -> Result<Template, TemplateError> {
        let mut template = Template::default();
        let mut rest = text;
        while let Some((before, after)) = rest.split_once('$') {
            template.push(Segment::Text(before.to_owned()));
            if let Some(tail) = after.strip_prefix("${") {
                let (path, tail) = tail.split_once('}').ok_or(TemplateError::Unclosed)?;
                template.push(Segment::Text(format!("${{{path}}}")));
                rest = tail;
            } else if let Some(tail) = after.strip_prefix('{') {
                let (path, tail) = tail.split_once('}').ok_or(TemplateError::Unclosed)?;
                template.push(resolve(path)?);
                rest = tail;
            } else {
                template.push(Segment::Text("$".to_owned()));
                rest = after.strip_prefix('$').unwrap_or(after);
            }
        }
        template.push(Segment::Text(rest.to_owned()));
        Ok(template)
    }

    /// The pieces in order.
    pub fn segments(&self) -> &[Segment] {
        &self.0
    }

    /// The placeholders in order.
    pub fn references(&self) -> impl Iterator<Item = &Reference> {
        self.0.iter().filter_map(|segment| match segment {
            Segment::Reference(reference) => Some(reference),
            Segment::Text(_) => None,
        })
    }

    /// The text, when there is nothing to fill in.
    pub fn as_literal(&self) -> Option<&str> {
        match self.0.as_slice() {
            [] => Some(""),
            [Segment::Text(text)] => Some(text),
            _ => None,
        }
    }

    /// Fills every placeholder by asking `value`.
    ///
    /// # Errors
    /// The first error of `value`.
    pub fn expand<E>(&self, mut value: impl FnMut(&Reference) -> Result<String, E>) -> Result<String, E> {
        let mut text = String::new();
        for segment in &self.0 {
            match segment {
                Segment::Text(part) => text.push_str(part),
                Segment::Reference(reference) => text.push_str(&value(reference)?),
            }
        }
        Ok(text)
    }

    /// Fills those placeholders that `value` knows and keeps the others.
    #[must_use]
    pub fn fill(&self, mut value: impl FnMut(&Reference) -> Option<String>) -> Template {
        Template::of(self.0.iter().map(|segment| match segment {
            Segment::Reference(reference) => value(reference).map_or_else(|| segment.clone(), Segment::Text),
            Segment::Text(_) => segment.clone(),
        }))
    }

    fn push(&mut self, segment: Segment) {
        match (self.0.last_mut(), segment) {
            (_, Segment::Text(text)) if text.is_empty() => {}
            (Some(Segment::Text(last)), Segment::Text(text)) => last.push_str(&text),
            (_, segment) => self.0.push(segment),
        }
    }
}

/// The template as a person would write it.
impl fmt::Display for Template {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|segment| match segment {
            Segment::Text(text) => write_text(text, f),
            Segment::Reference(reference) => write!(f, "${{{reference}}}"),
        })
    }
}

/// Escapes what would be a placeholder; what stands between the braces of one is kept as it is, as parsing does.
fn write_text(text: &str, f: &mut fmt::Formatter<'_>) -> fmt::Result {
    let mut rest = text;
    while let Some((before, after)) = rest.split_once('$') {
        write!(f, "{before}$$")?;
        rest = after;
        if let Some((group, tail)) = after.strip_prefix('{').and_then(|group| group.split_once('}')) {
            write!(f, "{{{group}}}")?;
            rest = tail;
        }
    }
    f.write_str(rest)
}

fn parse_reference(path: &str) -> Result<Reference, TemplateError> {
    let incomplete = || TemplateError::Incomplete(path.to_owned());
    let (root, rest) = path.split_once('.').ok_or_else(incomplete)?;
    let (name, output) = match rest.split_once('.') {
        Some((name, output)) => (name, Some(output.to_owned()).filter(|output| !output.is_empty())),
        None => (rest, None),
    };
    let bad_name = |_| TemplateError::BadName(name.to_owned());
    match root {
        "resources" => Ok(Reference::Resource { name: ResourceName::new(name).map_err(bad_name)?, output }),
        "workloads" => Ok(Reference::Workload {
            name: WorkloadName::new(name).map_err(bad_name)?,
            output: output.ok_or_else(incomplete)?,
        }),
        _ => Err(TemplateError::UnknownRoot { root: root.to_owned() }),
    }
}

#[cfg(test)]
mod tests {
    use super::Template;

    fn check(text: &str, expect: &str) {
        let shown = match Template::parse(text) {
            Ok(template) => template.expand(|reference| Ok::<_, ()>(format!("<{reference}>"))).unwrap(),
            Err(error) => format!("error: {error}"),
        };
        assert_eq!(shown, expect, "{text}");
    }

    #[test]
    fn follows_the_grammar_of_score() {
        check("", "");
        check("plain", "plain");
        check("$abc", "$abc");
        check("$$", "$");
        check("$$$", "$$");
        check("$${x}", "${x}");
        check("a $$${resources.db.host} b", "a $<resources.db.host> b");
        check("${resources.db.host}:${resources.db.port}", "<resources.db.host>:<resources.db.port>");
        check("${resources.data}", "<resources.data>");
        check("${workloads.api.url}", "<workloads.api.url>");
        check("tail$", "tail$");
    }

    #[test]
    fn says_what_is_wrong() {
        check("${resources.db.host", "error: `${` is not closed");
        check(
            "${}",
            "error: `${}` names nothing: write `${resources.NAME.OUTPUT}` or `${workloads.NAME.OUTPUT}`",
        );
        check(
            "${workloads.api}",
            "error: `${workloads.api}` names nothing: write `${resources.NAME.OUTPUT}` or `${workloads.NAME.OUTPUT}`",
        );
        check(
            "${env.HOME}",
            "error: `env` is not something a placeholder can name: use `resources` or `workloads`, or `$$` for a dollar sign",
        );
        check("${resources.D B.host}", "error: `D B` is not a name");
    }

    #[test]
    fn stands_in_files_as_it_is_written() {
        let written = |template: &Template| serde_json::to_string(template).unwrap();
        let url = Template::parse("http://${workloads.api.host}/$$x").unwrap();
        assert_eq!(written(&url), "\"http://${workloads.api.host}/$$x\"");
        for template in [
            url,
            Template::literal("${"),
            Template::literal("$"),
            Template::literal("${x}$"),
            Template::default(),
        ] {
            let back: Template = serde_json::from_str(&written(&template)).unwrap();
            assert_eq!(back, template, "{}", written(&template));
        }
    }

    #[test]
    fn shows_what_was_written() {
        for text in ["a$$b${resources.db.host}", "$${a$b}$$", "$$$${a${b}", "$${}$${x}"] {
            assert_eq!(Template::parse(text).unwrap().to_string(), text);
        }
    }
}
