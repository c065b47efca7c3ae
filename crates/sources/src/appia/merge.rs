//! Several files as one application: each adds workloads and resources, one of them may state promises and limits.

use std::collections::btree_map::{BTreeMap, Entry};
use std::fmt::Display;

use appia_diag::{Diagnostic, Diagnostics, Span, codes};
use appia_intent::{Constraints, Intent, Outcomes};

/// Joins what the files say; what two of them say differently is an error.
pub(super) fn merge(parts: Vec<Intent>, sink: &mut Diagnostics) -> Option<Intent> {
    let mut parts = parts.into_iter();
    let mut whole = parts.next()?;
    for part in parts {
        add(&mut whole, part, sink);
    }
    Some(whole)
}

fn add(whole: &mut Intent, part: Intent, sink: &mut Diagnostics) {
    if part.app.value != whole.app.value {
        let message = format!("this file is of `{}`, another one of `{}`", part.app.value, whole.app.value);
        sink.push(conflict(message, &part.app.span, &whole.app.span));
    }
    match (&whole.owner, part.owner) {
        (Some(first), Some(second)) if first.value != second.value => {
            let message =
                format!("the owner is `{}` here and `{}` in another file", second.value, first.value);
            sink.push(conflict(message, &second.span, &first.span));
        }
        (None, Some(owner)) => whole.owner = Some(owner),
        _ => {}
    }
    if part.outcomes != Outcomes::default() {
        if whole.outcomes == Outcomes::default() {
            whole.outcomes = part.outcomes;
        } else {
            sink.push(conflict("two files state `outcomes`".to_owned(), &part.app.span, &whole.app.span));
        }
    }
    if part.constraints != Constraints::default() {
        if whole.constraints == Constraints::default() {
            whole.constraints = part.constraints;
        } else {
            sink.push(conflict("two files state `constraints`".to_owned(), &part.app.span, &whole.app.span));
        }
    }
    add_all(&mut whole.workloads, part.workloads, |workload| workload.name.span.clone(), sink);
    add_all(&mut whole.resources, part.resources, |resource| resource.name.span.clone(), sink);
}

fn add_all<K: Ord + Display, V>(
    all: &mut BTreeMap<K, V>,
    more: BTreeMap<K, V>,
    place: impl Fn(&V) -> Span,
    sink: &mut Diagnostics,
) {
    for (name, value) in more {
        match all.entry(name) {
            Entry::Vacant(vacant) => drop(vacant.insert(value)),
            Entry::Occupied(known) => sink.push(
                Diagnostic::new(codes::DUPLICATE_NAME, format!("`{}` stands in two files", known.key()))
                    .at(&place(&value))
                    .related(&place(known.get()), "first here")
                    .help("rename one of them"),
            ),
        }
    }
}

fn conflict(message: String, second: &Span, first: &Span) -> Diagnostic {
    Diagnostic::new(codes::CONFLICTING_FILES, message)
        .at(second)
        .related(first, "the other file")
        .help("files of one application say a thing once")
}
