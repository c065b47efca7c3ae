//! A value as an expression of HCL, laid out as `terraform fmt` wants it.
//!
//! Called by `body` for each attribute. Start reading at [`expression`].

use hcl_edit::expr::{
    Array, Expression, FuncArgs, FuncCall, Object, ObjectKey, ObjectValue, ObjectValueTerminator,
};
use hcl_edit::template::{Element, Interpolation, StringTemplate};
use hcl_edit::{Decorate, Ident, Number};
use serde_json::{Map, Value};

use super::marks::{Mark, mark};

/// Characters of a list that still stands in one line.
const LINE: usize = 96;

/// Two spaces for each block that something is in.
pub(super) fn indent(depth: usize) -> String {
    "  ".repeat(depth)
}

/// True when it takes one line.
pub(super) fn is_one_line(expression: &Expression) -> bool {
    !expression.to_string().contains('\n')
}

/// The spaces before each `=`: as many as the longest name of a run of lines asks for. What takes several lines ends a run.
pub(super) fn gaps(lines: &[(usize, bool)]) -> Vec<usize> {
    let mut gaps = Vec::new();
    for run in lines.chunk_by(|one, next| one.1 && next.1) {
        let widest = run.iter().map(|(width, _)| *width).max().unwrap_or(0);
        gaps.extend(run.iter().map(|(width, _)| widest - width + 1));
    }
    gaps
}

/// The expression of a value that stands so deep.
pub(super) fn expression(value: &Value, depth: usize) -> Expression {
    match mark(value) {
        Mark::Block(inside) => return expression(inside, depth),
        Mark::Compact(inside) => return call("compact", inside, depth),
        Mark::Json(inside) => return call("jsonencode", inside, depth),
        Mark::Reference(text) => return parsed(text),
        Mark::Text(parts) => return template(parts),
        Mark::Variable(variable) => {
            return parsed(&format!(
                "var.{}",
                variable.get("name").and_then(Value::as_str).unwrap_or_default()
            ));
        }
        Mark::Plain => {}
    }
    match value {
        Value::Null => Expression::null(),
        Value::Bool(value) => Expression::from(*value),
        Value::Number(value) => number(value),
        Value::String(text) => Expression::from(text.as_str()),
        Value::Array(values) => array(values, depth),
        Value::Object(entries) => object(entries, depth),
    }
}

/// An expression as it is written; a text when it is none.
pub(super) fn parsed(text: &str) -> Expression {
    text.parse().unwrap_or_else(|_| Expression::from(text))
}

fn number(value: &serde_json::Number) -> Expression {
    let whole = value.as_u64().map(Number::from).or_else(|| value.as_i64().map(Number::from));
    whole.or_else(|| Number::from_f64(value.as_f64()?)).map_or_else(Expression::null, Expression::from)
}

fn call(name: &str, argument: &Value, depth: usize) -> Expression {
    let mut arguments = FuncArgs::new();
    arguments.push(expression(argument, depth));
    FuncCall::new(Ident::new_sanitized(name), arguments).into()
}

fn template(parts: &[Value]) -> Expression {
    let element = |part: &Value| match part {
        Value::String(text) => Element::from(text.as_str()),
        other => Element::from(Interpolation::new(expression(other, 0).decorated(("", "")))),
    };
    StringTemplate::from(parts.iter().map(element).collect::<Vec<_>>()).into()
}

fn array(values: &[Value], depth: usize) -> Expression {
    let flat: Array = values.iter().map(|value| expression(value, depth)).collect();
    let shown = Expression::from(flat.clone());
    if is_one_line(&shown) && shown.to_string().chars().count() <= LINE {
        return shown;
    }
    let mut array = Array::new();
    for value in values {
        array.push(expression(value, depth + 1).decorated((format!("\n{}", indent(depth + 1)), "")));
    }
    array.set_trailing_comma(true);
    array.set_trailing(format!("\n{}", indent(depth)));
    array.into()
}

fn object(entries: &Map<String, Value>, depth: usize) -> Expression {
    if entries.is_empty() {
        return Object::new().into();
    }
    let entries: Vec<(String, ObjectKey, Expression)> = entries
        .iter()
        .map(|(name, value)| {
            let (shown, key) = key(name);
            (shown, key, expression(value, depth + 1))
        })
        .collect();
    let widths: Vec<(usize, bool)> =
        entries.iter().map(|(shown, _, value)| (shown.chars().count(), is_one_line(value))).collect();
    let mut object = Object::new();
    for (index, ((_, key, value), gap)) in entries.into_iter().zip(gaps(&widths)).enumerate() {
        let start = if index == 0 { format!("\n{}", indent(depth + 1)) } else { indent(depth + 1) };
        let decor = (start, " ".repeat(gap));
        let key = match key {
            ObjectKey::Ident(key) => ObjectKey::Ident(key.decorated(decor)),
            ObjectKey::Expression(key) => ObjectKey::Expression(key.decorated(decor)),
        };
        let mut value = ObjectValue::new(value);
        value.set_terminator(ObjectValueTerminator::Newline);
        object.insert(key, value);
    }
    object.set_trailing(indent(depth));
    object.into()
}

/// A key as it is shown; in quotes where it is no identifier.
fn key(name: &str) -> (String, ObjectKey) {
    match Ident::try_new(name) {
        Ok(ident) => (name.to_owned(), ObjectKey::from(ident)),
        Err(_) => {
            let quoted = Expression::from(name);
            (quoted.to_string(), ObjectKey::from(quoted))
        }
    }
}
