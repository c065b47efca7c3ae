//! What a scalar is under YAML 1.2's core schema: nothing, a boolean, a number or a text.
//!
//! `yes`, `NO` and `on` are texts, as YAML 1.2 has it; only `true` and `false` are booleans.

/// A text, number, boolean or nothing, as written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Scalar {
    /// The text after unquoting.
    pub text: String,
    /// Whether it was quoted.
    pub style: Style,
}

/// How a scalar was written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Style {
    /// Without quotes: it may be a number, a boolean or nothing.
    Plain,
    /// In quotes or as a block (`|`, `>`): always a text.
    Quoted,
}

/// What a scalar means.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Class {
    /// Nothing.
    Null,
    /// `true` or `false`.
    Bool,
    /// A number.
    Number,
    /// Anything else.
    Text,
}

impl Scalar {
    /// What it means.
    pub fn class(&self) -> Class {
        match (self.style, self.text.as_str()) {
            (Style::Quoted, _) => Class::Text,
            (Style::Plain, "" | "~" | "null" | "Null" | "NULL") => Class::Null,
            (Style::Plain, "true" | "True" | "TRUE" | "false" | "False" | "FALSE") => Class::Bool,
            (Style::Plain, text) if is_number(text) => Class::Number,
            (Style::Plain, _) => Class::Text,
        }
    }

    /// The boolean, when it is one.
    pub fn as_bool(&self) -> Option<bool> {
        (self.class() == Class::Bool).then(|| self.text.eq_ignore_ascii_case("true"))
    }

    /// The value as JSON.
    pub fn to_json(&self) -> serde_json::Value {
        let text = || serde_json::Value::String(self.text.clone());
        match self.class() {
            Class::Null => serde_json::Value::Null,
            Class::Bool => serde_json::Value::Bool(self.text.eq_ignore_ascii_case("true")),
            Class::Number => json_number(&self.text).unwrap_or_else(text),
            Class::Text => text(),
        }
    }
}

fn json_number(text: &str) -> Option<serde_json::Value> {
    if let Ok(integer) = text.parse::<i64>() {
        return Some(integer.into());
    }
    let radix = [("0x", 16), ("0o", 8)];
    if let Some(integer) = radix.iter().find_map(|(prefix, radix)| {
        text.strip_prefix(prefix).and_then(|digits| i64::from_str_radix(digits, *radix).ok())
    }) {
        return Some(integer.into());
    }
    text.parse::<f64>().ok().and_then(serde_json::Number::from_f64).map(serde_json::Value::Number)
}

/// `[-+]? ( digits [. digits] | . digits ) ( [eE] [-+]? digits )?`, `0x` and `0o`, `.inf` and `.nan`.
fn is_number(text: &str) -> bool {
    let unsigned = text.strip_prefix(['-', '+']).unwrap_or(text);
    if matches!(unsigned, ".inf" | ".Inf" | ".INF") || matches!(text, ".nan" | ".NaN" | ".NAN") {
        return true;
    }
    let all = |digits: &str, test: fn(&char) -> bool| !digits.is_empty() && digits.chars().all(|c| test(&c));
    if let Some(digits) = text.strip_prefix("0x") {
        return all(digits, char::is_ascii_hexdigit);
    }
    if let Some(digits) = text.strip_prefix("0o") {
        return all(digits, |c| ('0'..='7').contains(c));
    }
    let (mantissa, exponent) =
        unsigned.split_once(['e', 'E']).map_or((unsigned, None), |(m, e)| (m, Some(e)));
    let exponent_fits =
        exponent.is_none_or(|e| all(e.strip_prefix(['-', '+']).unwrap_or(e), char::is_ascii_digit));
    let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    let digits_only = |part: &str| part.chars().all(|c| c.is_ascii_digit());
    exponent_fits && digits_only(whole) && digits_only(fraction) && !(whole.is_empty() && fraction.is_empty())
}

#[cfg(test)]
mod tests {
    use super::{Class, Scalar, Style};

    #[test]
    fn follows_the_core_schema() {
        for (text, expect) in [
            ("", Class::Null),
            ("~", Class::Null),
            ("true", Class::Bool),
            ("yes", Class::Text),
            ("NO", Class::Text),
            ("1.10", Class::Number),
            ("-3", Class::Number),
            ("1e3", Class::Number),
            ("0x1F", Class::Number),
            (".5", Class::Number),
            (".", Class::Text),
            ("1.2.3", Class::Text),
            ("99.9%", Class::Text),
            ("e", Class::Text),
            ("12:30", Class::Text),
        ] {
            let plain = Scalar { text: text.to_owned(), style: Style::Plain };
            assert_eq!(plain.class(), expect, "{text}");
            let quoted = Scalar { text: text.to_owned(), style: Style::Quoted };
            assert_eq!(quoted.class(), Class::Text, "{text}");
        }
    }
}
