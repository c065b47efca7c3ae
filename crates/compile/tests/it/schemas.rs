//! Whole plans for clouds, held against the schemas of the providers: the examples, and everything that a cloud offers.

use std::path::Path;

use appia_plan::{Object, Plan};
use appia_tf_provider::{Schema, Thing, check};

use super::clouds::{EVERYTHING, clouds};
use super::compile_text;

#[test]
fn plans_are_what_providers_accept() {
    let Some(folder) = std::env::var_os("APPIA_JUDGE_SCHEMAS") else {
        appia_testkit::did_not_run("the schemas of providers: APPIA_JUDGE_SCHEMAS names no folder of them");
        return;
    };
    let schemas = Schema::read_folder(Path::new(&folder)).unwrap();
    let storefront = include_str!("../../../../examples/storefront/appia.yaml");
    let mut wrong = Vec::new();
    for cloud in clouds() {
        for (name, text) in [("everything", EVERYTHING), ("storefront", storefront)] {
            let (plan, found) = compile_text(text, cloud.name());
            let plan = plan.unwrap_or_else(|| panic!("{} {name}: {found:#?}", cloud.name()));
            let things = things(&plan);
            assert!(things.len() > 4, "{}/{name} has {} objects", cloud.name(), things.len());
            let found = check(&schemas, &things);
            wrong.extend(found.iter().map(|finding| format!("{}/{name}: {finding}", cloud.name())));
        }
    }
    assert!(wrong.is_empty(), "{} findings:\n{}", wrong.len(), wrong.join("\n"));
}

fn things(plan: &Plan) -> Vec<Thing> {
    let thing = |object: &Object| Thing {
        kind: object.id.kind.clone(),
        name: object.id.name.clone(),
        body: object.body.to_value(),
    };
    plan.objects().map(thing).collect()
}
