//! `files` of a container: inline text, inline bytes, or a file beside this one.

use std::collections::BTreeMap;

use appia_diag::{Diagnostic, Spanned};
use appia_intent::{FileContent, FileMount, Template};

use super::Reader;
use crate::mounted::{self, Mounted};
use crate::shape::formats;
use crate::value;
use crate::yaml::Node;

/// What happens to placeholders in a file.
#[derive(Clone, Copy)]
enum Placeholders {
    Filled,
    Kept,
}

impl Reader<'_> {
    pub(super) fn file_mounts(&mut self, node: Option<&Node>) -> BTreeMap<String, Spanned<FileMount>> {
        let mut mounts = BTreeMap::new();
        for entry in node.map(Node::entries).unwrap_or_default() {
            if let Some(mount) = self.file_mount(&entry.value) {
                mounts.insert(entry.key.value.clone(), Spanned::new(mount, entry.value.span.clone()));
            }
        }
        mounts
    }

    fn file_mount(&mut self, node: &Node) -> Option<FileMount> {
        let mode = node.get("mode").and_then(Node::text).and_then(value::mode);
        let placeholders = match value::flag(node.get("expand")) {
            Some(false) => Placeholders::Kept,
            Some(true) | None => Placeholders::Filled,
        };
        let content = if let Some(source) = node.get("source") {
            self.source(source, placeholders)?
        } else if let Some(binary) = node.get("binary") {
            FileContent::Binary(value::base64(binary.text()?)?)
        } else {
            let content = node.get("content").unwrap_or(node);
            FileContent::Text(self.text(content.text()?, content, placeholders)?)
        };
        Some(FileMount { mode, content })
    }

    fn source(&mut self, node: &Node, placeholders: Placeholders) -> Option<FileContent> {
        let written = node.text().filter(|text| formats::FILE.check(text).is_ok())?;
        match mounted::read(self.files, self.path, written) {
            Ok(Mounted::Text(text)) => self.text(&text, node, placeholders).map(FileContent::Text),
            Ok(Mounted::Binary(bytes)) => Some(FileContent::Binary(bytes)),
            Err(finding) => {
                self.sink.push(finding.at(&node.span).help("the path is relative to the file that names it"));
                None
            }
        }
    }

    fn text(&mut self, text: &str, node: &Node, placeholders: Placeholders) -> Option<Template> {
        let error = match placeholders {
            Placeholders::Kept => return Some(Template::literal(text)),
            Placeholders::Filled => match Template::parse(text) {
                Ok(template) => return Some(template),
                Err(error) => error,
            },
        };
        let refusal = formats::placeholder(&error);
        let mut finding =
            Diagnostic::new(refusal.code, format!("in the file: {}", refusal.message)).at(&node.span);
        finding.help.extend(refusal.help);
        finding.on = refusal.on;
        self.sink.push(finding.help("`{ ..., expand: false }` leaves placeholders in a file as they are"));
        None
    }
}
