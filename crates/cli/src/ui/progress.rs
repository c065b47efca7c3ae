//! What happens while a person waits: one line a step, with the time it took.

use std::collections::{BTreeMap, BTreeSet};
use std::io::IsTerminal;
use std::time::Duration;

use appia_api::Kind;
use appia_api::documents::StreamEvent;
use indicatif::{MultiProgress, ProgressBar, ProgressDrawTarget, ProgressStyle};

use super::{Ui, style};

/// Shows steps as they begin, go on and end.
pub(crate) struct Steps<'a> {
    ui: &'a Ui,
    bars: MultiProgress,
    running: BTreeMap<String, ProgressBar>,
    told: BTreeSet<String>,
}

impl Ui {
    /// A place to show steps.
    pub(crate) fn steps(&self) -> Steps<'_> {
        let shown = !self.quiet && !self.is_json() && std::io::stderr().is_terminal();
        let target = if shown { ProgressDrawTarget::stderr() } else { ProgressDrawTarget::hidden() };
        let bars = MultiProgress::with_draw_target(target);
        Steps { ui: self, bars, running: BTreeMap::new(), told: BTreeSet::new() }
    }
}

impl Ui {
    /// A bar that fills from 0 to 1000 while something is computed.
    pub(crate) fn bar(&self, name: &str) -> ProgressBar {
        let shown = !self.quiet && !self.is_json() && std::io::stderr().is_terminal();
        let target = if shown { ProgressDrawTarget::stderr() } else { ProgressDrawTarget::hidden() };
        let bar = ProgressBar::with_draw_target(Some(1000), target);
        if let Ok(look) = ProgressStyle::with_template("  {prefix} {wide_bar:.cyan} {percent}% {eta:.dim}") {
            bar.set_style(look);
        }
        bar.set_prefix(name.to_owned());
        bar
    }
}

impl Steps<'_> {
    /// A step began.
    pub(crate) fn begin(&mut self, name: &str, line: &str) {
        let bar = self.bars.add(ProgressBar::new_spinner());
        if let Ok(look) = ProgressStyle::with_template("  {spinner:.cyan} {prefix} {wide_msg:.dim}") {
            bar.set_style(look);
        }
        bar.set_prefix(name.to_owned());
        bar.set_message(line.to_owned());
        bar.enable_steady_tick(Duration::from_millis(90));
        self.running.insert(name.to_owned(), bar);
    }

    /// A person asked to stop.
    pub(crate) fn interrupted(&mut self) {
        self.line(&format!(
            "  {} interrupted: everything is taken back (a second Ctrl-C leaves that to the server)",
            style::warning("!")
        ));
    }

    /// A step goes on: the latest of what it says. Where nothing can be drawn, the first of it is a line.
    pub(crate) fn say(&mut self, name: &str, line: &str) {
        match self.running.get(name) {
            Some(_) if self.bars.is_hidden() && !self.ui.is_verbose() => self.tell_once(name, line),
            Some(bar) => bar.set_message(line.to_owned()),
            None => self.line(&format!("  {} {name} {}", style::dim("."), style::dim(line))),
        }
        if self.ui.is_verbose() {
            self.line(&format!("    {}", style::dim(line)));
        }
    }

    fn tell_once(&mut self, name: &str, line: &str) {
        if self.told.insert(name.to_owned()) {
            self.line(&format!("  {} {name} {}", style::dim("."), style::dim(line)));
        }
    }

    /// A step ended well.
    pub(crate) fn done(&mut self, name: &str, line: &str, took_ms: Option<u64>) {
        self.remove(name);
        self.line(&format!(
            "  {} {name} {}",
            style::good("✓"),
            style::dim(&format!("{line}{}", took(took_ms)))
        ));
    }

    /// A step failed.
    pub(crate) fn failed(&mut self, name: &str, line: &str) {
        self.remove(name);
        self.line(&format!("  {} {name} {line}", style::error("✗")));
    }

    /// Something to know between two steps.
    pub(crate) fn line(&self, line: &str) {
        self.bars.suspend(|| self.ui.say(line));
    }

    /// Shows an event of the server, or writes it as a document.
    pub(crate) fn event(&mut self, event: StreamEvent) {
        if self.ui.is_json() {
            self.ui.document(Kind::Event, event);
            return;
        }
        let name = event.address.clone().unwrap_or_default();
        match event.verb.as_str() {
            "step_began" => self.begin(&name, &event.message),
            "step_progress" => self.say(&name, &event.message),
            "step_done" | "undo_done" => self.done(&name, &event.message, event.duration_ms),
            "step_failed" | "undo_failed" => self.failed(&name, &event.message),
            "undo_began" => self.begin(&name, &event.message),
            _ => self.line(&format!("  {}", style::dim(&event.message))),
        }
    }

    fn remove(&mut self, name: &str) {
        if let Some(bar) = self.running.remove(name) {
            bar.finish_and_clear();
        }
    }
}

impl Drop for Steps<'_> {
    fn drop(&mut self) {
        self.running.values().for_each(ProgressBar::finish_and_clear);
    }
}

fn took(millis: Option<u64>) -> String {
    match millis {
        None => String::new(),
        Some(millis) if millis < 1000 => format!(" in {millis} ms"),
        Some(millis) => format!(" in {}.{} s", millis / 1000, millis % 1000 / 100),
    }
}
