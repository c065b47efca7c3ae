//! What the builders made, started as they say; and the way back after an orderly stop.

use appia_drivers::build::{BuildCache, BuildRequest, Builder, Options, Progress};
use appia_intent::WorkloadKind;
use appia_plan::{ArtifactId, Verb};
use appia_runtime::agent::Shutdown;

use crate::bench::{Bench, container, get, http_port, wait_until, workload, workload_object};

#[tokio::test(flavor = "multi_thread")]
async fn a_static_site_is_built_served_and_comes_back_after_a_stop() {
    let mut bench = Bench::new().await;
    let source = bench.home.root().join("source");
    std::fs::create_dir(&source).unwrap();
    std::fs::write(source.join("index.html"), "<h1>hello</h1>").unwrap();
    let request = BuildRequest {
        workload: "site".into(),
        context: source,
        builder: Builder::Static,
        options: Options::default(),
    };
    let artifact =
        BuildCache::new(bench.home.artifacts()).build(&request, &Progress::silent()).await.unwrap();
    let mut main = container(&[], &[]);
    main.command = None;
    main.artifact = Some(ArtifactId(artifact.hash.to_string()));
    let mut site = workload("site", WorkloadKind::Site, main);
    site.ports = http_port();
    bench.take(Verb::Create, &workload_object(site)).await.unwrap();
    let status = bench.workload("site").await;
    let url = status.url.unwrap();
    assert_eq!(get(&url, "/").as_deref(), Some("<h1>hello</h1>"));
    assert_eq!(status.instances[0].release, artifact.hash.short());

    let pid = status.instances[0].pid.unwrap();
    bench.agent.shutdown(Shutdown::StopAll).await.unwrap();
    assert!(!crate::bench::is_alive(pid));
    bench.start_agent().await;
    wait_until("it is served again", || get(&url, "/").is_some()).await;

    // An orderly end that leaves everything running: an upgrade of the binary.
    let pid = bench.healthy("site").await.instances[0].pid;
    bench.agent.shutdown(Shutdown::LeaveRunning).await.unwrap();
    bench.start_agent().await;
    wait_until("it is served again", || get(&url, "/").is_some()).await;
    assert_eq!(bench.healthy("site").await.instances[0].pid, pid);
    bench.finish().await;
}
