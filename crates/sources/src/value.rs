//! Taking values out of checked YAML. What is not in its form gives `None` and no finding: the check of the file's
//! table has reported it already. Both the check and the readers come here, so that they read a text the same way.

pub(crate) mod cron;
pub(crate) mod shell;

use std::collections::BTreeMap;
use std::str::FromStr;

use appia_diag::{Spanned, codes};
use appia_intent::units::{Money, scaled};
use appia_intent::{
    Availability, Budget, BudgetPeriod, Param, Ready, Reference, ResourceName, Segment, Template,
};
use base64::Engine as _;

use crate::shape::{Refusal, formats};
use crate::yaml::{Class, Node, Value};

/// How far a container must have come, with its word in files.
pub(crate) const READY_WORDS: &[(&str, Ready)] =
    &[("started", Ready::Started), ("healthy", Ready::Healthy), ("complete", Ready::Complete)];

/// A scalar read by its type's own parser.
pub(crate) fn parsed<T: FromStr>(node: Option<&Node>) -> Option<Spanned<T>> {
    let node = node?;
    let value = node.text()?.parse().ok()?;
    Some(Spanned::new(value, node.span.clone()))
}

/// A whole number; `_` may group its digits.
pub(crate) fn integer<T: FromStr>(node: Option<&Node>) -> Option<Spanned<T>> {
    let node = node?;
    let value = node.text()?.replace('_', "").parse().ok()?;
    Some(Spanned::new(value, node.span.clone()))
}

/// A scalar's text as written.
pub(crate) fn text(node: Option<&Node>) -> Option<Spanned<String>> {
    let node = node?;
    Some(Spanned::new(node.text()?.to_owned(), node.span.clone()))
}

/// A scalar by a table of words.
pub(crate) fn word<T: Copy>(node: Option<&Node>, table: &[(&str, T)]) -> Option<Spanned<T>> {
    let node = node?;
    let written = node.text()?;
    let (_, value) = table.iter().find(|(word, _)| *word == written)?;
    Some(Spanned::new(*value, node.span.clone()))
}

/// True for `true`.
pub(crate) fn flag(node: Option<&Node>) -> Option<bool> {
    node?.scalar()?.as_bool()
}

/// A text with placeholders.
pub(crate) fn template(node: &Node) -> Option<Spanned<Template>> {
    let template = Template::parse(node.text()?).ok()?;
    Some(Spanned::new(template, node.span.clone()))
}

/// A command: a list of words, or a line as a shell would read it.
pub(crate) fn command(node: Option<&Node>) -> Option<Vec<Spanned<String>>> {
    words(node?, shell::command_line)
}

/// Arguments: a list of words, or a line split as a shell would.
pub(crate) fn arguments(node: Option<&Node>) -> Option<Vec<Spanned<String>>> {
    words(node?, shell::split)
}

fn words(
    node: &Node,
    read: fn(&str) -> Result<Vec<String>, shell::ShellError>,
) -> Option<Vec<Spanned<String>>> {
    if let Value::List(items) = &node.value {
        return Some(items.iter().filter_map(|item| text(Some(item))).collect());
    }
    let words = read(node.text()?).ok()?;
    Some(words.into_iter().map(|word| Spanned::new(word, node.span.clone())).collect())
}

/// Texts by key.
pub(crate) fn texts(node: Option<&Node>) -> BTreeMap<String, String> {
    let entries = node.map(Node::entries).unwrap_or_default();
    entries
        .iter()
        .filter_map(|entry| Some((entry.key.value.clone(), entry.value.text()?.to_owned())))
        .collect()
}

/// Free YAML as a parameter; `read` gives each text its meaning.
pub(crate) fn param(
    node: &Node,
    read: &mut dyn FnMut(&Node, &str) -> Option<Template>,
) -> Option<Spanned<Param>> {
    let value = match &node.value {
        Value::List(items) => Param::List(items.iter().filter_map(|item| param(item, read)).collect()),
        Value::Map(entries) => Param::Map(
            entries
                .iter()
                .filter_map(|entry| Some((entry.key.value.clone(), param(&entry.value, read)?)))
                .collect(),
        ),
        Value::Scalar(scalar) => match scalar.class() {
            Class::Null => Param::Null,
            Class::Bool => Param::Bool(scalar.as_bool()?),
            Class::Number => Param::Number(scalar.text.clone()),
            Class::Text => Param::Text(read(node, &scalar.text)?),
        },
    };
    Some(Spanned::new(value, node.span.clone()))
}

/// `99.9%`.
pub(crate) fn availability(text: &str) -> Result<Availability, Refusal> {
    let Some(number) = text.trim().strip_suffix('%') else {
        let refusal = Refusal::new(codes::BAD_UNIT, format!("`{text}` needs a `%`"));
        return Err(refusal.help("write a percentage such as `99.9%`"));
    };
    let parts = scaled(number.trim(), 10_000_000).map_err(|error| {
        formats::unit(&error)
            .help("write a percentage such as `99.9%`, with 7 digits behind the point at most")
    })?;
    u32::try_from(parts).ok().and_then(|parts| Availability::from_parts_per_billion(parts).ok()).ok_or_else(
        || {
            Refusal::new(codes::OUT_OF_RANGE, format!("`{text}` does not lie above 0 % and below 100 %"))
                .help("nothing can promise to never fail: write a percentage such as `99.9%`")
        },
    )
}

/// `1200 USD/month`.
pub(crate) fn budget(text: &str) -> Result<Budget, Refusal> {
    const EXAMPLE: &str = "write an amount, a currency and a time, such as `1200 USD/month`";
    let Some((amount, period)) = text.split_once('/') else {
        return Err(
            Refusal::new(codes::BAD_UNIT, format!("`{text}` does not say for which time")).help(EXAMPLE)
        );
    };
    let period = match period.trim() {
        "month" => BudgetPeriod::Month,
        "year" => BudgetPeriod::Year,
        other => {
            let message = format!("`{other}` is not a time for a budget: use `month` or `year`");
            return Err(Refusal::new(codes::BAD_UNIT, message).help(EXAMPLE));
        }
    };
    let amount: Money = amount.parse().map_err(|error| formats::unit(&error).help(EXAMPLE))?;
    if amount.micros() == 0 {
        return Err(Refusal::new(codes::OUT_OF_RANGE, "a budget of nothing buys nothing").help(EXAMPLE));
    }
    Ok(Budget { amount, period })
}

/// Three octal digits, with or without a leading zero.
pub(crate) fn mode(text: &str) -> Option<u32> {
    let digits = text.strip_prefix('0').filter(|rest| rest.len() == 3).unwrap_or(text);
    let octal = digits.len() == 3 && digits.bytes().all(|byte| (b'0'..=b'7').contains(&byte));
    octal.then(|| u32::from_str_radix(digits, 8).ok()).flatten()
}

/// Standard base64; white space between its letters is nothing.
pub(crate) fn base64(text: &str) -> Option<Vec<u8>> {
    let dense: String = text.split_whitespace().collect();
    base64::engine::general_purpose::STANDARD.decode(dense).ok()
}

/// `data` or `${resources.data}`.
pub(crate) fn volume(text: &str) -> Option<ResourceName> {
    if !text.contains("${") {
        return ResourceName::new(text).ok();
    }
    match Template::parse(text).ok()?.segments() {
        [Segment::Reference(Reference::Resource { name, output: None })] => Some(name.clone()),
        _ => None,
    }
}

/// The name that a text could have been: lower case, anything else than letters and digits as `-`.
pub(crate) fn as_name(text: &str) -> String {
    let mut name = String::new();
    for c in text.chars() {
        match c.to_ascii_lowercase() {
            c if c.is_ascii_lowercase() || c.is_ascii_digit() => name.push(c),
            _ if name.is_empty() || name.ends_with('-') => {}
            _ => name.push('-'),
        }
    }
    let cut: String = name.chars().take(63).collect();
    cut.trim_end_matches('-').to_owned()
}
