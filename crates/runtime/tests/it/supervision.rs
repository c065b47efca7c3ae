//! Restarts, probes, limits, stopping, start order, files, jobs.

use std::collections::BTreeMap;

use appia_intent::units::{Bytes, Duration as Span};
use appia_intent::{Address, ContainerName, ProbeCheck, Ready, ResourceName, Template, WorkloadKind};
use appia_plan::local::{Body, File, FileContent, Probe, Volume, VolumeMount, Workload};
use appia_plan::{DataFate, DriverError, Object, ObjectState, Retention, Verb};
use appia_runtime::agent::UnitState;
use nix::sys::signal::Signal;

use crate::bench::{
    Bench, HOST, container, get, healthz, http_port, is_alive, object, probe, signal, wait_until, web,
    workload, workload_object,
};

fn sh(script: &str) -> appia_plan::local::Container {
    container(&["/bin/sh", "-c", script], &[])
}

#[tokio::test(flavor = "multi_thread")]
async fn a_program_that_ends_is_started_again_and_its_reason_is_kept() {
    let bench = Bench::new().await;
    bench.take(Verb::Create, &workload_object(web("api", &[]))).await.unwrap();
    let before = bench.workload("api").await;
    let url = before.url.clone().unwrap();
    let pid = before.instances[0].pid.unwrap();
    get(&url, "/crash");
    wait_until("it answers again", || get(&url, "/pid").is_some_and(|now| now != pid.to_string())).await;
    let after = bench.healthy("api").await.instances[0].clone();
    assert_eq!((after.restarts, after.last_exit.as_deref()), (1, Some("ended with status 3")));
    assert_eq!(after.id, before.instances[0].id, "it is the same instance on the same port");
    signal(after.pid.unwrap(), Signal::SIGKILL);
    wait_until("it answers again", || {
        get(&url, "/pid").is_some_and(|now| now != after.pid.unwrap().to_string())
    })
    .await;
    let after = bench.healthy("api").await.instances[0].clone();
    assert_eq!((after.restarts, after.last_exit.as_deref()), (2, Some("was killed by SIGKILL")));
    bench.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_program_that_fails_its_liveness_probe_is_restarted() {
    let bench = Bench::new().await;
    let flag = bench.home.root().join("ill");
    let mut main = container(&[HOST, "web"], &[]);
    main.readiness = Some(healthz());
    let question = format!("test ! -e {}", flag.display());
    main.liveness = Some(probe(ProbeCheck::Exec { command: vec!["/bin/sh".into(), "-c".into(), question] }));
    let api = Workload {
        containers: BTreeMap::from([(ContainerName::new("main").unwrap(), main)]),
        ..web("api", &[])
    };
    bench.take(Verb::Create, &workload_object(api)).await.unwrap();
    let status = bench.workload("api").await;
    let (url, pid) = (status.url.unwrap(), status.instances[0].pid.unwrap().to_string());
    std::fs::write(&flag, "").unwrap();
    wait_until("it was restarted", || get(&url, "/pid").is_some_and(|now| now != pid)).await;
    std::fs::remove_file(&flag).unwrap();
    assert!(bench.workload("api").await.instances[0].restarts >= 1);
    bench.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stubborn_group_is_killed_after_its_grace_with_all_that_left_it() {
    let bench = Bench::new().await;
    let marks = bench.home.root().join("marks");
    std::fs::create_dir(&marks).unwrap();
    let script = format!(
        "trap '' TERM; cd {}; (trap '' TERM; echo > in; sleep 1000) & setsid sh -c 'trap \"\" TERM; echo $$ > out; sleep 1000' & sleep 1000",
        marks.display()
    );
    let stubborn =
        Workload { grace: Span::from_millis(300), ..workload("stubborn", WorkloadKind::Worker, sh(&script)) };
    let object = workload_object(stubborn);
    bench.take(Verb::Create, &object).await.unwrap();
    wait_until("both children run", || {
        marks.join("in").exists()
            && std::fs::read_to_string(marks.join("out")).is_ok_and(|text| !text.is_empty())
    })
    .await;
    let strayed: i32 = std::fs::read_to_string(marks.join("out")).unwrap().trim().parse().unwrap();
    let main = bench.workload("stubborn").await.instances[0].pid.unwrap();
    assert!(is_alive(strayed) && is_alive(main));
    bench.take(Verb::Delete, &object).await.unwrap();
    assert!(!is_alive(strayed) && !is_alive(main));
    bench.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_takes_too_much_memory_is_killed_and_says_so() {
    let bench = Bench::new().await;
    let mut main = sh("sleep 0.4; exec tail /dev/zero");
    main.memory_limit = Some(Bytes::new(32 << 20));
    let hungry = workload("hungry", WorkloadKind::Worker, main);
    // It lives long enough to count as started, then grows.
    let _ = bench.take(Verb::Create, &workload_object(hungry)).await;
    let deadline = std::time::Instant::now() + std::time::Duration::from_secs(30);
    loop {
        let exit =
            bench.status().await.workloads.first().and_then(|one| one.instances.first()?.last_exit.clone());
        if let Some(exit) = exit {
            // Without a cgroup for memory the program fails to allocate and ends by itself.
            let by_kernel = exit == "took more memory than it may and was killed";
            assert!(by_kernel || exit == "ended with status 1", "{exit}");
            break;
        }
        assert!(std::time::Instant::now() < deadline);
        tokio::time::sleep(std::time::Duration::from_millis(20)).await;
    }
    bench.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_starts_again_tells_how_its_last_run_ended() {
    let bench = Bench::new().await;
    let once = bench.home.root().join("once");
    let mut main = sh(&format!("test -e {0} || {{ touch {0}; exit 7; }}; sleep 1000", once.display()));
    main.readiness = Some(Probe { start_within: Span::from_seconds(4), ..healthz() });
    let service = Workload { ports: http_port(), ..workload("api", WorkloadKind::Service, main) };
    match bench.take(Verb::Create, &workload_object(service)).await {
        Err(DriverError::Permanent { message, .. }) => {
            assert!(message.contains("nothing listens on port"), "{message}");
            assert!(message.contains("in its last run the program ended with status 7"), "{message}");
        }
        other => panic!("{other:?}"),
    }
    bench.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn containers_start_in_order_and_files_are_in_place() {
    let bench = Bench::new().await;
    let steps = bench.home.root().join("steps");
    let log = |step: &str| format!("echo {step} >> {}", steps.display());
    let name = |name: &str| ContainerName::new(name).unwrap();
    let mut first = sh(&format!("sleep 0.2; {}", log("migrated")));
    first.before = BTreeMap::from([(name("main"), Ready::Complete)]);
    let mut main = sh(&format!("{}; cat config/app.toml >> {}; sleep 1000", log("started"), steps.display()));
    let content = FileContent::Text(Template::parse("app = \"${workloads.api.port}\"\n").unwrap());
    main.files = BTreeMap::from([("config/app.toml".to_owned(), File { mode: 0o600, content })]);
    let api = Workload {
        containers: BTreeMap::from([(name("first"), first), (name("main"), main)]),
        ..workload("api", WorkloadKind::Service, sh("true"))
    };
    let api = Workload { ports: crate::bench::http_port(), ..api };
    bench.take(Verb::Create, &workload_object(api)).await.unwrap();
    wait_until("all is written", || std::fs::read_to_string(&steps).unwrap_or_default().lines().count() == 3)
        .await;
    let port = bench.workload("api").await.url.unwrap().rsplit_once(':').unwrap().1.to_owned();
    assert_eq!(std::fs::read_to_string(&steps).unwrap(), format!("migrated\nstarted\napp = \"{port}\"\n"));
    bench.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_job_runs_to_its_end_and_one_that_fails_says_what_it_wrote() {
    let bench = Bench::new().await;
    let good = workload_object(workload("good", WorkloadKind::Job, sh("echo done")));
    let observed = bench.take(Verb::Create, &good).await.unwrap().unwrap();
    assert_eq!(observed.state, ObjectState::Ready);
    assert_eq!(bench.workload("good").await.state, UnitState::Stopped);
    let bad = workload_object(workload("bad", WorkloadKind::Job, sh("echo the reason >&2; exit 7")));
    match bench.take(Verb::Create, &bad).await {
        Err(DriverError::Permanent { message, detail, .. }) => {
            assert!(message.contains("status 7"), "{message}");
            assert!(detail.iter().any(|line| line == "the reason"), "{detail:?}");
        }
        other => panic!("{other:?}"),
    }
    let once = workload("clock", WorkloadKind::Cron, sh("true"));
    let wrong = Workload { schedule: Some("61 * * * *".into()), ..once };
    assert!(matches!(
        bench.take(Verb::Create, &workload_object(wrong)).await,
        Err(DriverError::Permanent { .. })
    ));
    bench.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_paused_comes_back_where_it_was() {
    let bench = Bench::new().await;
    let object = workload_object(web("api", &[("VERSION", "one")]));
    bench.take(Verb::Create, &object).await.unwrap();
    let url = bench.workload("api").await.url.unwrap();
    let paused = bench.take(Verb::Pause, &object).await.unwrap().unwrap();
    assert_eq!((paused.state, get(&url, "/")), (ObjectState::Paused, None));
    let resumed = bench.take(Verb::Resume, &object).await.unwrap().unwrap();
    assert_eq!((resumed.state, get(&url, "/").as_deref()), (ObjectState::Ready, Some("one")));
    bench.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_cannot_run_here_is_refused_with_a_way_out() {
    let bench = Bench::new().await;
    let mut image = container(&[], &[]);
    image.command = None;
    image.image = Some("nginx".into());
    let mut outside = sh("true");
    let content = FileContent::Binary(b"x".to_vec());
    outside.files = BTreeMap::from([("../app.toml".to_owned(), File { mode: 0o600, content })]);
    let unknown = container(&["true"], &[("X", "${resources.none.host}")]);
    let missing = container(&["/no/such/program"], &[]);
    for (container, expect) in [
        (image, "needs a container engine"),
        (outside, "leaves the program's own folder"),
        (unknown, "stands for nothing"),
        (missing, "`/no/such/program` cannot be started"),
    ] {
        match bench.take(Verb::Create, &workload_object(workload("x", WorkloadKind::Worker, container))).await
        {
            Err(DriverError::Permanent { message, .. }) => assert!(message.contains(expect), "{message}"),
            other => panic!("{other:?}"),
        }
    }
    bench.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_instance_that_is_not_ready_gets_no_requests_until_it_is() {
    let bench = Bench::new().await;
    let flag = bench.home.root().join("ill");
    let two = Workload { replicas: 2, ..web("api", &[("ILL_WHEN", flag.to_str().unwrap())]) };
    bench.take(Verb::Create, &workload_object(two)).await.unwrap();
    let status = bench.workload("api").await;
    let url = status.url.unwrap();
    let ill = &status.instances[0];
    let (flag, pid) = (format!("{}{}", flag.display(), ill.port.unwrap()), ill.pid.unwrap().to_string());
    let asked = || -> Vec<String> { (0..10).filter_map(|_| get(&url, "/pid")).collect() };
    assert!(asked().contains(&pid));
    std::fs::write(&flag, "").unwrap();
    wait_until("only the other one answers", || asked().iter().all(|other| *other != pid)).await;
    assert_eq!(bench.workload("api").await.state, UnitState::Unhealthy);
    std::fs::remove_file(&flag).unwrap();
    wait_until("both answer", || asked().contains(&pid)).await;
    assert_eq!(bench.healthy("api").await.instances[0].restarts, 0);
    bench.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn volumes_are_links_that_outlive_their_users() {
    let bench = Bench::new().await;
    let resource = ResourceName::new("store").unwrap();
    let body = Body::Volume(Volume { resource: resource.clone(), size: None });
    let volume = Object {
        retention: Retention::Data,
        ..object("volume", "store", Address::resource(&resource), &body)
    };
    bench.take(Verb::Create, &volume).await.unwrap();
    let mut main = sh("cat data/kept; echo again >> data/kept");
    main.volumes =
        BTreeMap::from([("data".to_owned(), VolumeMount { resource, path: None, read_only: false })]);
    main.env = BTreeMap::from([("WHERE".to_owned(), Template::parse("${resources.store}").unwrap())]);
    let job = |version: &str| {
        let mut main = main.clone();
        main.args = vec![version.to_owned()];
        workload_object(workload("job", WorkloadKind::Job, main))
    };
    std::fs::write(bench.home.owner_folder(&bench.owner).join("volumes/store/kept"), "once\n").unwrap();
    bench.take(Verb::Create, &job("1")).await.unwrap();
    bench.take(Verb::Change, &job("2")).await.unwrap();
    bench.take(Verb::Delete, &job("2")).await.unwrap();
    bench.take(Verb::Delete, &volume).await.unwrap();
    let kept = bench.home.owner_folder(&bench.owner).join("volumes/store/kept");
    assert_eq!(std::fs::read_to_string(&kept).unwrap(), "once\nagain\nagain\n");
    bench.take_with(Verb::Delete, &volume, DataFate::Deleted).await.unwrap();
    assert!(!kept.exists());
    bench.finish().await;
}
