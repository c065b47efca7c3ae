//! What the doctor found, for people.

use appia_api::documents::{Doctor, Place};

use super::table::table;
use super::{Ui, count, style};

impl Ui {
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
        let rows = rows.map(|copy| {
            [copy.taken.clone(), copy.events.to_string(), copy.state.to_string(), copy.path.clone()]
        });
        if !found.snapshots.is_empty() {
            text.push_str(&table(&["copy taken", "events", "state", "file"], rows.collect(), &[1]));
        }
        self.data(&text);
        if found.is_damaged(Place::Store) && found.restored.is_none() {
            self.say("what runs goes on; `appia server doctor --restore` brings the last good copy back");
        }
        if found.is_damaged(Place::Agent) && found.put_aside.is_empty() {
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
}
