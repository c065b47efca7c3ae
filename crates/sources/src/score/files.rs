//! `files` of a container: inline text, inline bytes, or a file beside the Score file.

use std::collections::BTreeMap;

use appia_diag::Spanned;
use appia_intent::{FileContent, FileMount, Template};

use super::Reader;
use super::scope::Bare;
use crate::mounted::{self, Mounted};
use crate::value;
use crate::yaml::{Node, Value};

impl Reader<'_> {
    pub(super) fn file_mounts(&mut self, node: Option<&Node>) -> BTreeMap<String, Spanned<FileMount>> {
        let mut mounts = BTreeMap::new();
        for (target, node) in self.by_target(node, "files") {
            let mode = node.get("mode").and_then(Node::text).and_then(value::mode);
            if let Some(content) = self.content(node) {
                mounts.insert(target, Spanned::new(FileMount { mode, content }, node.span.clone()));
            }
        }
        mounts
    }

    fn content(&mut self, node: &Node) -> Option<FileContent> {
        let expand = !value::flag(node.get("noExpand")).unwrap_or(false);
        if let Some(binary) = node.get("binaryContent") {
            return value::base64(binary.text()?).map(FileContent::Binary);
        }
        if let Some(source) = node.get("source") {
            return self.source(source, expand.then_some(Bare::Refused));
        }
        let content = node.get("content")?;
        let text = match &content.value {
            Value::Scalar(_) | Value::Map(_) => content.text()?.to_owned(),
            Value::List(lines) => {
                self.deprecated(
                    "`content` as a list of lines is the old form: use a block text",
                    &content.span,
                );
                lines.iter().filter_map(Node::text).collect::<Vec<_>>().join("\n")
            }
        };
        self.text(&text, content, expand.then_some(Bare::Refused))
    }

    /// The text of a file; `expand` says how to read placeholders, `None` keeps them.
    fn text(&mut self, text: &str, node: &Node, expand: Option<Bare>) -> Option<FileContent> {
        let template = match expand {
            Some(bare) => self.scope.template(text, bare, (&node.span, &mut *self.sink))?,
            None => Template::literal(text),
        };
        Some(FileContent::Text(template))
    }

    fn source(&mut self, node: &Node, expand: Option<Bare>) -> Option<FileContent> {
        let written = node.text()?;
        match mounted::read(self.files, self.scope.path, written) {
            Ok(Mounted::Text(text)) => self.text(&text, node, expand),
            Ok(Mounted::Binary(bytes)) => Some(FileContent::Binary(bytes)),
            Err(finding) => {
                self.sink.push(finding.at(&node.span).help("the path is relative to the Score file"));
                None
            }
        }
    }
}
