//! The document of an explanation.

use appia_api::documents;
use appia_plan::{Alternative, Explanation, Input, Origin, Reason};

/// The document of an explanation.
pub fn explanation(explanation: &Explanation) -> documents::Explanation {
    documents::Explanation {
        address: explanation.address.to_string(),
        value: explanation.value.clone(),
        because: explanation.because.iter().map(reason).collect(),
        alternatives: explanation.alternatives.iter().map(alternative).collect(),
    }
}

fn reason(reason: &Reason) -> documents::Reason {
    documents::Reason {
        rule: reason.rule.to_string(),
        text: reason.text.clone(),
        inputs: reason.inputs.iter().map(input).collect(),
    }
}

fn input(input: &Input) -> documents::ReasonInput {
    let mut document = documents::ReasonInput {
        name: input.name.to_string(),
        value: input.value.clone(),
        origin: String::new(),
        file: None,
        line: None,
        source: None,
        as_of: None,
    };
    document.origin = match &input.origin {
        Origin::Stated(span) => {
            document.file = Some(span.file.to_string());
            document.line = Some(span.start.line);
            "stated"
        }
        Origin::Measured { file, date } => {
            document.file = Some(file.clone());
            document.as_of = Some(date.clone());
            "measured"
        }
        Origin::Default(source) => {
            document.source = Some(source.to_string());
            "default"
        }
        Origin::Table { row, as_of } => {
            document.source = Some(row.clone());
            document.as_of = Some(as_of.clone());
            "table"
        }
        Origin::Computed(_) => "computed",
    }
    .to_owned();
    document
}

fn alternative(alternative: &Alternative) -> documents::Alternative {
    documents::Alternative {
        value: alternative.value.clone(),
        monthly_usd: alternative.monthly_usd.clone(),
        rejected: alternative.rejected.clone(),
    }
}
