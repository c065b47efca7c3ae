//! What clouds make of every case, held against the schemas of the providers: no attribute that does not exist, none
//! missing, no reference that leads nowhere.

use std::path::Path;

use appia_diag::Diagnostics;
use appia_plan::{Object, Target};
use appia_targets::TARGETS;
use appia_tf_provider::{Schema, Thing, check};

use crate::cases::CASES;

#[test]
fn objects_are_what_providers_accept() {
    let Some(folder) = std::env::var_os("APPIA_JUDGE_SCHEMAS") else {
        appia_testkit::did_not_run("the schemas of providers: APPIA_JUDGE_SCHEMAS names no folder of them");
        return;
    };
    let schemas = Schema::read_folder(Path::new(&folder)).unwrap();
    let (mut looked_at, mut wrong) = (0, Vec::new());
    let has_regions = |target: &&&dyn Target| target.capacities().iter().any(|place| place.region.is_some());
    for target in TARGETS.iter().filter(has_regions) {
        for (name, case) in CASES {
            let objects = target.lower(&case().sized(*target), &mut Diagnostics::new());
            let things: Vec<Thing> = objects.iter().map(thing).collect();
            looked_at += things.len();
            let found = check(&schemas, &things);
            wrong.extend(found.iter().map(|finding| format!("{}/{name}: {finding}", target.name())));
        }
    }
    assert!(looked_at > 100, "{looked_at} objects are too few");
    assert!(wrong.is_empty(), "{} findings in {looked_at} objects:\n{}", wrong.len(), wrong.join("\n"));
}

fn thing(object: &Object) -> Thing {
    Thing { kind: object.id.kind.clone(), name: object.id.name.clone(), body: object.body.to_value() }
}
