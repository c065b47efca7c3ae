//! What exists without an owner, for people.

use appia_api::documents::Leaks;

use super::Ui;
use super::table::table;

impl Ui {
    /// Writes what exists without an owner.
    pub(crate) fn leaks(&self, leaks: &Leaks) {
        if leaks.leaks.is_empty() {
            self.data("nothing exists without an owner\n");
            return;
        }
        let rows = leaks
            .leaks
            .iter()
            .map(|leak| [leak.what.clone(), leak.r#where.clone(), leak.since.clone().unwrap_or_default()]);
        self.data(&table(&["what", "where", "since"], rows.collect(), &[]));
    }
}
