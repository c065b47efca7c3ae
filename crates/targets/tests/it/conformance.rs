//! What every registered target has to keep, over every case.

use std::collections::{BTreeMap, BTreeSet};

use appia_diag::Diagnostics;
use appia_intent::{Balance, WorkloadKind};
use appia_plan::phase::SizedApp;
use appia_plan::{Object, ObjectId, Provides, Target};
use appia_targets::{TARGETS, find};

use crate::build::{app, workload};
use crate::cases::CASES;

fn each(check: impl Fn(&str, &'static dyn Target, &SizedApp, &[Object])) {
    for target in TARGETS {
        for (name, case) in CASES {
            let app = case().sized(*target);
            let objects = target.lower(&app, &mut Diagnostics::new());
            check(&format!("{}/{name}", target.name()), *target, &app, &objects);
        }
    }
}

#[test]
fn targets_are_found_by_name() {
    let names: BTreeSet<&str> = TARGETS.iter().map(|target| target.name()).collect();
    assert_eq!(names.len(), TARGETS.len());
    for target in TARGETS {
        assert_eq!(find(target.name()).unwrap().name(), target.name());
    }
}

/// A target balances as it is asked to, or says that it does not.
#[test]
fn a_way_to_balance_is_kept_or_told() {
    let said = |target: &&'static dyn Target, balance| {
        let web = workload("web").built("./web").http(80).balanced(balance);
        let mut sink = Diagnostics::new();
        target.lower(&app("shop").with(web).sized(*target), &mut sink);
        sink.iter().filter(|found| found.code.id == "APP0903" && found.message.contains("least busy")).count()
    };
    let told = |balance| {
        TARGETS.iter().map(|target| (target.name(), said(target, balance))).collect::<BTreeMap<_, _>>()
    };
    assert!(told(Balance::RoundRobin).values().all(|count| *count == 0));
    let expected = [("aws", 0), ("azure", 1), ("gcp", 1), ("kubernetes", 1), ("local", 0)];
    assert_eq!(told(Balance::LeastConnections), BTreeMap::from(expected));
}

#[test]
fn offers_every_kind_and_what_exists_already() {
    for target in TARGETS {
        let offerings = target.offerings();
        for (_, kind) in WorkloadKind::ALL {
            assert!(offerings.iter().any(|offering| offering.provides == Provides::Workload(*kind)));
        }
        let external =
            |provides: &Provides| matches!(provides, Provides::Resource(name) if name == "external");
        assert!(offerings.iter().any(|offering| external(&offering.provides)));
        let names: BTreeSet<&str> = offerings.iter().map(|offering| offering.name.as_ref()).collect();
        assert_eq!(names.len(), offerings.len(), "two offerings of {} share a name", target.name());
        let prefix = format!("{}/", target.name());
        assert!(names.iter().all(|name| name.starts_with(&prefix)));
        assert!(offerings.iter().all(|offering| !offering.summary.is_empty()));
    }
}

#[test]
fn objects_have_names_of_their_own() {
    each(|case, _, _, objects| {
        let ids: BTreeSet<&ObjectId> = objects.iter().map(|object| &object.id).collect();
        assert_eq!(ids.len(), objects.len(), "{case}");
        assert!(!objects.is_empty(), "{case}");
    });
}

#[test]
fn needs_name_objects_and_go_in_no_circle() {
    each(|case, _, _, objects| {
        let mut open: BTreeMap<&ObjectId, Vec<&ObjectId>> =
            objects.iter().map(|object| (&object.id, object.needs.iter().collect())).collect();
        let known: BTreeSet<&ObjectId> = open.keys().copied().collect();
        for object in objects {
            assert!(
                object.needs.iter().all(|need| known.contains(need)),
                "{case}: {} needs what is not there",
                object.id
            );
        }
        while !open.is_empty() {
            let free: BTreeSet<&ObjectId> =
                open.iter().filter(|(_, needs)| needs.is_empty()).map(|(id, _)| *id).collect();
            assert!(!free.is_empty(), "{case}: {:?} stand in a circle", open.keys());
            open.retain(|id, _| !free.contains(id));
            open.values_mut().for_each(|needs| needs.retain(|need| !free.contains(need)));
        }
    });
}

#[test]
fn gives_the_same_for_the_same() {
    for target in TARGETS {
        for (name, case) in CASES {
            let (one, other) = (case().sized(*target), case().reversed().sized(*target));
            let (mut said, mut said_again) = (Diagnostics::new(), Diagnostics::new());
            let objects = target.lower(&one, &mut said);
            assert_eq!(objects, target.lower(&other, &mut said_again), "{}/{name}", target.name());
            assert_eq!(said, said_again, "{}/{name}", target.name());
            let files = target.render(&one, &objects);
            let mut turned = objects.clone();
            turned.reverse();
            assert_eq!(
                files,
                target.render(&one, &turned),
                "{}/{name} depends on the order of objects",
                target.name()
            );
        }
    }
}

#[test]
fn every_workload_has_an_object_of_its_address() {
    each(|case, _, app, objects| {
        for workload in app.workloads.keys() {
            let address = appia_intent::Address::workload(workload);
            assert!(objects.iter().any(|object| object.address == address), "{case}: nothing for {address}");
        }
    });
}

/// No target knows a secret's value, so what could be one must be a reference: the password of a database stands
/// nowhere but under a key that says where it is kept.
#[test]
fn secrets_stand_by_reference_only() {
    each(|case, target, app, objects| {
        for object in objects {
            assert_ne!(object.body.to_value()["kind"], "Secret", "{case}: {} would hold a secret", object.id);
        }
        for (file, content) in target.render(app, objects) {
            let text = String::from_utf8(content).unwrap();
            let given = ["PASSWORD: ", "password: ", "requirepass: ", "POSTGRES_PASSWORD="];
            for line in text.lines() {
                assert!(!given.iter().any(|word| line.contains(word)), "{case}/{file}: {line}");
                let url = line.split("://").nth(1).and_then(|rest| rest.split_once('@'));
                let password = url.and_then(|(user, _)| user.split_once(':'));
                let by_reference = |password: &str| password.starts_with("$(") || password.starts_with("${");
                assert!(
                    password.is_none_or(|(_, password)| by_reference(password))
                        || line.contains("\"reference\"")
                        || line.contains("@sha256"),
                    "{case}/{file}: {line}"
                );
            }
        }
    });
}

#[test]
fn renders_text_that_ends_in_a_line() {
    each(|case, target, app, objects| {
        if target.unrendered().is_some() {
            return;
        }
        let files = target.render(app, objects);
        assert!(files.contains_key("README.md"), "{case}");
        for (name, content) in files {
            assert!(content.ends_with(b"\n"), "{case}/{name}");
            assert!(!name.contains('/') && !name.starts_with('.'), "{case}/{name}");
        }
    });
}
