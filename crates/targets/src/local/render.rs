//! The plan's objects as files, for people who want to read what `appia up` would run.

use appia_plan::phase::SizedApp;
use appia_plan::{Object, RenderedFiles};

/// One file of objects and a page that says what they are.
pub(super) fn render(app: &SizedApp, objects: &[Object]) -> RenderedFiles {
    let mut sorted: Vec<&Object> = objects.iter().collect();
    sorted.sort_by(|one, other| one.id.cmp(&other.id));
    let mut text = serde_json::to_string_pretty(&sorted).unwrap_or_default();
    text.push('\n');
    RenderedFiles::from([
        ("README.md".to_owned(), readme(app, &sorted).into_bytes()),
        ("objects.json".to_owned(), text.into_bytes()),
    ])
}

fn readme(app: &SizedApp, objects: &[&Object]) -> String {
    let name = &app.frame.app;
    let mut text = format!("# {name} on this machine\n\nIn the folder of the application:\n\n");
    text.push_str("    appia up        # builds and starts it\n");
    text.push_str("    appia status    # what runs, and where it answers\n");
    text.push_str("    appia down      # stops it and keeps its data\n\n");
    text.push_str("`objects.json` holds what `appia up` makes, with these objects:\n\n");
    for object in objects {
        text.push_str(&format!("* `{}` for `{}`\n", object.id, object.address));
    }
    text.push_str("\nPasswords stand in it by name only. Ports are chosen when it starts.\n");
    text
}
