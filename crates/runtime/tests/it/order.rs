//! Containers of one workload wait for each other as stated, and readiness that is a command holds them back.

use std::collections::BTreeMap;

use appia_intent::{ContainerName, ProbeCheck, Ready, WorkloadKind};
use appia_plan::Verb;
use appia_plan::local::{Container, Probe, Workload};

use crate::bench::{Bench, container, probe, wait_until, workload, workload_object};

fn sh(script: &str) -> Container {
    container(&["/bin/sh", "-c", script], &[])
}

fn asks(script: &str) -> Option<Probe> {
    Some(probe(ProbeCheck::Exec { command: ["/bin/sh", "-c", script].map(String::from).to_vec() }))
}

/// `seed` before `cache` before `side` before `main`, each for another reason.
fn chain(marks: &str) -> Workload {
    let step = |name: &str| format!("cd {marks}; echo {name} >> steps");
    let lives = |name: &str| sh(&format!("{}; exec sleep 1000", step(name)));
    let name = |name: &str| ContainerName::new(name).unwrap();
    let waits = |next: &str, ready: Ready| BTreeMap::from([(name(next), ready)]);
    let seed =
        format!("cd {marks}; echo > seeding; until test -e seeded; do sleep 0.01; done; echo seed >> steps");
    let seed = Container { before: waits("cache", Ready::Complete), ..sh(&seed) };
    let cache = Container {
        before: waits("side", Ready::Healthy),
        readiness: asks(&format!("cd {marks}; echo >> asked; test -e filled")),
        ..lives("cache")
    };
    // Whoever waited for its health would wait for ever.
    let side = Container {
        before: waits("main", Ready::Started),
        readiness: asks(&format!("grep main {marks}/steps")),
        ..lives("side")
    };
    let all = [("seed", seed), ("cache", cache), ("side", side), ("main", lives("main"))];
    let containers = all.into_iter().map(|(own, container)| (name(own), container)).collect();
    Workload { containers, ..workload("api", WorkloadKind::Worker, sh("true")) }
}

#[tokio::test(flavor = "multi_thread")]
async fn each_container_waits_until_the_one_before_it_is_complete_or_healthy_or_started() {
    let bench = Bench::new().await;
    let marks = bench.home.root().join("marks");
    std::fs::create_dir(&marks).unwrap();
    let read = |file: &str| std::fs::read_to_string(marks.join(file)).unwrap_or_default();
    let make = |file: &str| std::fs::write(marks.join(file), "").unwrap();
    let object = workload_object(chain(marks.to_str().unwrap()));
    let acts = async {
        wait_until("it begins", || marks.join("seeding").exists()).await;
        assert_eq!(read("steps"), "", "nothing starts before the seed is complete");
        make("seeded");
        wait_until("it was asked more than once", || read("asked").lines().count() > 2).await;
        assert_eq!(read("steps"), "seed\ncache\n", "nothing starts before the cache is healthy");
        make("filled");
    };
    let (taken, ()) = tokio::join!(bench.take(Verb::Create, &object), acts);
    taken.unwrap();
    assert_eq!(read("steps"), "seed\ncache\nside\nmain\n");
    bench.finish().await;
}
