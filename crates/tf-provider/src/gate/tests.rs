//! A toy provider, and one object wrong in each way.

use serde_json::json;

use super::*;

fn toy() -> Schema {
    let text = r#"{"provider_schemas": {"registry.terraform.io/example/toy": {"provider": {}, "resource_schemas": {
      "toy_box": {"block": {
        "attributes": {"id": {"type": "string", "computed": true}, "size": {"type": "number", "required": true},
          "open": {"type": "bool", "optional": true}, "tags": {"type": ["map", "string"], "optional": true},
          "zones": {"type": ["set", "string"], "optional": true, "computed": true}},
        "block_types": {
          "lid": {"nesting_mode": "list", "max_items": 1, "block": {"attributes": {"colour": {"type": "string", "required": true}}}},
          "wall": {"nesting_mode": "set", "min_items": 2, "block": {"attributes": {"height": {"type": "number", "optional": true}}}}}}},
      "toy_shelf": {"block": {"attributes": {"box": {"type": "string", "optional": true}, "boxes": {"type": ["list", "string"], "optional": true}}}}}}}}"#;
    Schema::read(text).unwrap()
}

fn thing(kind: &str, name: &str, body: Value) -> Thing {
    Thing { kind: kind.to_owned(), name: name.to_owned(), body }
}

fn check_box(change: impl FnOnce(&mut Value), expect: &[&str]) {
    let mut body = json!({ "size": 3, "lid": { "colour": "red" }, "wall": [{ "height": "2" }, {}], "tags": { "a": "b" } });
    change(&mut body);
    let shelf = json!({ "box": { "$ref": "toy_box.big.id" }, "boxes": [{ "$var": "other" }] });
    let found = check(&[toy()], &[thing("toy_box", "big", body), thing("toy_shelf", "low", shelf)]);
    let found: Vec<String> = found.iter().map(ToString::to_string).collect();
    assert_eq!(found, expect);
}

#[test]
fn what_is_right_is_let_through() {
    check_box(|_| {}, &[]);
    check_box(|body| body["open"] = json!("true"), &[]);
    check_box(|body| body["lifecycle"] = json!({ "prevent_destroy": true }), &[]);
    check_box(|body| body["open"] = Value::Null, &[]);
}

#[test]
fn attributes_have_to_exist_and_to_be_there() {
    check_box(|body| body["sise"] = json!(3), &["toy_box.big.sise: there is no such attribute"]);
    check_box(|body| body["size"] = Value::Null, &["toy_box.big.size: it is required and missing"]);
    check_box(|body| body["id"] = json!("x"), &["toy_box.big.id: only the provider sets it"]);
    check_box(|body| body["lid"] = json!({}), &["toy_box.big.lid.colour: it is required and missing"]);
}

#[test]
fn types_and_nesting_have_to_fit() {
    check_box(|body| body["size"] = json!("three"), &["toy_box.big.size: it is to be a number"]);
    check_box(|body| body["zones"] = json!("a"), &["toy_box.big.zones: it is to be a set"]);
    check_box(|body| body["tags"] = json!(["a"]), &["toy_box.big.tags: it is to be a map"]);
    check_box(|body| body["lid"] = json!("red"), &["toy_box.big.lid: it is a block, not a value"]);
    let two = json!([{ "colour": "red" }, { "colour": "blue" }]);
    check_box(|body| body["lid"] = two, &["toy_box.big.lid: there are 2 of it; allowed are 0 to 1"]);
    let few = "toy_box.big.wall: there are 1 of it; allowed are 2 to any number";
    check_box(|body| body["wall"] = json!([{}]), &[few]);
}

#[test]
fn references_have_to_lead_somewhere() {
    let shelf = |body| {
        let all = [
            thing("toy_box", "big", json!({ "size": 1, "wall": [{}, {}] })),
            thing("toy_shelf", "low", body),
        ];
        check(&[toy()], &all).iter().map(|finding| finding.message.clone()).collect::<Vec<_>>()
    };
    assert_eq!(shelf(json!({ "box": { "$ref": "toy_box.big.size" } })), [""; 0]);
    assert_eq!(
        shelf(json!({ "box": { "$ref": "toy_box.small.id" } })),
        ["`toy_box.small.id` refers to an object that is not there"]
    );
    assert_eq!(shelf(json!({ "box": { "$ref": "toy_box.big.url" } })), ["`toy_box` has no `url`"]);
    assert_eq!(
        shelf(json!({ "box": { "$ref": "toy_box.big.zones" } })),
        ["`toy_box.big.zones` is a set, which does not fit"]
    );
    assert_eq!(shelf(json!({ "boxes": { "$ref": "toy_box.big.zones" } })), [""; 0]);
    let of_instance = json!({ "boxes": [{ "$ref": "toy_box.big[\"a\"].id" }, { "$ref": "each.value.id" }] });
    assert_eq!(shelf(of_instance), [""; 0]);
    let no_type = json!({ "box": { "$ref": "toy_bocks.big.id" } });
    assert_eq!(shelf(no_type), ["`toy_bocks.big.id` refers to an object that is not there"]);
    let inside = json!({ "box": { "$ref": "join(\"-\", toy_box.small[*].id)" } });
    assert_eq!(shelf(inside), ["`toy_box.small[*].id` refers to an object that is not there"]);
    let text = json!({ "box": { "$text": ["https://", { "$ref": "toy_box.big.url" }] } });
    assert_eq!(shelf(text), ["`toy_box` has no `url`"]);
    let document = json!({ "box": { "$json": { "to": [{ "$ref": "toy_box.small.id" }] } } });
    assert_eq!(shelf(document), ["`toy_box.small.id` refers to an object that is not there"]);
    let bare = "`toy_box.big.id` stands in a text, where nothing puts its value in";
    assert_eq!(shelf(json!({ "box": "x/toy_box.big.id" })), [bare]);
}

#[test]
fn blocks_are_told_from_attributes() {
    check_box(|body| body["lid"] = json!({ "$block": { "colour": "red" } }), &[]);
    check_box(
        |body| body["tags"] = json!({ "$block": { "a": "b" } }),
        &["toy_box.big.tags: it is an attribute, not a block"],
    );
    check_box(
        |body| body["zones"] = json!([{ "$block": {} }]),
        &["toy_box.big.zones[0]: a block stands where a value belongs"],
    );
}

#[test]
fn objects_have_a_known_type_and_a_name_of_their_own() {
    let one = || thing("toy_shelf", "low", json!({}));
    let found = check(&[toy()], &[one(), one(), thing("toy_lamp", "on", json!({}))]);
    let found: Vec<String> = found.iter().map(ToString::to_string).collect();
    assert_eq!(
        found,
        ["toy_lamp.on: no provider has such a resource", "toy_shelf.low: there are two of that name"]
    );
}
