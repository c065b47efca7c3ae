//! Lines of what programs write.

use appia_api::Kind;
use appia_api::documents::StreamEvent;

use super::{Ui, short, style};

impl Ui {
    /// Writes a line of a log.
    pub(crate) fn log_line(&self, event: &StreamEvent) {
        if self.is_json() {
            if let Some(text) = self.json(Kind::Event, event) {
                self.stream(&text);
            }
            return;
        }
        let time = event.at.get(11..23).unwrap_or(&event.at);
        let from = short(event.address.as_deref().unwrap_or_default());
        self.stream(&format!(
            "{} {} {}\n",
            style::dim(time),
            style::accent(&format!("{from:<10}")),
            event.message
        ));
    }
}
