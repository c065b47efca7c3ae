//! Copies of the store, written and brought back, for people.

use appia_api::documents::{Backup, Restore};

use super::{Ui, count, style};

impl Ui {
    /// Writes where a copy is and what belongs to it.
    pub(crate) fn backup(&self, written: &Backup) {
        let size = written.bytes.div_ceil(1024);
        self.data(&format!("{} {} ({size} KiB, read back)\n", style::good("✓"), written.path));
        self.say(&format!("keep `{}` too, in another place: without it no copy opens", written.key));
    }

    /// Says what bringing a copy back means, before it is done.
    pub(crate) fn will_be_restored(&self, preview: &Restore) {
        self.talk(&format!("the copy is {}", preview.from));
        self.talk(&lost(preview));
        self.talk("what runs goes on, and the next plan tells how it differs");
    }

    /// Says that a copy was brought back.
    pub(crate) fn restored(&self, restored: &Restore) {
        self.data(&format!("{} restored from {}\n", style::good("✓"), restored.from));
        self.say(&lost(restored));
        if let Some(kept) = &restored.kept {
            self.say(&format!("what was there is kept as {kept}"));
        }
        self.say("`appia plan` shows what differs from what runs, `appia up` brings it about");
    }
}

fn lost(restored: &Restore) -> String {
    let Some(lost) = &restored.lost else {
        return "what it does not know cannot be told: what is there now does not read".to_owned();
    };
    if lost.is_empty() {
        return "it knows every operation".to_owned();
    }
    let operations = lost
        .iter()
        .map(|one| format!("\n  {} {} in {} at {}", one.action, one.app, one.environment, one.began));
    format!("it does not know {}:{}", count(lost.len(), "operation"), operations.collect::<String>())
}
