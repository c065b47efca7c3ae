//! Everything that is printed. stdout is data, stderr is talk; nothing else in the project writes to either.
//!
//! [`Ui`] is made once from the command line and given to every verb; what a person sees of a document is in the file of
//! its name. Start reading at [`Ui`].

mod backup;
mod comparison;
mod confirm;
mod diagnostics;
mod doctor;
mod explanation;
mod leaks;
mod log;
mod measurement;
mod plan;
mod progress;
mod proof;
mod result;
mod server;
mod status;
mod style;
mod table;

use std::io::{IsTerminal, Write};
use std::sync::OnceLock;

use appia_api::{Document, Kind, documents};
use serde::Serialize;

use crate::args::{ColorChoice, Output, OutputArgs};
use crate::exit::{Exit, Failure};

pub(crate) use confirm::Answer;
pub(crate) use progress::Steps;

/// How to talk with whoever called.
#[derive(Debug, Clone)]
pub(crate) struct Ui {
    output: Output,
    quiet: bool,
    verbose: bool,
}

impl Ui {
    /// From the command line; sets the choice of colours for the whole process.
    pub(crate) fn new(args: &OutputArgs) -> Ui {
        let choice = match args.color {
            ColorChoice::Auto => anstream::ColorChoice::Auto,
            ColorChoice::Always => anstream::ColorChoice::Always,
            ColorChoice::Never => anstream::ColorChoice::Never,
        };
        choice.write_global();
        Ui { output: args.output, quiet: args.quiet, verbose: args.verbose }
    }

    /// True when stdout gets JSON.
    pub(crate) fn is_json(&self) -> bool {
        self.output == Output::Json
    }

    /// True when more was asked for.
    pub(crate) fn is_verbose(&self) -> bool {
        self.verbose
    }

    /// True when a person can answer a question.
    pub(crate) fn can_ask(&self) -> bool {
        !self.is_json() && std::io::stdin().is_terminal()
    }

    /// Writes data to stdout. A reader that went away is no error, and what was asked for is done all the same; that a
    /// disk is full is one, which [`unwritten`] tells at the end.
    pub(crate) fn data(&self, text: &str) {
        if let Err(error) = write(text)
            && error.kind() != std::io::ErrorKind::BrokenPipe
        {
            let _ = UNWRITTEN.set(error.to_string());
        }
    }

    /// Writes a part of data that has no end of its own. When the reader has enough, so have we.
    fn stream(&self, text: &str) {
        end_on_closed_pipe(write(text));
    }

    /// Writes bytes to stdout as they are.
    pub(crate) fn bytes(&self, bytes: &[u8]) {
        let mut out = std::io::stdout().lock();
        end_on_closed_pipe(out.write_all(bytes).and_then(|()| out.flush()));
    }

    /// Says something to a person, on stderr; silent with `--quiet` and with JSON.
    pub(crate) fn say(&self, line: &str) {
        if !self.quiet && !self.is_json() {
            self.talk(line);
        }
    }

    /// Says something that must be heard, on stderr. Nobody listening changes nothing.
    pub(crate) fn talk(&self, line: &str) {
        let _ = writeln!(anstream::stderr().lock(), "{line}");
    }

    /// Writes one document as a line of JSON.
    pub(crate) fn document<T: Serialize>(&self, kind: Kind, body: T) {
        if let Some(text) = self.json(kind, body) {
            self.data(&text);
        }
    }

    fn json<T: Serialize>(&self, kind: Kind, body: T) -> Option<String> {
        match serde_json::to_string(&Document::new(kind, body)) {
            Ok(text) => Some(format!("{text}\n")),
            Err(error) => {
                self.talk(&format!("error: the answer cannot be written as JSON: {error}"));
                None
            }
        }
    }

    /// Tells a failure, in the form that was asked for.
    pub(crate) fn failure(&self, failure: &Failure) -> Exit {
        if failure.told {
            return failure.exit;
        }
        if self.is_json() {
            let body = documents::Error {
                code: failure.exit.code(),
                message: failure.message.clone(),
                help: failure.help.clone(),
                causes: failure.causes.clone(),
                changes: failure.changes.as_deref().cloned(),
            };
            self.document(Kind::Error, body);
            return failure.exit;
        }
        self.talk(&format!("{}: {}", style::error("error"), failure.message));
        for (line, times) in repeated(failure.causes.iter().flat_map(|cause| cause.lines())) {
            let again = if times > 1 { style::dim(&format!(" ({times} times)")) } else { String::new() };
            self.talk(&format!("  {} {line}{again}", style::dim("|")));
        }
        for line in &failure.help {
            self.talk(&format!("  {} {line}", style::accent("help:")));
        }
        failure.exit
    }
}

impl Ui {
    /// Tells on stderr what cannot be told on stdout.
    pub(crate) fn unheard(&self, failure: &Failure) -> Exit {
        self.talk(&format!("{}: {}", style::error("error"), failure.message));
        for line in &failure.help {
            self.talk(&format!("  {} {line}", style::accent("help:")));
        }
        failure.exit
    }
}

/// Lines with how often each stands there in a row: a program that is started again and again says the same.
fn repeated<'a>(lines: impl Iterator<Item = &'a str>) -> Vec<(&'a str, usize)> {
    let mut told: Vec<(&str, usize)> = Vec::new();
    for line in lines {
        match told.last_mut() {
            Some((last, times)) if *last == line => *times += 1,
            Some(_) | None => told.push((line, 1)),
        }
    }
    told
}

/// Why the answer did not reach stdout.
static UNWRITTEN: OnceLock<String> = OnceLock::new();

/// Why the answer could not be written, when it could not.
pub(crate) fn unwritten() -> Option<Failure> {
    let why = UNWRITTEN.get()?;
    let failure = Failure::new(Exit::Failed, format!("the answer cannot be written: {why}"));
    Some(failure.help("what was asked for is done all the same; make room and ask again"))
}

/// `1 step`, `2 steps`.
pub(crate) fn count(count: usize, what: &str) -> String {
    if count == 1 { format!("1 {what}") } else { format!("{count} {what}s") }
}

/// An address without its first word.
fn short(address: &str) -> String {
    address.split_once('.').map_or(address, |(_, rest)| rest).to_owned()
}

/// Writes what the parser of the command line has to say: help and version to stdout, mistakes to stderr.
pub(crate) fn parser(answer: &clap::Error) {
    let _ = answer.print();
}

/// What a process without a person in front of it has to say at its end.
pub(crate) fn last_words(line: &str) {
    let _ = writeln!(std::io::stderr().lock(), "error: {line}");
}

fn write(text: &str) -> std::io::Result<()> {
    let mut out = anstream::stdout().lock();
    out.write_all(text.as_bytes()).and_then(|()| out.flush())
}

/// A closed pipe means that the reader has enough: end quietly, as a filter does.
fn end_on_closed_pipe(result: std::io::Result<()>) {
    match result {
        Err(error) if error.kind() == std::io::ErrorKind::BrokenPipe => std::process::exit(0),
        Err(error) => drop(UNWRITTEN.set(error.to_string())),
        Ok(()) => {}
    }
}
