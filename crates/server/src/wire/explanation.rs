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
    let document = documents::ReasonInput {
        name: input.name.to_string(),
        value: input.value.clone(),
        origin: documents::Origin::Computed,
        file: None,
        line: None,
        source: None,
        as_of: None,
    };
    match &input.origin {
        Origin::Stated(span) => documents::ReasonInput {
            origin: documents::Origin::Stated,
            file: Some(span.file.to_string()),
            line: Some(span.start.line),
            ..document
        },
        Origin::Measured { file, date } => documents::ReasonInput {
            origin: documents::Origin::Measured,
            file: Some(file.clone()),
            as_of: Some(date.clone()),
            ..document
        },
        Origin::Default(source) => documents::ReasonInput {
            origin: documents::Origin::Default,
            source: Some(source.to_string()),
            ..document
        },
        Origin::Table { row, as_of } => documents::ReasonInput {
            origin: documents::Origin::Table,
            source: Some(row.clone()),
            as_of: Some(as_of.clone()),
            ..document
        },
        Origin::Computed(_) => document,
    }
}

fn alternative(alternative: &Alternative) -> documents::Alternative {
    documents::Alternative {
        value: alternative.value.clone(),
        monthly_usd: alternative.monthly_usd.clone(),
        rejected: alternative.rejected.clone(),
    }
}
