//! A release that is bad in a way which shows only later: the one before it serves throughout, or comes back.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::thread::JoinHandle;

use appia_intent::units::Duration as Span;
use appia_plan::local::Workload;
use appia_plan::{Driver, DriverError, Object, Verb};
use appia_runtime::leaks;

use crate::bench::{Bench, get, wait_until, wait_until_async, web, workload_object};

/// `web` under this environment, watched for so long.
fn watched(env: &[(&str, &str)], millis: u64) -> Object {
    workload_object(Workload { watch: Some(Span::from_millis(millis)), ..web("api", env) })
}

/// Clients that ask without a pause, and what they did not get.
struct Clients {
    over: Arc<AtomicBool>,
    asked: Arc<AtomicU64>,
    threads: Vec<JoinHandle<u64>>,
}

impl Clients {
    fn start(url: &str) -> Clients {
        let (over, asked) = (Arc::new(AtomicBool::new(false)), Arc::new(AtomicU64::new(0)));
        let client = |_| {
            let (url, over, asked) = (url.to_owned(), over.clone(), asked.clone());
            std::thread::spawn(move || {
                let mut failed = 0;
                while !over.load(Ordering::Relaxed) {
                    failed += u64::from(get(&url, "/").is_none());
                    asked.fetch_add(1, Ordering::Relaxed);
                }
                failed
            })
        };
        let threads = (0..4).map(client).collect();
        Clients { over, asked, threads }
    }

    /// How many requests failed, of at least a few.
    fn failed(self) -> u64 {
        self.over.store(true, Ordering::Relaxed);
        let failed = self.threads.into_iter().map(|client| client.join().unwrap()).sum();
        assert!(self.asked.load(Ordering::Relaxed) > 20);
        failed
    }
}

/// What is said of a release that fails its trial while clients ask; none of them notices.
async fn failed_trial(bad: &Object) -> (String, Vec<String>) {
    let bench = Bench::new().await;
    let good = watched(&[("VERSION", "good")], 100);
    bench.take(Verb::Create, &good).await.unwrap();
    let before = bench.workload("api").await;
    let url = before.url.clone().unwrap();
    let clients = Clients::start(&url);
    let Err(DriverError::Permanent { message, detail, .. }) = bench.take(Verb::Change, bad).await else {
        panic!("the bad release passed");
    };
    assert_eq!(clients.failed(), 0);
    let after = bench.workload("api").await;
    assert_eq!((after.instances, get(&url, "/").as_deref()), (before.instances, Some("good")));
    let observed = bench.driver.observe(&bench.owner).await.unwrap();
    assert_eq!(observed.objects.values().next().unwrap().applied.as_ref(), Some(&good));
    assert_eq!(leaks(bench.home.clone()).await.unwrap(), [], "nothing of the bad release is left");
    bench.finish().await;
    (message, detail)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_release_that_crashes_while_it_is_watched_is_taken_back() {
    let (message, detail) =
        failed_trial(&watched(&[("VERSION", "bad"), ("CRASH_AFTER_MILLIS", "300")], 60_000)).await;
    assert!(message.contains("did not hold") && message.contains("ended with status 3"), "{message}");
    assert!(detail.iter().any(|line| line == "no more of this"), "{detail:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_release_that_answers_with_errors_is_taken_back() {
    let (message, detail) = failed_trial(&watched(&[("VERSION", "bad"), ("ILL", "1")], 60_000)).await;
    assert!(message.contains("requests that the release before it could answer"), "{message}");
    assert!(detail.iter().any(|line| line.starts_with("listening on")), "{detail:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_release_that_crashes_again_and_again_after_its_trial_gives_way_to_the_one_before() {
    let bench = Bench::new().await;
    bench.take(Verb::Create, &watched(&[("VERSION", "good")], 50)).await.unwrap();
    let url = bench.workload("api").await.url.unwrap();
    let bad = watched(&[("VERSION", "bad"), ("CRASH_AFTER_MILLIS", "400")], 50);
    bench.take(Verb::Change, &bad).await.unwrap();
    wait_until_async("the release before serves", async || {
        let status = bench.workload("api").await;
        status.trouble.is_some_and(|trouble| trouble.contains("crashed 3 times"))
    })
    .await;
    assert_eq!(get(&url, "/").as_deref(), Some("good"));
    let status = bench.healthy("api").await;
    assert!(status.trouble.unwrap().contains("ended with status 3"));
    bench.take(Verb::Change, &watched(&[("VERSION", "better")], 50)).await.unwrap();
    assert_eq!((get(&url, "/").as_deref(), bench.workload("api").await.trouble), (Some("better"), None));
    assert_eq!(leaks(bench.home.clone()).await.unwrap(), []);
    bench.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_agent_killed_during_a_trial_comes_back_with_the_release_before() {
    let mut bench = Bench::new().await;
    let good = watched(&[("VERSION", "good")], 50);
    bench.take(Verb::Create, &good).await.unwrap();
    let url = bench.workload("api").await.url.unwrap();
    let next = watched(&[("VERSION", "next")], 3_600_000);
    let kill = async {
        wait_until("the new release is asked", || get(&url, "/").as_deref() == Some("next")).await;
        let pid = i32::try_from(bench.agent.hello().await.unwrap().pid).unwrap();
        crate::bench::signal(pid, nix::sys::signal::Signal::SIGKILL);
    };
    let (taken, ()) = tokio::join!(bench.take(Verb::Change, &next), kill);
    assert!(taken.is_err());
    bench.start_agent().await;
    wait_until("the release before serves", || get(&url, "/").as_deref() == Some("good")).await;
    assert_eq!(bench.healthy("api").await.instances.len(), 1);
    let observed = bench.driver.observe(&bench.owner).await.unwrap();
    assert_eq!(observed.objects.values().next().unwrap().applied.as_ref(), Some(&good));
    assert_eq!(leaks(bench.home.clone()).await.unwrap(), []);
    bench.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn everything_is_stopped_in_the_middle_of_a_trial() {
    let bench = Bench::new().await;
    bench.take(Verb::Create, &watched(&[("VERSION", "good")], 50)).await.unwrap();
    let url = bench.workload("api").await.url.unwrap();
    let next = watched(&[("VERSION", "next")], 3_600_000);
    let stop = async {
        wait_until("the new release is asked", || get(&url, "/").as_deref() == Some("next")).await;
        bench.agent.shutdown(appia_runtime::agent::Shutdown::StopAll).await.unwrap();
    };
    let (taken, ()) = tokio::join!(bench.take(Verb::Change, &next), stop);
    assert!(taken.is_err());
    let root = bench.home.root().to_str().unwrap().to_owned();
    wait_until("no process of this home is left", || crate::bench::processes_naming(&root).is_empty()).await;
}
