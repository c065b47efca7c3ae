//! From bytes to a tree: the parser's events, joined, counted and checked.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use appia_diag::{Diagnostic, Diagnostics, Position, Span, Spanned, codes};
use granit_parser::{Event, Marker, Options, Parser, ScalarStyle, ScanError};

use super::{Entry, Node, Scalar, Style, Value};

/// How much one file may hold.
#[derive(Debug, Clone, Copy)]
pub struct Limits {
    /// Bytes of the file.
    pub bytes: usize,
    /// Nesting of lists and mappings.
    pub depth: usize,
    /// Keys and values, counted after aliases are filled in.
    pub nodes: usize,
    /// Bytes of text that anchors and aliases repeat.
    pub repeated: usize,
}

/// The limits of every file Appia reads: far above what people write, far below what hurts.
pub const LIMITS: Limits = Limits { bytes: 4 << 20, depth: 64, nodes: 500_000, repeated: 16 << 20 };

/// Reads one YAML document. `None` when there is none to use; then, and whenever something is wrong, `sink` says why.
pub fn parse(file: &str, bytes: &[u8], sink: &mut Diagnostics) -> Option<Node> {
    let file: Arc<str> = file.into();
    let text = readable(&file, bytes, sink)?;
    let mut tree = Tree {
        file,
        sink,
        stack: Vec::new(),
        anchors: HashMap::new(),
        documents: Vec::new(),
        nodes: 0,
        repeated: 0,
    };
    tree.read(text)?;
    tree.single_document()
}

/// The file as text, when it is not too large and is UTF-8.
fn readable<'a>(file: &Arc<str>, bytes: &'a [u8], sink: &mut Diagnostics) -> Option<&'a str> {
    let start = Span::file_start(Arc::clone(file));
    if bytes.len() > LIMITS.bytes {
        let message = format!("the file has {} bytes, more than the {} allowed", bytes.len(), LIMITS.bytes);
        sink.push(Diagnostic::new(codes::TOO_LARGE, message).at(&start).help("split it into several files"));
        return None;
    }
    let error = match std::str::from_utf8(bytes) {
        Ok(text) => return Some(text),
        Err(error) => error,
    };
    let good = bytes.get(..error.valid_up_to()).and_then(|good| std::str::from_utf8(good).ok()).unwrap_or("");
    let position = end_of(good);
    sink.push(
        Diagnostic::new(codes::SYNTAX, "the file is not UTF-8 text")
            .at(&Span::new(Arc::clone(file), position, position))
            .help("save it as UTF-8"),
    );
    None
}

/// The position after the last character of a text.
fn end_of(text: &str) -> Position {
    let last = text.rsplit('\n').next().unwrap_or("");
    let count = |number: usize| u32::try_from(number).unwrap_or(u32::MAX);
    Position {
        line: count(text.matches('\n').count() + 1),
        column: count(last.chars().count() + 1),
        offset: text.len(),
    }
}

/// A list or mapping that is not closed yet.
struct Open {
    start: Span,
    anchor: usize,
    kind: OpenKind,
}

enum OpenKind {
    List(Vec<Node>),
    Map { entries: Vec<Entry>, seen: HashMap<String, Span>, pending: Pending },
}

/// What a mapping waits for.
enum Pending {
    Key,
    ValueOf(Spanned<String>),
    /// The value of a key that is not usable.
    Nothing,
}

struct Tree<'a> {
    file: Arc<str>,
    sink: &'a mut Diagnostics,
    stack: Vec<Open>,
    anchors: HashMap<usize, Node>,
    documents: Vec<Node>,
    nodes: usize,
    repeated: usize,
}

impl Tree<'_> {
    fn read(&mut self, text: &str) -> Option<()> {
        let mut options = Options::default();
        options.set_emit_comments(false);
        for next in Parser::new_from_str_with_options(text, options) {
            match next {
                Ok((event, span)) => self.take(event, span)?,
                Err(error) => {
                    self.syntax(&error);
                    return None;
                }
            }
        }
        Some(())
    }

    fn take(&mut self, event: Event<'_>, at: granit_parser::Span) -> Option<()> {
        let span = self.span(at);
        match event {
            Event::Scalar(text, style, anchor, tag) => {
                self.count(1, &span)?;
                let core = tag.as_ref().map(|tag| tag.core_suffix().map(str::to_owned));
                let style = match (&core, style) {
                    (Some(Some(suffix)), _) if suffix == "str" => Style::Quoted,
                    (_, ScalarStyle::Plain) => Style::Plain,
                    (_, _) => Style::Quoted,
                };
                self.refuse_own_tag(core.as_ref(), &span);
                self.refuse_nul(&text, &span);
                let scalar = Scalar { text: text.into_owned(), style };
                self.finish(Node { span, value: Value::Scalar(scalar) }, anchor)
            }
            Event::SequenceStart(_, anchor, tag) => {
                self.refuse_own_tag(tag.map(|tag| tag.core_suffix().map(str::to_owned)).as_ref(), &span);
                self.open(Open { start: span, anchor, kind: OpenKind::List(Vec::new()) })
            }
            Event::MappingStart(_, anchor, tag) => {
                self.refuse_own_tag(tag.map(|tag| tag.core_suffix().map(str::to_owned)).as_ref(), &span);
                let kind = OpenKind::Map { entries: Vec::new(), seen: HashMap::new(), pending: Pending::Key };
                self.open(Open { start: span, anchor, kind })
            }
            Event::SequenceEnd | Event::MappingEnd => self.close(&span),
            Event::Alias(id) => self.alias(id, &span),
            _ => Some(()),
        }
    }

    /// Counts new nodes against the budget.
    fn count(&mut self, more: usize, span: &Span) -> Option<()> {
        self.nodes = self.nodes.saturating_add(more);
        if self.nodes <= LIMITS.nodes {
            return Some(());
        }
        let message = format!("the file holds more than {} keys and values", LIMITS.nodes);
        self.sink.push(
            Diagnostic::new(codes::TOO_LARGE, message).at(span).help("split it, or repeat fewer aliases"),
        );
        None
    }

    /// Counts a copy of a node against the budgets, before it is made.
    fn count_copy(&mut self, node: &Node, span: &Span) -> Option<()> {
        self.count(node.size(), span)?;
        self.repeated = self.repeated.saturating_add(node.text_bytes());
        if self.repeated <= LIMITS.repeated {
            return Some(());
        }
        let message = format!("aliases repeat more than {} bytes of text", LIMITS.repeated);
        self.sink.push(
            Diagnostic::new(codes::TOO_LARGE, message).at(span).help("repeat fewer aliases, or shorter ones"),
        );
        None
    }

    fn open(&mut self, open: Open) -> Option<()> {
        self.count(1, &open.start)?;
        if self.stack.len() >= LIMITS.depth {
            self.too_deep(&open.start);
            return None;
        }
        self.stack.push(open);
        Some(())
    }

    fn too_deep(&mut self, span: &Span) {
        let message = format!("the file nests deeper than {} levels", LIMITS.depth);
        self.sink.push(Diagnostic::new(codes::TOO_LARGE, message).at(span).help("flatten it"));
    }

    fn close(&mut self, at: &Span) -> Option<()> {
        let Some(Open { start, anchor, kind }) = self.stack.pop() else { return Some(()) };
        let (value, last) = match kind {
            OpenKind::List(items) => {
                let last = items.last().map(|item| item.span.end);
                (Value::List(items), last)
            }
            OpenKind::Map { entries, .. } => {
                let last = entries.last().map(|entry| entry.value.span.end.max(entry.key.span.end));
                (Value::Map(merged(entries, self.sink)), last)
            }
        };
        // A block ends with its last child; a flow collection with its bracket, which lies after it.
        let end = if at.end.offset > at.start.offset { at.end } else { last.unwrap_or(at.end) };
        let span = Span::new(start.file, start.start, end.max(start.start));
        self.finish(Node { span, value }, anchor)
    }

    fn alias(&mut self, id: usize, span: &Span) -> Option<()> {
        let Some(node) = self.anchors.remove(&id) else {
            let message = "this alias stands inside of what it names";
            self.sink.push(
                Diagnostic::new(codes::UNSUPPORTED_YAML, message)
                    .at(span)
                    .help("write the value out instead"),
            );
            return None;
        };
        self.count_copy(&node, span)?;
        if self.stack.len() + node.depth() > LIMITS.depth {
            self.too_deep(span);
            return None;
        }
        let copy = node.clone();
        self.anchors.insert(id, node);
        self.finish(copy, 0)
    }

    /// Hands a finished node to what it stands in.
    fn finish(&mut self, node: Node, anchor: usize) -> Option<()> {
        if anchor != 0 {
            // The copy kept for aliases counts too: nested anchors would otherwise hold a tree many times over.
            self.count_copy(&node, &node.span)?;
            self.anchors.insert(anchor, node.clone());
        }
        let Some(open) = self.stack.last_mut() else {
            self.documents.push(node);
            return Some(());
        };
        match &mut open.kind {
            OpenKind::List(items) => items.push(node),
            OpenKind::Map { entries, seen, pending } => match std::mem::replace(pending, Pending::Key) {
                Pending::Key => *pending = key_of(node, seen, self.sink),
                Pending::ValueOf(key) => entries.push(Entry { value: placed(node, &key), key }),
                Pending::Nothing => {}
            },
        }
        Some(())
    }

    fn refuse_own_tag(&mut self, tag: Option<&Option<String>>, span: &Span) {
        if let Some(None) = tag {
            self.sink.push(
                Diagnostic::new(codes::UNSUPPORTED_YAML, "a YAML tag of its own is not taken here")
                    .at(span)
                    .help("remove the word that begins with `!`, or put the text in quotes"),
            );
        }
    }

    /// No name, path, argument or variable of any system can hold one.
    fn refuse_nul(&mut self, text: &str, span: &Span) {
        if text.contains('\0') {
            self.sink.push(
                Diagnostic::new(codes::UNSUPPORTED_YAML, "a text with a NUL character is not taken here")
                    .at(span)
                    .help("take the `\\0` out; bytes go into a file, in base64"),
            );
        }
    }

    fn syntax(&mut self, error: &ScanError) {
        let position = position(*error.marker());
        let info = error.info();
        let mut finding = Diagnostic::new(codes::SYNTAX, format!("this is not well-formed YAML: {info}"))
            .at(&Span::new(Arc::clone(&self.file), position, position));
        if info.contains("tab") {
            finding = finding.help("indent with spaces, YAML takes no tabs");
        } else {
            finding =
                finding.help("check indentation, colons, quotes and brackets here and on the line above");
        }
        self.sink.push(finding);
    }

    fn span(&self, at: granit_parser::Span) -> Span {
        Span::new(Arc::clone(&self.file), position(at.start), position(at.end))
    }

    /// The one document that a file may hold; empty ones beside it are nothing.
    fn single_document(self) -> Option<Node> {
        let mut full = self.documents.into_iter().filter(|document| !document.is_null());
        let Some(first) = full.next() else {
            let start = Span::file_start(self.file);
            self.sink.push(
                Diagnostic::new(codes::WRONG_TYPE, "the file is empty")
                    .at(&start)
                    .help("`appia init` writes a first `appia.yaml`"),
            );
            return None;
        };
        if let Some(second) = full.next() {
            self.sink.push(
                Diagnostic::new(codes::UNSUPPORTED_YAML, "the file holds more than one document")
                    .at(&second.span)
                    .help("put what stands after `---` into a file of its own; several files can be one application"),
            );
        }
        Some(first)
    }
}

/// Reads a node as a key.
fn key_of(node: Node, seen: &mut HashMap<String, Span>, sink: &mut Diagnostics) -> Pending {
    let Value::Scalar(scalar) = node.value else {
        sink.push(
            Diagnostic::new(codes::UNSUPPORTED_YAML, "a list or mapping cannot be a key")
                .at(&node.span)
                .help("a placeholder such as `${resources.db.url}` needs quotes around it"),
        );
        return Pending::Nothing;
    };
    if let Some(first) = seen.get(&scalar.text) {
        sink.push(
            Diagnostic::new(codes::DUPLICATE_KEY, format!("`{}` is written twice", scalar.text))
                .at(&node.span)
                .related(first, "first written here")
                .help("keep one of them"),
        );
        return Pending::Nothing;
    }
    seen.insert(scalar.text.clone(), node.span.clone());
    Pending::ValueOf(Spanned::new(scalar.text, node.span))
}

/// An absent value (`key:`) is placed at the end of its key, not wherever the next token begins.
fn placed(mut node: Node, key: &Spanned<String>) -> Node {
    if node.scalar().is_some_and(|scalar| scalar.text.is_empty() && scalar.style == Style::Plain) {
        node.span = Span::new(Arc::clone(&key.span.file), key.span.end, key.span.end);
    }
    node
}

/// Fills in `<<: *other`: keys that the mapping does not have itself.
fn merged(entries: Vec<Entry>, sink: &mut Diagnostics) -> Vec<Entry> {
    let (merges, mut own): (Vec<Entry>, Vec<Entry>) =
        entries.into_iter().partition(|entry| entry.key.value == "<<" && entry.value.scalar().is_none());
    merges.iter().for_each(|merge| mappings_only(&merge.value, sink));
    let mut known: HashSet<String> = own.iter().map(|entry| entry.key.value.clone()).collect();
    for merge in merges {
        let sources = match merge.value.value {
            Value::List(items) => items,
            Value::Map(_) | Value::Scalar(_) => vec![merge.value],
        };
        for entry in sources.iter().flat_map(Node::entries) {
            if known.insert(entry.key.value.clone()) {
                own.push(entry.clone());
            }
        }
    }
    own
}

fn mappings_only(merge: &Node, sink: &mut Diagnostics) {
    for item in merge.items().iter().filter(|item| !matches!(item.value, Value::Map(_))) {
        sink.push(
            Diagnostic::new(codes::UNSUPPORTED_YAML, "`<<` fills in mappings, and this is none")
                .at(&item.span)
                .help("write `<<: *name` or `<<: [*one, *two]` with anchors of mappings"),
        );
    }
}

fn position(marker: Marker) -> Position {
    let count = |number: usize| u32::try_from(number).unwrap_or(u32::MAX);
    Position {
        line: count(marker.line()).max(1),
        column: count(marker.col().saturating_add(1)),
        offset: marker.byte_offset().unwrap_or_else(|| marker.index()),
    }
}
