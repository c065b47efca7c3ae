//! The body of a block: attributes in the order in which a person reads them, then nested blocks.
//!
//! Called by `files` for each object. It knows no resource and no cloud. Start reading at [`body`].

use hcl_edit::expr::Expression;
use hcl_edit::structure::{Attribute, Block, Body};
use hcl_edit::{Decorate, Ident};
use serde_json::{Map, Value};

use super::expression::{expression, gaps, indent, is_one_line};
use super::marks::{Mark, mark};

/// What a block is made for each of.
const LOOP: &str = "for_each";

/// What tells one from another comes first, in this order.
const FIRST: &[&str] =
    &[LOOP, "count", "source", "name", "identifier", "family", "bucket", "description", "type"];

/// What is the same for all comes last, in this order.
const LAST: &[&str] = &["tags", "labels", "lifecycle", "depends_on"];

/// A block of labels, with its comment above, as one of the blocks of a file.
pub(super) fn block(words: &[&str], comment: &[String], inside: &Map<String, Value>) -> Block {
    let (ident, labels) = words.split_first().map_or(("", &[] as &[&str]), |(first, rest)| (*first, rest));
    let mut block = named(ident, body(inside, 1));
    block.labels = labels.iter().map(|label| (*label).into()).collect();
    let comment: String = comment.iter().map(|line| format!("# {line}\n")).collect();
    block.decor_mut().set_prefix(comment);
    block
}

fn named(ident: &str, body: Body) -> Block {
    let mut block = Block::new(Ident::new_sanitized(ident));
    block.body = body;
    block
}

/// What stands between the braces of a block, so deep.
fn body(inside: &Map<String, Value>, depth: usize) -> Body {
    let mut names: Vec<&String> = inside.keys().collect();
    names.sort_by_key(|name| (rank(name), *name));
    let attributes: Vec<(&String, Expression)> = names
        .iter()
        .filter_map(|name| Some((*name, inside.get(*name)?)))
        .filter(|(_, value)| !matches!(mark(value), Mark::Block(_)))
        .map(|(name, value)| (name, expression(value, depth)))
        .collect();
    // What a block is made for each of is read before what it is.
    let (first, rest): (Vec<_>, Vec<_>) =
        attributes.into_iter().partition(|(name, value)| *name == LOOP && !is_one_line(value));
    let (lines, tall): (Vec<_>, Vec<_>) = rest.into_iter().partition(|(_, value)| is_one_line(value));
    let mut body = Body::new();
    for (name, value) in first {
        body.push(attribute(name, value, (indent(depth), 1)));
    }
    let widths: Vec<(usize, bool)> = lines.iter().map(|(name, _)| (name.len(), true)).collect();
    for (index, ((name, value), gap)) in lines.into_iter().zip(gaps(&widths)).enumerate() {
        let start = if index == 0 { start(&body, depth) } else { indent(depth) };
        body.push(attribute(name, value, (start, gap)));
    }
    for (name, value) in tall {
        let start = start(&body, depth);
        body.push(attribute(name, value, (start, 1)));
    }
    for name in names {
        let Some(Mark::Block(value)) = inside.get(name).map(mark) else { continue };
        let several = value.as_array().map_or_else(|| vec![value], |all| all.iter().collect());
        for one in several.into_iter().filter_map(Value::as_object) {
            let mut nested = named(name, self::body(one, depth + 1));
            nested.decor_mut().set_prefix(start(&body, depth));
            body.push(nested);
        }
    }
    if body.is_empty() {
        body.set_prefer_oneline(true);
    } else {
        body.decor_mut().set_suffix(indent(depth - 1));
    }
    body
}

/// Anything that takes several lines has an empty one before it, unless it is the first.
fn start(body: &Body, depth: usize) -> String {
    if body.is_empty() { indent(depth) } else { format!("\n{}", indent(depth)) }
}

fn attribute(name: &str, value: Expression, (start, gap): (String, usize)) -> Attribute {
    let mut attribute = Attribute::new(Ident::new_sanitized(name), value);
    attribute.decor_mut().set_prefix(start);
    attribute.key.decor_mut().set_suffix(" ".repeat(gap));
    attribute
}

fn rank(name: &str) -> usize {
    let middle = FIRST.len();
    let first = FIRST.iter().position(|known| *known == name);
    let last = || LAST.iter().position(|known| *known == name).map(|place| middle + 1 + place);
    first.or_else(last).unwrap_or(middle)
}

#[cfg(test)]
mod tests {
    use hcl_edit::structure::Body;
    use serde_json::{Value, json};

    use super::block;

    fn check(inside: Value, expect: &str) {
        let body: Body =
            [block(&["resource", "kind", "name"], &[], inside.as_object().unwrap())].into_iter().collect();
        assert_eq!(body.to_string(), format!("resource \"kind\" \"name\" {{\n{expect}}}\n"));
    }

    #[test]
    fn what_tells_one_from_another_comes_first_and_equals_signs_stand_below_each_other() {
        check(
            json!({"zone": 1, "name": "a", "depends_on": [{"$ref": "a.b"}], "tall": {"b": 1, "long-er": [true]}}),
            "  name       = \"a\"\n  zone       = 1\n  depends_on = [a.b]\n\n  tall = {\n    b       = 1\n    long-er = [true]\n  }\n",
        );
    }

    #[test]
    fn blocks_stand_behind_attributes_and_apart() {
        check(
            json!({"rule": {"$block": [{"a": 1}, {"inner": {"$block": {"b": null}}}]}, "name": "x"}),
            "  name = \"x\"\n\n  rule {\n    a = 1\n  }\n\n  rule {\n    inner {\n      b = null\n    }\n  }\n",
        );
    }

    #[test]
    fn texts_with_signs_of_the_language_are_kept_as_texts() {
        check(
            json!({"a": "${x} %{y} \"z\"\n", "b": {"$text": ["5$ ", {"$ref": "k.n.id"}, "${"]}}),
            "  a = \"$${x} %%{y} \\\"z\\\"\\n\"\n  b = \"5$ ${k.n.id}$${\"\n",
        );
    }

    #[test]
    fn json_variables_and_loops_are_expressions() {
        check(
            json!({"for_each": {"a": {"x": 1}}, "v": {"$var": {"name": "image"}}, "j": {"$json": {"k": 1}}, "c": {"$compact": [{"$var": {"name": "t"}}]}}),
            "  for_each = {\n    a = {\n      x = 1\n    }\n  }\n\n  c = compact([var.t])\n  v = var.image\n\n  j = jsonencode({\n    k = 1\n  })\n",
        );
    }
}
