//! Why a value is what it is, for people.

use appia_api::documents::{Explanation, Reason, ReasonInput};
use serde_json::Value;

use super::{Ui, style};

impl Ui {
    /// Writes the chain of reasons.
    pub(crate) fn explanation(&self, explanation: &Explanation) {
        let mut text = match &explanation.value {
            Value::Object(values) => {
                let mut text = format!("{}\n", style::strong(&explanation.address));
                for (name, value) in values {
                    text.push_str(&format!("  {name} = {}\n", plain(value)));
                }
                text
            }
            value => format!("{} = {}\n", style::strong(&explanation.address), style::good(&plain(value))),
        };
        for reason in &explanation.because {
            text.push_str(&because(reason));
        }
        if !explanation.alternatives.is_empty() {
            text.push_str("not taken\n");
        }
        for other in &explanation.alternatives {
            text.push_str(&format!("  {}: {}\n", plain(&other.value), other.rejected));
        }
        self.data(&text);
    }
}

fn because(reason: &Reason) -> String {
    let mut text = format!("because {} {}\n", reason.text, style::dim(&format!("[{}]", reason.rule)));
    for input in &reason.inputs {
        text.push_str(&format!(
            "  {} = {} {}\n",
            input.name,
            plain(&input.value),
            style::dim(&origin(input))
        ));
    }
    text
}

fn origin(input: &ReasonInput) -> String {
    let place = input.file.as_ref().map(|file| match input.line {
        Some(line) => format!("{file}:{line}"),
        None => file.clone(),
    });
    let more = [place, input.source.clone(), input.as_of.as_ref().map(|date| format!("as of {date}"))];
    let more: Vec<String> = more.into_iter().flatten().collect();
    if more.is_empty() {
        format!("({})", input.origin)
    } else {
        format!("({}: {})", input.origin, more.join(", "))
    }
}

fn plain(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        other => other.to_string(),
    }
}
