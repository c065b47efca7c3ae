//! `kill -9` of the agent, of shims, of everything: nothing is lost, nothing is left over, data stays.

use appia_intent::WorkloadKind;
use appia_intent::units::Duration as Span;
use appia_plan::local::Workload;
use appia_plan::{DataFate, Driver, ObjectState, Verb};
use appia_runtime::agent::UnitState;
use appia_runtime::logs::{LogQuery, read};
use appia_runtime::{Home, leaks};
use futures::StreamExt;
use nix::sys::signal::Signal;

use crate::bench::{
    Bench, HOST, container, every_file, get, healthz, http_port, is_alive, processes_naming, signal,
    wait_until, web, workload, workload_object,
};
use crate::first_slice::{postgres, secret};

#[tokio::test(flavor = "multi_thread")]
async fn the_next_agent_finds_the_same_processes_and_no_line_is_lost() {
    let mut bench = Bench::new().await;
    let counting = "i=0; while [ $i -lt 400 ]; do i=$((i+1)); echo line $i; sleep 0.005; done; sleep 1000";
    bench.take(Verb::Create, &workload_object(web("api", &[("VERSION", "one")]))).await.unwrap();
    let worker = workload("count", WorkloadKind::Worker, container(&["/bin/sh", "-c", counting], &[]));
    bench.take(Verb::Create, &workload_object(worker)).await.unwrap();
    let before = bench.workload("api").await;
    let url = before.url.clone().unwrap();
    for _ in 0..3 {
        bench.kill_agent().await;
        assert_eq!(get(&url, "/").as_deref(), Some("one"), "the port is the same");
    }
    let after = bench.healthy("api").await;
    assert_eq!(after.instances[0].pid, before.instances[0].pid);
    assert_eq!((after.instances[0].restarts, after.state), (0, UnitState::Healthy));
    let query = || LogQuery { workloads: ["count".to_owned()].into(), ..LogQuery::default() };
    let last = bench.home.owner_folder(&bench.owner).join("logs/count");
    wait_until("all is written", || {
        every_file(&last).iter().any(|(_, bytes)| bytes.ends_with(b"line 400\n"))
    })
    .await;
    let lines: Vec<String> = read(&bench.home, &bench.owner, query()).map(|line| line.text).collect().await;
    let expect: Vec<String> = (1..=400).map(|number| format!("line {number}")).collect();
    assert_eq!(lines, expect);
    bench.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_exit_that_nobody_watched_is_known_afterwards() {
    let mut bench = Bench::new().await;
    bench.take(Verb::Create, &workload_object(web("api", &[]))).await.unwrap();
    let status = bench.workload("api").await;
    let url = status.url.unwrap();
    let agent = i32::try_from(bench.agent.hello().await.unwrap().pid).unwrap();
    signal(agent, Signal::SIGSTOP);
    let pid = status.instances[0].pid.unwrap();
    signal(pid, Signal::SIGABRT);
    wait_until("the program is gone", || !is_alive(pid)).await;
    signal(agent, Signal::SIGKILL);
    signal(agent, Signal::SIGCONT);
    wait_until("the agent is gone", || !is_alive(agent)).await;
    bench.start_agent().await;
    wait_until("it runs again", || get(&url, "/pid").is_some_and(|now| now != pid.to_string())).await;
    assert_eq!(bench.workload("api").await.instances[0].last_exit.as_deref(), Some("was killed by SIGABRT"));
    bench.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_program_whose_shim_is_killed_does_not_go_on_alone() {
    let bench = Bench::new().await;
    bench.take(Verb::Create, &workload_object(web("api", &[]))).await.unwrap();
    let status = bench.workload("api").await;
    let (url, pid) = (status.url.unwrap(), status.instances[0].pid.unwrap());
    signal(parent(pid), Signal::SIGKILL);
    wait_until("another one answers", || get(&url, "/pid").is_some_and(|now| now != pid.to_string())).await;
    assert!(!is_alive(pid));

    // One that opened a session of its own is found as well.
    let mark = bench.home.root().join("strayed");
    let script = format!("setsid sh -c 'echo $$ > {}; sleep 1000' & sleep 1000", mark.display());
    let worker = workload("stray", WorkloadKind::Worker, container(&["/bin/sh", "-c", &script], &[]));
    bench.take(Verb::Create, &workload_object(worker)).await.unwrap();
    wait_until("it has strayed", || std::fs::read_to_string(&mark).is_ok_and(|text| !text.is_empty())).await;
    let strayed: i32 = std::fs::read_to_string(&mark).unwrap().trim().parse().unwrap();
    let main = bench.workload("stray").await.instances[0].pid.unwrap();
    signal(parent(main), Signal::SIGKILL);
    wait_until("both are gone", || !is_alive(main) && !is_alive(strayed)).await;
    bench.healthy("stray").await;
    assert_eq!(leaks(bench.home.clone()).await.unwrap(), []);
    bench.finish().await;
}

fn parent(pid: i32) -> i32 {
    let stat = std::fs::read_to_string(format!("/proc/{pid}/stat")).unwrap();
    stat.rsplit_once(") ").unwrap().1.split(' ').nth(1).unwrap().parse().unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn after_everything_was_killed_at_once_everything_comes_back_with_its_data() {
    let mut bench = Bench::new().await;
    let api = workload_object(web("api", &[("DATABASE_URL", "${resources.db.url}")]));
    for object in [&secret(), &postgres(), &api] {
        bench.take(Verb::Create, object).await.unwrap();
    }
    let url = bench.workload("api").await.url.unwrap();
    assert_eq!(get(&url, "/query").as_deref(), Some("shop\n"));
    let root = bench.home.root().to_str().unwrap().to_owned();
    // The boot id that the records carry is another one now, as after a power cut.
    for pid in processes_naming(&root) {
        signal(pid, Signal::SIGKILL);
    }
    wait_until("nothing runs", || processes_naming(&root).iter().all(|pid| !is_alive(*pid))).await;
    for (path, bytes) in every_file(bench.home.root()) {
        if path.ends_with("run.json") {
            // Its digest is on the second line; a file without one is one of an earlier version.
            let json = bytes.split(|byte| *byte == b'\n').next().unwrap();
            let mut run: serde_json::Value = serde_json::from_slice(json).unwrap();
            run["boot_id"] = "another boot".into();
            std::fs::write(&path, run.to_string()).unwrap();
        }
    }
    bench.start_agent().await;
    wait_until("the database answers", || get(&url, "/query").as_deref() == Some("shop\n")).await;
    bench.healthy("api").await;
    assert_eq!(leaks(bench.home.clone()).await.unwrap(), []);
    bench.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_agent_killed_in_the_middle_of_a_step_leaves_nothing_that_the_step_taken_again_does_not_mend() {
    let mut bench = Bench::new().await;
    let slow = workload_object(web("api", &[("START_MILLIS", "400")]));
    let step = bench.take(Verb::Create, &slow);
    let kill = async {
        let folder = bench.home.owner_folder(&bench.owner).join("instances");
        wait_until("a program was started", || {
            every_file(&folder).iter().any(|(path, _)| path.ends_with("run.json"))
        })
        .await;
        let pid = i32::try_from(bench.agent.hello().await.unwrap().pid).unwrap();
        signal(pid, Signal::SIGKILL);
    };
    let (taken, ()) = tokio::join!(step, kill);
    assert!(taken.is_err());
    bench.start_agent().await;
    let observed = bench.driver.observe(&bench.owner).await.unwrap();
    assert_eq!(observed.objects.values().next().unwrap().state, ObjectState::Partial);
    bench.take(Verb::Create, &slow).await.unwrap();
    assert_eq!(bench.workload("api").await.instances.len(), 1);
    assert_eq!(leaks(bench.home.clone()).await.unwrap(), []);
    bench.take_with(Verb::Delete, &slow, DataFate::Deleted).await.unwrap();
    bench.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn there_is_one_agent_in_a_home() {
    let bench = Bench::new().await;
    let (home, program) = (bench.home.clone(), crate::bench::program());
    let first = bench.agent.hello().await.unwrap().pid;
    let others = (0..4).map(|_| appia_runtime::AgentClient::connect_or_start(&home, &program));
    for other in futures::future::join_all(others).await {
        assert_eq!(other.unwrap().hello().await.unwrap().pid, first);
    }
    let elsewhere: Home = bench.home.clone();
    assert!(matches!(
        appia_runtime::agent::run(elsewhere, program).await,
        Err(appia_runtime::agent::RunError::Already(_))
    ));
    bench.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_record_that_cannot_be_read_stops_neither_the_agent_nor_the_programs() {
    let mut bench = Bench::new().await;
    bench.take(Verb::Create, &workload_object(web("api", &[]))).await.unwrap();
    let pid = bench.workload("api").await.instances[0].pid.unwrap();
    let records = every_file(&bench.home.owner_folder(&bench.owner).join("objects"));
    let (path, whole) = records.iter().find(|(path, _)| path.ends_with("workload.api.json")).unwrap();
    std::fs::write(path, &whole[..whole.len() / 2]).unwrap();
    bench.kill_agent().await;
    assert!(is_alive(pid));
    assert!(bench.status().await.workloads.iter().all(|workload| workload.trouble.is_some()));
    std::fs::write(path, whole).unwrap();
    bench.kill_agent().await;
    assert_eq!(bench.healthy("api").await.instances[0].pid, Some(pid));
    // A byte that flips is found too, and the step taken again brings everything anew, once.
    let mut flipped = whole.clone();
    flipped[whole.len() / 2] ^= 1;
    std::fs::write(path, flipped).unwrap();
    bench.kill_agent().await;
    assert!(is_alive(pid));
    bench.take(Verb::Create, &workload_object(web("api", &[]))).await.unwrap();
    let healthy = bench.healthy("api").await;
    assert_eq!((healthy.instances.len(), &healthy.trouble), (1, &None));
    assert_eq!(healthy.instances[0].pid, Some(pid), "it was well all the time");
    bench.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_agent_killed_at_any_moment_of_a_rollout_leaves_one_version_and_nothing_else() {
    let mut bench = Bench::new().await;
    let release = |version: u64| workload_object(web("api", &[("VERSION", &version.to_string())]));
    bench.take(Verb::Create, &release(0)).await.unwrap();
    let url = bench.workload("api").await.url.unwrap();
    for round in 1..=8 {
        let pid = i32::try_from(bench.agent.hello().await.unwrap().pid).unwrap();
        // From before anything is written until after all is done.
        let moment = std::time::Duration::from_millis(round * 12);
        let object = release(round);
        let kill = async {
            tokio::time::sleep(moment).await;
            signal(pid, Signal::SIGKILL);
        };
        let (_, ()) = tokio::join!(bench.take(Verb::Change, &object), kill);
        wait_until("the agent is gone", || !is_alive(pid)).await;
        bench.start_agent().await;
        wait_until("one of the two serves", || get(&url, "/").is_some()).await;
        let answer = get(&url, "/").unwrap();
        assert!(
            answer == round.to_string() || answer == (round - 1).to_string(),
            "{answer} in round {round}"
        );
        bench.take(Verb::Change, &object).await.unwrap();
        assert_eq!(get(&url, "/"), Some(round.to_string()));
        assert_eq!(bench.workload("api").await.instances.len(), 1);
        assert_eq!(leaks(bench.home.clone()).await.unwrap(), [], "round {round}");
    }
    bench.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_gateway_is_back_while_what_nobody_wants_any_more_takes_its_time_to_end() {
    let mut bench = Bench::new().await;
    let stubborn = ["/bin/sh", "-c", "[ $VERSION = two ] || trap '' TERM; exec \"$0\" web", HOST];
    let release = |version: &str| {
        let mut container = container(&stubborn, &[("VERSION", version)]);
        container.readiness = Some(healthz());
        let service = workload("api", WorkloadKind::Service, container);
        // Without a trial, so that what is killed has switched: an agent killed in a trial comes back with the old one.
        let watch = Some(Span::from_millis(0));
        workload_object(Workload { ports: http_port(), grace: Span::from_seconds(600), watch, ..service })
    };
    bench.take(Verb::Create, &release("one")).await.unwrap();
    let before = bench.workload("api").await;
    let (url, old) = (before.url.clone().unwrap(), before.instances[0].pid.unwrap());
    let two = release("two");
    let kill = async {
        wait_until("the new one serves", || get(&url, "/").as_deref() == Some("two")).await;
        let agent = i32::try_from(bench.agent.hello().await.unwrap().pid).unwrap();
        signal(agent, Signal::SIGKILL);
        wait_until("the agent is gone", || !is_alive(agent)).await;
    };
    let (taken, ()) = tokio::join!(bench.take(Verb::Change, &two), kill);
    assert!(taken.is_err(), "the old one is still there");
    let served = async {
        wait_until("the new one is served again", || get(&url, "/").as_deref() == Some("two")).await;
        assert!(is_alive(old), "it has ten minutes to end");
        signal(old, Signal::SIGKILL);
    };
    tokio::join!(bench.start_agent(), served);
    bench.take(Verb::Change, &two).await.unwrap();
    assert_eq!(bench.healthy("api").await.instances.len(), 1);
    assert_eq!(leaks(bench.home.clone()).await.unwrap(), []);
    bench.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_agent_whose_home_is_removed_ends_with_all_it_runs() {
    let bench = Bench::new().await;
    bench.take(Verb::Create, &workload_object(web("api", &[]))).await.unwrap();
    let root = bench.home.root().to_str().unwrap().to_owned();
    assert!(!processes_naming(&root).is_empty());
    std::fs::remove_dir_all(bench.home.root()).unwrap();
    wait_until("nothing runs", || processes_naming(&root).is_empty()).await;
}
