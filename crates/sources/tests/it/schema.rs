//! The JSON Schema of `appia.yaml` agrees with the reader: it is made from the same table.

use appia_diag::Diagnostics;
use appia_sources::{appia, yaml};

use crate::golden;

fn validator() -> jsonschema::Validator {
    jsonschema::draft202012::new(&appia::schema()).unwrap()
}

fn json(text: &str) -> Option<serde_json::Value> {
    yaml::parse("appia.yaml", text.as_bytes(), &mut Diagnostics::new()).map(|node| node.to_json())
}

#[test]
fn is_a_valid_schema() {
    jsonschema::draft202012::meta::validate(&appia::schema()).unwrap();
}

#[test]
fn takes_every_good_file() {
    let validator = validator();
    for case in golden::cases("appia/good.txt") {
        for (path, text) in case.files("appia.yaml") {
            if !path.ends_with(".yaml") {
                continue;
            }
            let errors: Vec<String> = validator
                .iter_errors(&json(&text).unwrap())
                .map(|error| format!("{}: {error}", error.instance_path()))
                .collect();
            assert!(errors.is_empty(), "case `{}`: {}", case.name, errors.join("\n"));
        }
    }
}

/// What no schema can say: these cases of the broken files are refused by the reader alone.
const BEYOND_A_SCHEMA: &str = "(reader)";

#[test]
fn refuses_every_broken_file_that_a_schema_can_refuse() {
    let validator = validator();
    for case in golden::cases("appia/broken.txt") {
        let text = &case.files("appia.yaml")[0].1;
        let Some(value) = json(text) else { continue };
        let beyond = case.name.ends_with(BEYOND_A_SCHEMA);
        assert_eq!(validator.is_valid(&value), beyond, "case `{}`", case.name);
    }
}

#[test]
fn every_key_has_a_description_and_an_example() {
    fn walk(value: &serde_json::Value, seen: &mut usize) {
        if let Some(properties) = value.get("properties").and_then(|found| found.as_object()) {
            for (name, property) in properties {
                assert!(!property["description"].as_str().unwrap().is_empty(), "{name}");
                assert!(!property["examples"][0].is_null(), "{name}");
                *seen += 1;
            }
        }
    }
    let schema = appia::schema();
    let mut seen = 0;
    walk(&schema, &mut seen);
    schema["$defs"].as_object().unwrap().values().for_each(|object| walk(object, &mut seen));
    assert!(seen > 80, "only {seen} keys");
}

#[test]
fn every_key_stands_in_the_reference() {
    let page = appia::reference_markdown();
    let schema = appia::schema();
    let objects = schema["$defs"].as_object().unwrap().values().chain([&schema]);
    for object in objects {
        for name in object["properties"].as_object().unwrap().keys() {
            assert!(page.contains(&format!("| `{name}`")), "{name}");
        }
    }
}
