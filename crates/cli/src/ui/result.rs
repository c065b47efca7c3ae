//! How a command that changes things ended, for people: where to look, what runs, how to take it back.

use appia_api::documents::{Action, OperationSummary, Release};

use super::{Ui, count, style};

impl Ui {
    /// Writes how a change ended: where to look, what runs, how to take it back.
    pub(crate) fn result(&self, result: &OperationSummary) {
        let what = match (result.action, result.steps) {
            (_, 0) => "nothing to do".to_owned(),
            (Action::Down, _) => "down".to_owned(),
            (action, steps) => format!("{action} done, {}", count(steps, "step")),
        };
        let place = format!("{} in {}", result.app, result.environment);
        let mut text = format!("\n{} {}: {what}\n", style::good("✓"), style::strong(&place));
        for (name, url) in &result.urls {
            let routes = result.routes.get(name).into_iter().flatten();
            let routes: String = routes.map(|route| format!("  {route}")).collect();
            text.push_str(&format!("  {name:<10} {}{}\n", style::accent(url), style::dim(&routes)));
        }
        if let Some(deployed) = &result.release {
            text.push_str(&format!("  release    {}\n", release(deployed)));
        }
        if let Some(undo) = &result.undo {
            text.push_str(&format!("  undo       {}\n", style::accent(undo)));
        }
        for warning in &result.warnings {
            text.push_str(&format!("  {} {warning}\n", style::warning("warning:")));
        }
        self.data(&text);
    }
}

/// Version, commit, and the content's first digits.
pub(super) fn release(release: &Release) -> String {
    let content: String = release.id.trim_start_matches("sha256:").chars().take(12).collect();
    let labels = [release.version.clone(), release.commit.clone(), Some(content)];
    labels.into_iter().flatten().collect::<Vec<_>>().join(" ")
}
