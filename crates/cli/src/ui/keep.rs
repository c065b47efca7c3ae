//! Copies of the store and what the doctor found, for people.

use appia_api::documents::{Backup, Doctor, Restore};

use super::plan::table;
use super::{Ui, count, style};

impl Ui {
    /// Writes where a copy is and what belongs to it.
    pub(crate) fn backup(&self, written: &Backup) {
        let size = written.bytes.div_ceil(1024);
        self.data(&format!("{} {} ({size} KiB, read back)\n", style::good("✓"), written.path));
        self.say(&format!("keep `{}` too, in another place: without it no copy opens", written.key));
    }

    /// Writes what is wrong, and what there is to bring back.
    pub(crate) fn doctor(&self, found: &Doctor) {
        let mut text = match found.faults.as_slice() {
            [] => format!("{} {} is as it was written\n", style::good("✓"), found.store),
            faults => format!("{} {}\n", style::error("damaged:"), count(faults.len(), "fault")),
        };
        for fault in &found.faults {
            text.push_str(&format!("  {}: {}\n", fault.place, fault.what));
        }
        let rows = found.snapshots.iter();
        let rows = rows
            .map(|copy| [copy.taken.clone(), copy.events.to_string(), copy.state.clone(), copy.path.clone()]);
        if !found.snapshots.is_empty() {
            text.push_str(&table(&["copy taken", "events", "state", "file"], rows.collect(), &[1]));
        }
        self.data(&text);
        let has = |place: &str| found.faults.iter().any(|fault| fault.place == place);
        let (store, agent) = (has("store"), has("agent"));
        if store && found.restored.is_none() {
            self.say("what runs goes on; `appia server doctor --restore` brings the last good copy back");
        }
        if agent && found.put_aside.is_empty() {
            self.say("`appia server doctor --restore` puts damaged files of the agent aside");
        }
        if let Some(restored) = &found.restored {
            self.restored(restored);
        }
        for path in &found.put_aside {
            self.say(&format!("put aside: {path}"));
        }
        if !found.put_aside.is_empty() {
            self.say("`appia server stop --all`, then `appia up` brings anew what they held; data stays");
        }
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
